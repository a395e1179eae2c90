#include "pipeline/flow/batch/table.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/text.h"

#include <csv.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::string_view k_utf8_mark = "\xEF\xBB\xBF";

/// The lines of a CSV file as libcsv parts them.
struct CsvLines {
    std::vector<std::vector<std::string>> lines;
    std::vector<std::string> line;
};

void add_field(void* text, std::size_t size, void* to)
{
    static_cast<CsvLines*>(to)->line.emplace_back(static_cast<const char*>(text), size);
}

void end_line(int /*end*/, void* to)
{
    auto& csv = *static_cast<CsvLines*>(to);
    csv.lines.push_back(std::move(csv.line));
    csv.line.clear();
}

/// Whichever of the three stands most often in the header, outside quotes.
unsigned char delimiter_of(std::string_view text)
{
    std::map<char, int> found;
    bool quoted = false;
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
        } else if ((c == '\n' || c == '\r') && !quoted) {
            break;
        } else if (!quoted) {
            ++found[c];
        }
    }
    constexpr std::array k_delimiters = {',', ';', '\t'};
    const auto fewer = [&](char a, char b) { return found[a] < found[b]; };
    return static_cast<unsigned char>(*std::max_element(k_delimiters.begin(), k_delimiters.end(), fewer));
}

std::vector<std::vector<std::string>> csv_lines(const std::string& text, const fs::path& file)
{
    csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        throw Error(Errc::internal, "libcsv cannot begin");
    }
    csv_set_delim(&parser, delimiter_of(text));
    CsvLines csv;
    const std::size_t read = csv_parse(&parser, text.data(), text.size(), add_field, end_line, &csv);
    const bool whole = read == text.size() && csv_fini(&parser, add_field, end_line, &csv) == 0;
    const std::string why = csv_strerror(csv_error(&parser));
    csv_free(&parser);
    if (!whole) {
        const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(read), '\n') + 1;
        throw Error(Errc::usage, fmt::format("{}: line {}: {}; a quote inside a quoted cell is written twice",
                                             file.string(), line, why));
    }
    return csv.lines;
}

std::string column_name(const std::string& head, const std::map<std::string, std::string>& aliases)
{
    if (const auto alias = aliases.find(head); alias != aliases.end()) {
        return alias->second;
    }
    std::string name;
    for (const char c : head) {
        const auto byte = static_cast<unsigned char>(c);
        const bool kept = byte >= 0x80 || std::isalnum(byte) != 0 || c == '.';
        name += kept ? static_cast<char>(byte < 0x80 ? std::tolower(byte) : byte) : '_';
    }
    const std::size_t first = name.find_first_not_of('_');
    return first == std::string::npos ? "" : name.substr(first, name.find_last_not_of('_') + 1 - first);
}

std::vector<std::string> columns_of(const std::vector<std::string>& heads,
                                    const std::map<std::string, std::string>& aliases, const fs::path& file)
{
    std::vector<std::string> columns;
    for (const std::string& head : heads) {
        std::string name = column_name(head, aliases);
        if (!name.empty() && std::ranges::find(columns, name) != columns.end()) {
            throw Error(Errc::usage, fmt::format("{}: two columns are called '{}'", file.string(), name));
        }
        columns.push_back(std::move(name));
    }
    return columns;
}

TableRow row_of(const std::vector<std::string>& columns, const std::vector<std::string>& cells)
{
    TableRow row;
    if (cells.size() > columns.size()) {
        row.unreadable = fmt::format("has {} cells under {} heads; a cell with a delimiter in it stands in quotes",
                                     cells.size(), columns.size());
    }
    for (std::size_t i = 0; i < std::min(cells.size(), columns.size()); ++i) {
        if (!columns[i].empty() && !cells[i].empty()) {
            row.cells.push_back({columns[i], cells[i]});
        }
    }
    return row;
}

std::vector<TableRow> csv_rows(const std::string& text, const std::map<std::string, std::string>& aliases,
                               const fs::path& file)
{
    std::vector<std::vector<std::string>> lines = csv_lines(text, file);
    std::vector<TableRow> rows;
    if (lines.empty()) {
        return rows;
    }
    const std::vector<std::string> columns = columns_of(lines.front(), aliases, file);
    for (std::size_t i = 1; i < lines.size(); ++i) {
        if (std::ranges::any_of(lines[i], [](const std::string& cell) { return !cell.empty(); })) {
            rows.push_back(row_of(columns, lines[i]));
        }
    }
    return rows;
}

TableRow json_row(const std::string& line, const std::map<std::string, std::string>& aliases)
{
    TableRow row;
    const json values = json::parse(line, nullptr, false);
    if (!values.is_object()) {
        row.unreadable = "is no JSON object";
        return row;
    }
    for (const auto& [key, value] : values.items()) {
        if (!value.is_null()) {
            const auto alias = aliases.find(key);
            row.cells.push_back({alias == aliases.end() ? key : alias->second, value});
        }
    }
    return row;
}

std::vector<TableRow> json_rows(const std::string& text, const std::map<std::string, std::string>& aliases)
{
    std::vector<TableRow> rows;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        const std::string line = text.substr(start, end - start);
        if (line.find_first_not_of(" \t\r") != std::string::npos) {
            rows.push_back(json_row(line, aliases));
        }
        start = end + 1;
    }
    return rows;
}

/// What a spreadsheet saves in an old code page would come out as other letters.
void need_utf8(const std::string& text, const fs::path& file)
{
    try {
        json(text).dump();
    } catch (const json::type_error&) {
        throw Error(Errc::usage, file.string() + ": is not UTF-8; save it as \"CSV UTF-8\"");
    }
}

} // namespace

std::string TableRow::text(const std::string& column) const
{
    const auto found = std::ranges::find(cells, column, &Cell::column);
    if (found == cells.end()) {
        return {};
    }
    return found->value.is_string() ? found->value.get<std::string>() : found->value.dump();
}

std::vector<TableRow> read_table(const fs::path& file, const std::map<std::string, std::string>& aliases)
{
    std::string text = read_text(file, Pipes::allowed);
    if (text.starts_with(k_utf8_mark)) {
        text.erase(0, k_utf8_mark.size());
    }
    need_utf8(text, file);
    const std::string extension = file.extension().string();
    std::vector<TableRow> rows =
        extension == ".jsonl" || extension == ".ndjson" ? json_rows(text, aliases) : csv_rows(text, aliases, file);
    if (rows.empty()) {
        throw Error(Errc::usage, file.string() + ": has no rows; the first line names the columns, then a film a line");
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        rows[i].number = static_cast<int>(i) + 1;
    }
    return rows;
}

} // namespace longtake
