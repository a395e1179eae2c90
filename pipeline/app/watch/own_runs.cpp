#include "pipeline/app/watch/own_runs.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* k_own_schema = "longtake/own-run/1";
constexpr std::ptrdiff_t k_many_runs = 500;

fs::path absolute_of(const fs::path& workdir)
{
    std::error_code unknown;
    const fs::path whole = fs::weakly_canonical(fs::absolute(workdir), unknown);
    return unknown ? fs::absolute(workdir).lexically_normal() : whole;
}

} // namespace

fs::path OwnRuns::file_of(const fs::path& workdir, const char* extension) const
{
    return folder_ / (sha256_of(absolute_of(workdir).string()).substr(0, 32) + extension);
}

fs::path OwnRuns::log_of(const fs::path& workdir) const
{
    return folder_.empty() ? folder_ : file_of(workdir, ".log");
}

void OwnRuns::remember(const fs::path& workdir, const OwnRun& run) const
{
    if (folder_.empty()) {
        return;
    }
    const json told = {{"schema", k_own_schema},
                       {"workdir", absolute_of(workdir).string()},
                       {"arguments", run.arguments},
                       {"directory", run.directory.string()},
                       {"output", absolute_of(run.output).string()}};
    try {
        make_folder(folder_);
        fs::permissions(folder_, fs::perms::owner_all);
        forget_what_is_gone();
        write_atomic(file_of(workdir, ".json"), told.dump(1));
    } catch (const Error&) {
    } catch (const fs::filesystem_error&) {
    } catch (const json::exception&) { // a word that is no UTF-8
    }
}

std::optional<OwnRun> OwnRuns::recall(const fs::path& workdir) const
{
    const fs::path file = file_of(workdir, ".json");
    if (folder_.empty() || !fs::exists(file)) {
        return std::nullopt;
    }
    try {
        const json told = json::parse(read_text(file));
        if (told.at("schema") != k_own_schema || told.at("workdir") != absolute_of(workdir).string()) {
            return std::nullopt;
        }
        return OwnRun{told.at("arguments").get<std::vector<std::string>>(), told.at("directory").get<std::string>(),
                      told.at("output").get<std::string>()};
    } catch (const json::exception&) {
    } catch (const Error&) {
    }
    return std::nullopt;
}

void OwnRuns::forget_what_is_gone() const
{
    const std::vector<fs::directory_entry> entries{fs::directory_iterator(folder_), fs::directory_iterator()};
    if (std::ssize(entries) < k_many_runs) {
        return;
    }
    for (const fs::directory_entry& entry : entries) {
        const fs::path& file = entry.path();
        if (file.extension() == ".json") {
            const json told = json::parse(read_text(file), nullptr, false);
            if (!told.is_object() || !fs::exists(told.value("workdir", ""))) {
                fs::remove(file);
                fs::remove(fs::path(file).replace_extension(".log"));
            }
        }
    }
}

} // namespace longtake::app
