#pragma once

#include "pipeline/base/files.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace longtake {

/// What is wrong with a JSON text, collected so that its author sees all of it at once.
class Problems {
public:
    /// `origin` names the text in messages: a file name, or "command line".
    explicit Problems(std::string origin) : origin_(std::move(origin)) {}

    /// "<origin>: <pointer>: <says>"; a problem already known is not added twice.
    void add(const std::string& pointer, const std::string& says);

    bool empty() const noexcept { return lines_.empty(); }

    /// Throws Error(usage), a line for each problem, if there is any.
    void check() const;

private:
    std::string origin_;
    std::vector<std::string> lines_;
};

/// JSON, comments allowed. Throws Error(usage) naming line, column and reason for what is no JSON or not UTF-8,
/// and the place of a key that stands twice in one object.
nlohmann::json parse_json(std::string_view text, const std::string& origin);

/// The same from a file. Throws Error(usage) if it cannot be read, see read_text().
nlohmann::json read_json(const std::filesystem::path& file, Pipes pipes = Pipes::refused);

/// The embedded JSON Schema (draft 7) `presets/schemas/<name>.schema.json`: "storyboard", "delivery", "models",
/// "brand" or "campaign".
const nlohmann::json& schema(std::string_view name);

/// Checks `json` against the schema `name`. Throws Error(usage): a line for each problem, with JSON pointer, what was
/// found, what is allowed and the nearest name. The verdict is valijson's; the words are ours.
///
/// Beside draft 7 two annotations of ours are read: `x-expected` ("a number of seconds") words what a wrong value
/// should have been, and `x-unsupported` lists keys the format knows and this version cannot do.
void check_schema(const nlohmann::json& json, std::string_view name, const std::string& origin);

/// One key more on a JSON pointer (RFC 6901: `~` and `/` escaped).
std::string pointer_to(const std::string& parent, std::string_view key);
std::string pointer_to(const std::string& parent, std::size_t index);

/// A value in an error message: `"disolve"`, `-3`, `a list`; long strings are cut.
std::string found_text(const nlohmann::json& value);

} // namespace longtake
