#include "pipeline/app/fleet/fleet_text.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>

namespace longtake::app {
namespace {

using nlohmann::json;

std::string time_of(std::int64_t seconds)
{
    return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(static_cast<std::time_t>(seconds)));
}

/// How many rows are in each state, those that failed by why.
std::map<std::string, int> counts_of(const std::vector<QueuedRow>& rows)
{
    std::map<std::string, int> counts;
    for (const QueuedRow& row : rows) {
        ++counts[row.state == "failed" ? "failed (" + row.outcome + ")" : row.state];
    }
    return counts;
}

json row_of(const QueuedRow& row)
{
    return {{"row", row.number},      {"name", row.name},       {"state", row.state},
            {"worker", row.worker},   {"since", row.since},     {"claims", row.claims},
            {"crashes", row.crashes}, {"outcome", row.outcome}, {"message", row.message}};
}

void print_row(const QueuedRow& row, Session& session)
{
    if (row.state == "work") {
        session.console.print(fmt::format("row {:<5} {:<24} at work   {} since {}", row.number, row.name, row.worker,
                                          time_of(row.since)));
    } else if (row.state == "failed" || !row.message.empty()) {
        session.console.print(fmt::format("row {:<5} {:<24} {:<9} {}", row.number, row.name,
                                          row.outcome.empty() ? row.state : row.outcome,
                                          row.message.substr(0, row.message.find('\n'))));
    }
}

/// How many takes are in each state.
json take_states(Database& database)
{
    json states = json::object();
    for (const SqlRow& row : database.run("SELECT state, count(*) FROM takes GROUP BY state").rows) {
        states[text_of(row[0])] = integer_of(row[1]);
    }
    return states;
}

json show_one(const QueuedBatch& batch, RowQueue& queue, const std::shared_ptr<Database>& database, Session& session)
{
    const std::vector<QueuedRow> rows = queue.rows(batch.id);
    json all = json::array();
    for (const QueuedRow& row : rows) {
        print_row(row, session);
        all.push_back(row_of(row));
    }
    std::vector<std::string> words;
    const auto counts = counts_of(rows);
    for (const auto& [state, count] : counts) {
        words.push_back(fmt::format("{} {}", count, state == "work" ? "at work" : state));
    }
    const auto ledger = open_ledger(database, batch.id);
    const double spent = ledger->spent(false);
    const double rehearsed = ledger->spent(true);
    session.console.print(fmt::format("{} ({}): {} rows: {}; ${:.2f} spent or reserved{}", batch.name,
                                      batch.id.substr(0, 8), rows.size(), join(words), spent,
                                      rehearsed > 0 ? fmt::format(", ${:.2f} rehearsed", rehearsed) : ""));
    return {{"batch", batch.id}, {"name", batch.name}, {"rows", all},
            {"counts", counts},  {"spent", spent},     {"rehearsed", rehearsed}};
}

} // namespace

int show_fleet(const std::string& ledger, const std::string& batch, Session& session)
{
    const std::shared_ptr<Database> database = open_database(ledger, false);
    RowQueue queue(database, worker_name());
    json shown = json::array();
    for (const QueuedBatch& one : queue.batches()) {
        if (batch.empty() || one.name == batch || one.id.starts_with(batch)) {
            shown.push_back(show_one(one, queue, database, session));
        }
    }
    if (shown.empty() && !batch.empty()) {
        std::vector<std::string> names;
        for (const QueuedBatch& one : queue.batches()) {
            names.push_back(one.name);
        }
        throw Error(Errc::usage, unknown_name("batch", batch, names));
    }
    if (shown.empty()) {
        session.console.print("nothing was queued in this ledger");
    }
    const json states = take_states(*database);
    if (states.contains("ambiguous")) {
        session.console.print(fmt::format("{} takes are ambiguous: whether their services have them could not be found "
                                          "out; their rows say which",
                                          states.at("ambiguous").get<int>()));
    }
    session.console.result({{"batches", shown}, {"takes", states}});
    return 0;
}

} // namespace longtake::app
