#include "pipeline/flow/batch/remote_files.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/parallel.h"
#include "pipeline/http/download.h"

#include <algorithm>

namespace longtake {
namespace {

namespace fs = std::filesystem;

constexpr int k_at_once = 8;
constexpr const char* k_refusal = "is an address; --allow-remote fetches pictures, clips and sounds from the net";
constexpr std::int64_t k_most_bytes = 100'000'000;

bool is_address(const nlohmann::json& value)
{
    return value.is_string() && (value.get_ref<const std::string&>().starts_with("https://") ||
                                 value.get_ref<const std::string&>().starts_with("http://"));
}

/// Of a campaign's file, or of a list's element that may have one.
bool takes_files(const BatchSource& source, const std::string& key)
{
    if (!source.source.campaign) {
        return false; // a storyboard's paths are its own
    }
    const std::string first = key.substr(0, key.find('.'));
    const auto& variables = source.source.campaign->variables;
    const auto found = std::ranges::find(variables, first, &Variable::name);
    const bool list = found != variables.end() && found->type == Variable::Type::list;
    return found != variables.end() && (found->file() || (list && std::ranges::any_of(found->fields, &Variable::file)));
}

/// Its name says what it is: of the address, without what follows a "?".
fs::path name_of(const std::string& address)
{
    const std::string path = address.substr(0, address.find_first_of("?#"));
    const fs::path extension = fs::path(path).extension();
    return sha256_of(address).substr(0, 32) + (extension.string().size() <= 6 ? extension.string() : "");
}

fs::path fetched(const std::string& address, const fs::path& folder, std::stop_token stop)
{
    fs::path file = folder / name_of(address);
    if (!fs::exists(file)) {
        PartFile part(file);
        http::Download download;
        download.url = address;
        download.file = part.part();
        download.max_bytes = k_most_bytes;
        http::fetch(download, stop);
        part.commit();
    }
    return file;
}

} // namespace

void fetch_remote_files(const BatchSource& source, std::vector<BatchRow>& rows, bool allowed, const fs::path& folder,
                        std::stop_token stop)
{
    std::vector<std::pair<BatchRow*, Assignment*>> found;
    for (BatchRow& row : rows) {
        for (Assignment& given : row.given) {
            if (is_address(given.value) && takes_files(source, given.key)) {
                found.emplace_back(&row, &given);
            }
        }
    }
    if (found.empty()) {
        return;
    }
    if (allowed) {
        make_folder(folder);
    }
    const auto wrong = parallel_map<std::string>(k_at_once, found.size(), [&](std::size_t i) {
        Assignment& given = *found[i].second;
        try {
            if (!allowed) {
                return std::string(k_refusal);
            }
            given.value = fetched(given.value.get<std::string>(), folder, stop).string();
            return std::string();
        } catch (const Error& error) {
            return std::string(error.what());
        }
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!wrong[i].empty()) {
            found[i].first->wrong.push_back({found[i].second->key, wrong[i]});
        }
    }
}

} // namespace longtake
