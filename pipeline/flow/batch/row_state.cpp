#include "pipeline/flow/batch/row_state.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"

#include <algorithm>
#include <array>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* k_row_schema = "longtake/row/1";

/// Ends of runs that say nothing against the row itself.
constexpr std::array k_passing = {"pending", "interrupted", "crashed", "storage", "budget", "credentials", "internal"};

/// Adds size and time of change of every file that a storyboard names.
void add_stamps(const json& value, json& stamps)
{
    if (value.is_structured()) {
        for (const json& member : value) {
            add_stamps(member, stamps);
        }
    } else if (value.is_string() && value.get_ref<const std::string&>().starts_with('/')) {
        const fs::path file = value.get<std::string>();
        std::error_code none;
        const auto size = fs::file_size(file, none);
        const auto changed = fs::last_write_time(file, none);
        if (!none) {
            stamps.push_back({file.string(), size, changed.time_since_epoch().count()});
        }
    }
}

} // namespace

std::vector<std::string> RowState::complaints() const
{
    std::vector<std::string> lines;
    for (std::size_t start = 0; start < message.size();) {
        const std::size_t end = std::min(message.find('\n', start), message.size());
        lines.push_back(message.substr(start, end - start));
        start = end + 1;
    }
    return lines;
}

bool RowState::passing() const
{
    return std::ranges::find(k_passing, outcome) != k_passing.end();
}

std::string row_key(const json& board, const json& asked)
{
    json stamps = json::array();
    add_stamps(board, stamps);
    return sha256_of(json({board, asked, stamps}).dump());
}

bool files_are_there(const RowState& state, const fs::path& file)
{
    std::error_code unknown;
    const auto written = fs::last_write_time(file, unknown);
    return std::ranges::all_of(state.deliverables, [&](const Deliverable& deliverable) {
        return std::ranges::all_of(deliverable.files, [&](const DeliveredFile& film) {
            std::error_code none;
            return static_cast<std::int64_t>(fs::file_size(film.file, none)) == film.bytes && !none &&
                   fs::last_write_time(film.file, none) <= written;
        });
    });
}

std::optional<RowState> read_row_state(const fs::path& file)
{
    if (!fs::exists(file)) {
        return std::nullopt;
    }
    try {
        return json::parse(read_text(file)).get<RowState>();
    } catch (const json::exception&) {
    } catch (const Error&) {
    }
    return std::nullopt;
}

std::vector<RowState> read_row_states(const fs::path& folder)
{
    std::vector<RowState> rows;
    std::error_code none;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder / "rows", none)) {
        if (auto state = read_row_state(entry.path() / "row.json")) {
            rows.push_back(std::move(*state));
        }
    }
    std::ranges::sort(rows, {}, [](const RowState& row) { return std::pair(row.number, row.name); });
    return rows;
}

void to_json(json& json, const RowState& state)
{
    json = {{"schema", k_row_schema},
            {"row", state.number},
            {"name", state.name},
            {"key", state.key},
            {"outcome", state.outcome},
            {"message", state.message},
            {"notes", state.notes},
            {"outputs", state.deliverables},
            {"film_seconds", state.seconds},
            {"took", state.took},
            {"paid", state.paid},
            {"tags", state.tags}};
}

void from_json(const json& json, RowState& state)
{
    if (json.at("schema") != k_row_schema) {
        throw Error(Errc::input, "is no " + std::string(k_row_schema));
    }
    json.at("row").get_to(state.number);
    json.at("name").get_to(state.name);
    json.at("key").get_to(state.key);
    json.at("outcome").get_to(state.outcome);
    json.at("message").get_to(state.message);
    json.at("notes").get_to(state.notes);
    json.at("outputs").get_to(state.deliverables);
    json.at("film_seconds").get_to(state.seconds);
    json.at("took").get_to(state.took);
    json.at("paid").get_to(state.paid);
    json.at("tags").get_to(state.tags);
}

} // namespace longtake
