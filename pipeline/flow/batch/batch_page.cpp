#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/base/files.h"
#include "pipeline/base/parallel.h"
#include "pipeline/flow/batch/contact_sheet.h"
#include "pipeline/flow/batch/results.h"
#include "pipeline/flow/record/report_page.h"
#include "pipeline/interchange/cut.h"

#include <fmt/format.h>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int k_poster_quality = 6; ///< libavcodec's quantiser: a poster of 200x113 has about 6 kB

/// A file as the page refers to it.
std::string address_of(const fs::path& file, const fs::path& folder)
{
    return interchange::url_of(file.lexically_proximate(fs::absolute(folder).lexically_normal()));
}

/// Whether a small poster is there and not older than what it is drawn from.
bool is_fresh(const fs::path& drawn, const fs::path& poster)
{
    std::error_code missing;
    const auto then = fs::last_write_time(drawn, missing);
    return !missing && then >= fs::last_write_time(poster);
}

/// The address of a row's small poster; null: it has none.
json poster_in(const RowState& row, std::size_t index, const BatchOptions& options)
{
    const fs::path poster = poster_of(row);
    if (poster.empty()) {
        return nullptr;
    }
    const fs::path drawn = batch_folder(options.output) / "posters" / fmt::format("{}.jpg", index);
    if (!is_fresh(drawn, poster)) {
        const auto small = small_poster(poster);
        if (!small) {
            return nullptr;
        }
        write_atomic(drawn, av::encode_jpeg(*small, k_poster_quality));
    }
    return address_of(drawn, options.output);
}

json row_in_page(const RowState& row, const json& poster, const BatchOptions& options)
{
    json films = json::array();
    for (const Deliverable& made : row.deliverables) {
        films.push_back({{"preset", made.preset},
                         {"name", made.file().filename().string()},
                         {"url", address_of(made.file(), options.output)},
                         {"there", true}});
    }
    return {{"number", row.number},   {"name", row.name},     {"seconds", row.seconds},
            {"tags", row.tags},       {"state", row.outcome}, {"share", row.done() ? 1 : 0},
            {"message", row.message}, {"notes", row.notes},   {"took", row.took},
            {"paid", row.paid},       {"poster", poster},     {"films", films}};
}

} // namespace

std::string batch_page(const BatchResult& result, const BatchOptions& options)
{
    make_folder(batch_folder(options.output) / "posters");
    const auto posters = parallel_map<json>(thread_count(0), result.rows.size(),
                                            [&](std::size_t i) { return poster_in(result.rows[i], i, options); });
    json page = empty_report();
    page["title"] = options.output.filename().string();
    page["command"] = options.repeat_command;
    page["version"] = options.film.version;
    page["outcome"] = result.interrupted ? "interrupted" : result.done() == result.rows.size() ? "done" : "failed";
    page["spent"] = result.spent;
    page["plan"] = {{"takes", json::array()}, {"notes", result.plan.notes}, {"cost", nullptr}};
    page["rows"] = json::array();
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
        page["rows"].push_back(row_in_page(result.rows[i], posters[i], options));
    }
    return report_page(page);
}

} // namespace longtake
