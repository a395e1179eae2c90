#include "pipeline/app/batch_text.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::app {
namespace {

using nlohmann::json;

std::string cost_text(const BatchPlan& plan)
{
    return plan.cost ? fmt::format("up to ${:.2f}", *plan.cost)
                     : fmt::format("an unknown amount (no price for {})", join(plan.without_price));
}

std::string summary(const BatchPlan& plan)
{
    std::string text = fmt::format("{} films, {} in all", plan.films, clock_text(plan.seconds));
    if (plan.paid) {
        text += fmt::format("; {} takes, {}", plan.takes, cost_text(plan));
    }
    return text;
}

std::string complaint(const RowState& row, const std::string& line)
{
    return fmt::format("row {} ({}): {}", row.number, row.name, line);
}

Error partly(std::size_t done, std::size_t rows, const RowState& first)
{
    const Errc code = done > 0 ? Errc::partial : Errc::usage;
    return {code,
            fmt::format("{} of {} films could not be made, the first: {}; errors.csv has all of them, each with the "
                        "command that makes it again",
                        rows - done, rows, complaint(first, first.complaints().front()))};
}

} // namespace

std::string batch_question(const BatchPlan& plan, double spent)
{
    const std::string before = spent > 0 ? fmt::format("; ${:.2f} are paid or reserved already", spent) : std::string();
    return summary(plan) + before + ". Go on?";
}

int show_batch_plan(const BatchPlan& plan, Session& session)
{
    json rows = json::array();
    std::size_t broken = 0;
    for (const std::string& note : plan.notes) {
        session.console.note("note: " + note);
    }
    for (const RowState& row : plan.rows) {
        json entry = {{"row", row.number}, {"name", row.name}, {"seconds", row.seconds}};
        if (!row.outcome.empty()) {
            ++broken;
            entry["error"] = row.message;
            for (const std::string& line : row.complaints()) {
                session.console.complain(complaint(row, line));
            }
        }
        rows.push_back(std::move(entry));
    }
    session.console.print(summary(plan) + (broken > 0 ? fmt::format("; {} rows are broken", broken) : ""));
    session.console.result({{"rows", rows},
                            {"films", plan.films},
                            {"takes", plan.takes},
                            {"seconds", plan.seconds},
                            {"cost", {{"amount", plan.cost ? json(*plan.cost) : json()}, {"currency", "USD"}}},
                            {"notes", plan.notes}},
                           broken == 0);
    return broken == 0 ? 0 : exit_status(plan.films > 0 ? Errc::partial : Errc::usage);
}

int report_batch(const BatchResult& result, Session& session)
{
    session.console.settle();
    json outputs = json::array();
    const RowState* first_failed = nullptr;
    for (const RowState& row : result.rows) {
        for (const Deliverable& film : row.deliverables) {
            session.console.print(film.file().string());
            outputs.push_back(film.file().string());
        }
        first_failed = first_failed == nullptr && !row.done() && !row.outcome.empty() ? &row : first_failed;
    }
    const std::size_t done = result.done();
    session.console.note(fmt::format("{} of {} films{}; the contact sheet is {}", done, result.rows.size(),
                                     result.spent > 0 ? fmt::format(", ${:.2f}", result.spent) : "",
                                     (result.folder / "index.html").string()));
    if (result.interrupted) {
        throw Error(Errc::interrupted,
                    fmt::format("interrupted after {} of {} films; the same command goes on from there", done,
                                result.rows.size()));
    }
    if (first_failed != nullptr) {
        const Error error = partly(done, result.rows.size(), *first_failed);
        session.console.fail(error);
        return exit_status(error.code());
    }
    session.console.result({{"films", done}, {"outputs", outputs}, {"spent", result.spent}});
    return 0;
}

} // namespace longtake::app
