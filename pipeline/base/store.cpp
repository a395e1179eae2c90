#include "pipeline/base/store.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <random>

namespace longtake {
namespace {

namespace fs = std::filesystem;

/// Under another name first, so that nobody sees half of it.
void copy_whole(const fs::path& from, const fs::path& to)
{
    make_folder(to.parent_path());
    PartFile part(to);
    std::error_code code;
    fs::copy_file(from, part.part(), fs::copy_options::overwrite_existing, code);
    if (code) {
        throw Error(Errc::storage, "copy '" + from.string() + "' to '" + to.string() + "': " + code.message());
    }
    part.commit();
}

} // namespace

std::string content_key(const std::string& sha256)
{
    return "sha256/" + sha256.substr(0, 2) + "/" + sha256;
}

bool is_store_key(const std::string& key)
{
    const auto plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-' || c == '/';
    };
    return !key.empty() && std::ranges::all_of(key, plain) && key.front() != '/' && key.back() != '/' &&
           key.find("//") == std::string::npos && key.find("..") == std::string::npos;
}

void check_store(Store& store)
{
    const std::string word = fmt::format("longtake {} {}", ::getpid(), std::random_device()());
    PartFile probe(fs::temp_directory_path() / "longtake-store-check");
    probe.write(word);
    const std::string key = fmt::format("check/{}-{:08x}", ::getpid(), std::random_device()());
    store.put(probe.part(), key);
    const PartFile back(fs::temp_directory_path() / "longtake-store-check-back");
    const bool there = store.get(key, back.part());
    store.remove(key);
    if (!there || read_text(back.part()) != word) {
        throw Error(Errc::storage, "the store '" + store.name() + "' does not give back what was put there");
    }
}

FolderStore::FolderStore(fs::path folder) : folder_(std::move(folder))
{
    try {
        make_folder(folder_);
    } catch (const Error& error) {
        throw Error(Errc::usage, "--store '" + folder_.string() + "': " + error.what());
    }
}

fs::path FolderStore::place(const std::string& key) const
{
    if (!is_store_key(key)) {
        throw Error(Errc::internal, "no key for a store: '" + key + "'");
    }
    return folder_ / key;
}

void FolderStore::put(const fs::path& file, const std::string& key)
{
    copy_whole(file, place(key));
}

bool FolderStore::get(const std::string& key, const fs::path& into)
{
    const fs::path from = place(key);
    std::error_code code;
    if (!fs::is_regular_file(from, code)) {
        if (!fs::is_directory(folder_, code)) {
            throw Error(Errc::pending, "the store '" + folder_.string() + "' is not there; mount it, and run again");
        }
        return false;
    }
    copy_whole(from, into);
    return true;
}

void FolderStore::remove(const std::string& key)
{
    std::error_code none;
    fs::remove(place(key), none);
}

bool FolderStore::has(const std::string& key)
{
    std::error_code code;
    return fs::is_regular_file(place(key), code);
}

} // namespace longtake
