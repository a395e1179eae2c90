#pragma once

#include "pipeline/model/deliverable.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// How a row of a batch stands, kept in its folder as `row.json` (`longtake/row/1`).
struct RowState {
    int number = 0;
    std::string name;
    std::string key;       ///< of all its film depends on; see row_key()
    std::string outcome;   ///< "done", or the word of what stands against it ("input", "crashed", ...)
    std::string message{}; ///< why it is not done
    std::vector<std::string> notes{};
    std::vector<Deliverable> deliverables{};
    double seconds = 0;                        ///< of its film
    double took = 0;                           ///< seconds
    double paid = 0;                           ///< USD, by all its runs; what was paid for an earlier row is that one's
    std::map<std::string, std::string> tags{}; ///< its values in the matrix
    bool kept = false;                         ///< it was done before this batch began; not written down

    bool done() const { return outcome == "done"; }

    /// What stands against it, a line for each thing.
    std::vector<std::string> complaints() const;

    /// Whether running it again may come to something else without anything being changed.
    bool passing() const;
};

/// A film's name for all that it depends on: its storyboard, what is asked of it, and its files, by size and time of
/// change.
std::string row_key(const nlohmann::json& board, const nlohmann::json& asked);

/// Whether a row's films are there as they were when `file`, its row.json, was written: of their size, and not changed
/// since.
bool files_are_there(const RowState& state, const std::filesystem::path& file);

/// Reads one; empty if there is none that can be read.
std::optional<RowState> read_row_state(const std::filesystem::path& file);

/// Of every row of a batch that was run, in the order of its table. `folder`: the batch's own.
std::vector<RowState> read_row_states(const std::filesystem::path& folder);

void to_json(nlohmann::json& json, const RowState& state);
void from_json(const nlohmann::json& json, RowState& state);

} // namespace longtake
