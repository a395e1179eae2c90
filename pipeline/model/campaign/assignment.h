#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace longtake {

/// A value somebody gave: on a command line, in a file of variables, in a table's cell.
struct Assignment {
    std::string key;                ///< "product", "steps.2.title", "shots.cup.seconds"
    nlohmann::json value;           ///< a string is text as it was written
    std::filesystem::path folder{}; ///< that files in it are relative to
};

/// "KEY=VALUE". Throws Error(usage).
Assignment parse_assignment(const std::string& text, const std::filesystem::path& folder);

/// Puts a value in a storyboard's place: of a list's elements the one of that index or, of shots, that id. Text that is
/// JSON is read as JSON, other text is a string. Throws Error(usage) if there is no such element.
void assign(nlohmann::json& board, const Assignment& assignment);

} // namespace longtake
