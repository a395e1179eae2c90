#include "pipeline/flow/batch/batch_log.h"

#include "pipeline/flow/batch/contact_sheet.h"

namespace longtake {

using nlohmann::json;

json rows_planned(const BatchResult& result)
{
    json rows = json::array();
    for (const RowState& row : result.rows) {
        rows.push_back({{"number", row.number}, {"name", row.name}, {"seconds", row.seconds}, {"tags", row.tags}});
    }
    return {{"event", "rows"},
            {"rows", rows},
            {"takes", result.plan.takes},
            {"paid", result.plan.paid},
            {"cost", result.plan.cost ? json(*result.plan.cost) : json()}};
}

json row_begun(std::size_t index)
{
    return {{"event", "row"}, {"row", index}, {"state", "running"}, {"share", 0}};
}

json row_under_way(std::size_t index, double share)
{
    return {{"event", "row"}, {"row", index}, {"state", "running"}, {"share", share}};
}

json row_ended(std::size_t index, const RowState& row)
{
    json files = json::array();
    for (const Deliverable& made : row.deliverables) {
        files.push_back({{"preset", made.preset}, {"file", made.file().string()}});
    }
    return {{"event", "row"},
            {"row", index},
            {"state", row.kept ? "kept" : row.outcome},
            {"message", row.message},
            {"notes", row.notes},
            {"took", row.took},
            {"paid", row.paid},
            {"poster", poster_of(row).string()},
            {"files", files}};
}

} // namespace longtake
