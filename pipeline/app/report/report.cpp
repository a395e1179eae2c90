#include "pipeline/app/report/report.h"

#include "pipeline/app/report/pictures.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/flow/record/report_page.h"
#include "pipeline/interchange/cut.h"

#include <string>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* k_kept = "pictures.json";

/// What a page can play, by its place beside the page.
json films_of(const RunRecord& record, const fs::path& folder)
{
    json films = json::array();
    for (const Deliverable& made : record.deliverables) {
        const fs::path beside =
            fs::absolute(made.file()).lexically_normal().lexically_relative(fs::absolute(folder).lexically_normal());
        films.push_back({{"preset", made.preset},
                         {"name", made.file().filename().string()},
                         {"url", interchange::url_of(beside)},
                         {"there", fs::exists(made.file())}});
    }
    return films;
}

fs::path pictures_folder(const MadeRun& run)
{
    return run.folder / "report" / "pictures";
}

/// Names all that is seen of a film.
std::string key_of(const RunRecord& record)
{
    const json seen = {record.timeline ? json(*record.timeline) : json(), record.shots, record.seams, record.framings,
                       record.deliverables};
    return sha256_of(seen.dump());
}

/// The pictures of the run before, if they are of the same film; else drawn anew.
json pictures_of(const MadeRun& run)
{
    if (auto kept = kept_pictures(run)) {
        return *kept;
    }
    const fs::path folder = pictures_folder(run);
    fs::remove_all(folder);
    json pictures = draw_pictures(run, folder);
    write_atomic(folder / k_kept, json{{"key", key_of(run.record)}, {"pictures", pictures}}.dump());
    return pictures;
}

} // namespace

std::optional<json> kept_pictures(const MadeRun& run)
{
    const fs::path kept = pictures_folder(run) / k_kept;
    if (!fs::exists(kept)) {
        return std::nullopt;
    }
    const json before = json::parse(read_text(kept), nullptr, false);
    return before.is_object() && before.value("key", "") == key_of(run.record) ? std::optional(before.at("pictures"))
                                                                               : std::nullopt;
}

fs::path write_report(const MadeRun& run)
{
    const fs::path folder = run.folder / "report";
    make_folder(folder);
    json data = run.record;
    data["pictures"] = pictures_of(run);
    data["films"] = films_of(run.record, folder);
    write_atomic(folder / "index.html", report_page(data));
    return folder / "index.html";
}

} // namespace longtake::app
