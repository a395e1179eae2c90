#include "pipeline/flow/batch/rows.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/campaign/own_files.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace longtake {
namespace {

using nlohmann::json;

constexpr const char* k_name_column = "name";

std::string first_part(const std::string& column)
{
    return column.substr(0, column.find('.'));
}

/// Whether a column says something about a film.
bool means_something(const BatchSource& source, const std::string& column)
{
    const std::string first = first_part(column);
    const auto& campaign = source.source.campaign;
    if (campaign && std::ranges::find(campaign->variables, first, &Variable::name) != campaign->variables.end()) {
        return true;
    }
    return column != k_name_column && schema("storyboard").at("properties").contains(first);
}

/// Columns that mean nothing: spreadsheets have more than a film needs, and slips look the same.
std::vector<std::string> idle_columns(const BatchSource& source, const std::vector<TableRow>& table)
{
    std::set<std::string> idle;
    for (const TableRow& row : table) {
        for (const Cell& cell : row.cells) {
            if (cell.column != k_name_column && source.naming.find("${" + cell.column + "}") == std::string::npos &&
                !means_something(source, cell.column)) {
                idle.insert(cell.column);
            }
        }
    }
    return {idle.begin(), idle.end()};
}

/// A row's name, of its columns.
std::string name_of(const BatchSource& source, const TableRow& row)
{
    if (source.naming.empty()) {
        const std::string name = row.text(k_name_column);
        return name.empty() ? fmt::format("row-{:04}", row.number) : slug(name);
    }
    Values values;
    std::vector<std::string> known{"number"};
    values["number"] = fmt::format("{:04}", row.number);
    for (const Cell& cell : row.cells) {
        values[cell.column] = row.text(cell.column);
        known.push_back(cell.column);
    }
    const json name = in_context("--name", [&] { return expand(source.naming, values, known); });
    return name.is_string() ? slug(name.get<std::string>()) : fmt::format("row-{:04}", row.number);
}

BatchRow film_of(const BatchSource& source, const TableRow& row)
{
    BatchRow film;
    film.number = row.number;
    try {
        film.name = name_of(source, row);
    } catch (const Error& error) {
        film.name = fmt::format("row-{:04}", row.number);
        film.wrong.push_back({"", error.what()});
    }
    if (!row.unreadable.empty()) {
        film.wrong.push_back({"", row.unreadable});
    }
    for (const Cell& cell : row.cells) {
        if (means_something(source, cell.column)) {
            film.given.push_back({cell.column, cell.value, source.folder});
        }
    }
    return film;
}

/// Every combination of a film with the matrix's values from its `at`th variable on.
void add_variations(const BatchSource& source, const BatchRow& film, std::size_t at, std::vector<BatchRow>& films)
{
    if (at == source.matrix.size()) {
        films.push_back(film);
        return;
    }
    const auto& [variable, values] = source.matrix[at];
    for (std::size_t i = 0; i < values.size(); ++i) {
        BatchRow one = film;
        one.name += fmt::format("-{}{}", slug(variable), i + 1);
        one.given.push_back({variable, values[i], source.folder});
        one.tags[variable] = values[i];
        add_variations(source, one, at + 1, films);
    }
}

/// Two films of one name would be one file.
void refuse_same_names(std::vector<BatchRow>& films)
{
    std::map<std::string, int> first;
    for (BatchRow& film : films) {
        const auto [found, fresh] = first.try_emplace(film.name, film.number);
        if (!fresh) {
            film.wrong.push_back({k_name_column, fmt::format("is called '{}', as row {} is; name rows in a column "
                                                             "\"name\", or by --name",
                                                             film.name, found->second)});
            film.name += fmt::format("-row-{:04}", film.number);
        }
    }
}

} // namespace

BatchRows rows_of(const BatchSource& source, const std::vector<TableRow>& table)
{
    BatchRows batch;
    for (const TableRow& row : table) {
        add_variations(source, film_of(source, row), 0, batch.rows);
    }
    refuse_same_names(batch.rows);
    std::vector<std::string> known = {k_name_column};
    if (source.source.campaign) {
        known = source.source.campaign->names();
    }
    for (const std::string& column : idle_columns(source, table)) {
        const std::string near = nearest_name(column, known);
        batch.notes.push_back(fmt::format("column '{}' is left aside: nothing is called so{}", column,
                                          near.empty() ? "" : "; did you mean '" + near + "'?"));
    }
    return batch;
}

json board_of_row(const BatchSource& source, const BatchRow& row, std::vector<WrongValue>& wrong)
{
    std::vector<Assignment> given = source.given;
    for (const Assignment& own : row.given) {
        std::erase_if(given, [&](const Assignment& other) { return other.key == own.key; });
        given.push_back(own);
    }
    json board = board_of(source.source, given, source.canvases, source.demo, wrong);
    if (!wrong.empty()) {
        return board;
    }
    if (source.provider) {
        board["provider"] = *source.provider;
    }
    if (!source.source.campaign) { // whose paths are absolute
        resolve_storyboard_files(board, source.source.folder);
    }
    return board;
}

} // namespace longtake
