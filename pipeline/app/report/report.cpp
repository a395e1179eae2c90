#include "pipeline/app/report/report.h"

#include "pipeline/app/report/pictures.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/interchange/cut.h"
#include "pipeline/model/schema/embedded.h"

#include <string>
#include <string_view>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// JSON inside a script element: nothing in it may end that (HTML, "Restrictions for contents of script elements").
std::string for_script(const json& data)
{
    std::string text;
    for (const char c : data.dump(-1, ' ', false, json::error_handler_t::replace)) {
        text += c == '<' ? std::string("\\u003c") : std::string(1, c);
    }
    return text;
}

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

/// The pictures of the run before, if they are of the same film; else drawn anew.
json pictures_of(const MadeRun& run, const fs::path& folder)
{
    const json seen = {run.record.timeline ? json(*run.record.timeline) : json(), run.record.shots, run.record.seams,
                       run.record.framings, run.record.deliverables};
    const std::string key = sha256_of(seen.dump());
    const fs::path kept = folder / "pictures.json";
    if (fs::exists(kept)) {
        const json before = json::parse(read_text(kept), nullptr, false);
        if (before.is_object() && before.value("key", "") == key) {
            return before.at("pictures");
        }
    }
    fs::remove_all(folder);
    json pictures = draw_pictures(run, folder);
    write_atomic(kept, json{{"key", key}, {"pictures", pictures}}.dump());
    return pictures;
}

std::string page_of(const json& data)
{
    constexpr std::string_view k_place = "<!--longtake:run-->";
    std::string page(embedded("report"));
    const std::size_t at = page.find(k_place);
    if (at == std::string::npos) {
        throw Error(Errc::internal, "the page of reports has no place for a run");
    }
    return page.replace(at, k_place.size(),
                        "<script type=\"application/json\" id=\"run\">" + for_script(data) + "</script>");
}

} // namespace

fs::path write_report(const MadeRun& run)
{
    const fs::path folder = run.folder / "report";
    make_folder(folder);
    json data = run.record;
    data["pictures"] = pictures_of(run, folder / "pictures");
    data["films"] = films_of(run.record, folder);
    write_atomic(folder / "index.html", page_of(data));
    return folder / "index.html";
}

} // namespace longtake::app
