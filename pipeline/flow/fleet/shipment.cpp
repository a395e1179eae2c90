#include "pipeline/flow/fleet/shipment.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* k_files = "$files";
constexpr std::array k_font_extensions = {".ttf", ".otf", ".ttc", ".woff", ".woff2"};

bool is_file_name(const json& value)
{
    std::error_code code;
    return value.is_string() && value.get_ref<const std::string&>().starts_with('/') &&
           fs::is_regular_file(value.get_ref<const std::string&>(), code);
}

/// Adds every string of `value` that is the name of a file below `folder`.
void add_named(const json& value, const fs::path& folder, std::set<fs::path>& names)
{
    if (value.is_structured()) {
        for (const json& member : value) {
            add_named(member, folder, names);
        }
    } else if (value.is_string()) {
        const fs::path name = fs::path(value.get<std::string>()).lexically_normal();
        std::error_code code;
        const bool below = !name.empty() && name.is_relative() && *name.begin() != "..";
        if (below && fs::is_regular_file(folder / name, code)) {
            names.insert(name);
        }
    }
}

/// What a file needs beside itself, by names relative to its folder.
std::set<fs::path> companions_of(const fs::path& file)
{
    std::set<fs::path> names;
    if (file.extension() != ".json") {
        return names;
    }
    const fs::path folder = file.parent_path();
    add_named(json::parse(read_text(file), nullptr, false), folder, names);
    std::error_code code;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, code)) {
        const std::string extension = entry.path().extension().string();
        if (std::ranges::find(k_font_extensions, extension) != k_font_extensions.end()) {
            names.insert(entry.path().filename());
        }
    }
    names.erase(file.filename());
    return names;
}

json pack_file(const fs::path& file, Store& store, FileHashes& hashes)
{
    json files = json::array();
    const auto add = [&](const fs::path& path, const fs::path& name) {
        const std::string sha256 = hashes.of(path);
        if (!store.has(content_key(sha256))) {
            store.put(path, content_key(sha256));
        }
        files.push_back({{"sha256", sha256}, {"name", name.string()}});
    };
    add(file, file.filename());
    for (const fs::path& name : companions_of(file)) {
        add(file.parent_path() / name, name);
    }
    return {{k_files, files}};
}

std::string unpack_files(const json& files, Store& store, FileHashes& hashes, const fs::path& folder)
{
    const fs::path place = folder / sha256_of(files.dump()).substr(0, 32);
    for (const json& file : files) {
        const fs::path name = fs::path(file.at("name").get<std::string>()).lexically_normal();
        const std::string sha256 = file.at("sha256");
        if (name.is_absolute() || *name.begin() == ".." || !is_store_key(content_key(sha256))) {
            throw Error(Errc::input, "a row names a file that lies elsewhere: '" + name.string() + "'");
        }
        const fs::path here = place / name;
        std::error_code code;
        if (fs::is_regular_file(here, code) && hashes.of(here) == sha256) {
            continue;
        }
        if (!store.get(content_key(sha256), here) || sha256_of_file(here) != sha256) {
            throw Error(Errc::storage, "the store '" + store.name() + "' has lost '" + name.string() + "' (" + sha256 +
                                           "), or has another file in its place; run the batch again, which puts it "
                                           "there");
        }
        hashes.remember(here, sha256);
    }
    return (place / files.at(0).at("name").get<std::string>()).string();
}

} // namespace

json packed(const json& board, Store& store, FileHashes& hashes)
{
    if (is_file_name(board)) {
        return pack_file(board.get<std::string>(), store, hashes);
    }
    json copy = board;
    if (copy.is_structured()) {
        for (json& member : copy) {
            member = packed(member, store, hashes);
        }
    }
    return copy;
}

json unpacked(const json& board, Store& store, FileHashes& hashes, const fs::path& folder)
{
    if (board.is_object() && board.size() == 1 && board.contains(k_files)) {
        return unpack_files(board.at(k_files), store, hashes, folder);
    }
    json copy = board;
    if (copy.is_structured()) {
        for (json& member : copy) {
            member = unpacked(member, store, hashes, folder);
        }
    }
    return copy;
}

} // namespace longtake
