#include "pipeline/flow/batch/results.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/batch/contact_sheet.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string csv_line(const std::vector<std::string>& cells)
{
    std::string line;
    for (const std::string& cell : cells) {
        line += (line.empty() ? "" : ",") + csv_cell(cell);
    }
    return line + "\r\n"; // RFC 4180
}

std::string repeat_command(const BatchOptions& options, const RowState& row)
{
    return options.repeat_command + " --only " + row.name;
}

json result_of(const RowState& row, const BatchOptions& options)
{
    json files = json::array();
    for (const Deliverable& deliverable : row.deliverables) {
        files.push_back({{"file", deliverable.file().string()},
                         {"preset", deliverable.preset},
                         {"sha256", deliverable.files.front().sha256},
                         {"bytes", deliverable.bytes()},
                         {"frames", deliverable.frames}});
    }
    json result = {{"row", row.number},      {"name", row.name},
                   {"ok", row.done()},       {"files", files},
                   {"seconds", row.seconds}, {"took", row.took},
                   {"cost", row.paid},       {"notes", row.notes},
                   {"kept", row.kept},       {"command", repeat_command(options, row)}};
    if (!row.done()) {
        result["error"] = {{"code", row.outcome.empty() ? "interrupted" : row.outcome}, {"message", row.message}};
    }
    if (!row.tags.empty()) {
        result["tags"] = row.tags;
    }
    return result;
}

std::vector<std::string> cells_of(const RowState& row, const BatchOptions& options)
{
    std::string files;
    for (const Deliverable& deliverable : row.deliverables) {
        files += (files.empty() ? "" : " | ") + deliverable.file().filename().string();
    }
    std::string tags;
    for (const auto& [variable, value] : row.tags) {
        tags += (tags.empty() ? "" : " | ") + variable + "=" + value;
    }
    return {std::to_string(row.number),
            row.name,
            row.done()            ? "done"
            : row.outcome.empty() ? "interrupted"
                                  : row.outcome,
            files,
            fmt::format("{:.2f}", row.seconds),
            fmt::format("{:.2f}", row.paid),
            row.message,
            tags,
            repeat_command(options, row)};
}

} // namespace

std::string csv_cell(const std::string& text)
{
    if (text.find_first_of(",\"\r\n") == std::string::npos) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + '"';
}

void write_results(const BatchResult& result, const BatchOptions& options)
{
    const std::vector<std::string> heads = {"row",  "name",  "state", "files",  "seconds",
                                            "cost", "error", "tags",  "command"};
    std::string lines;
    std::string table = csv_line(heads);
    std::string errors = table;
    for (const RowState& row : result.rows) {
        lines += result_of(row, options).dump() + "\n";
        const std::string line = csv_line(cells_of(row, options));
        table += line;
        errors += row.done() ? "" : line;
    }
    write_atomic(options.output / "results.jsonl", lines);
    write_atomic(options.output / "results.csv", table);
    write_atomic(options.output / "errors.csv", errors);
    write_atomic(options.output / "index.html", batch_page(result, options));
    if (const std::string sheet = contact_sheet(result.rows); !sheet.empty()) {
        write_atomic(options.output / "contact-sheet.png", sheet);
    }
}

} // namespace longtake
