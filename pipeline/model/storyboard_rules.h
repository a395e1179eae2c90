#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>

namespace longtake {

/// What `seconds` says for the length of the shot's voice, and for what its texts take to be read.
constexpr const char* k_as_voice = "voice";
constexpr const char* k_as_text = "text";

/// What a schema cannot say of a storyboard that satisfies it: one subject a shot, unique ids, which keys belong to
/// which kind of shot, times in order. Throws Error(usage), a line for each problem.
void check_storyboard_rules(const nlohmann::json& board, const std::string& origin);

/// A shot's id, or the one it has by its place ("shot-1" is the first).
std::string shot_id(const nlohmann::json& shot, std::size_t index);

/// Seconds as a number, "MM:SS.mmm" or "HH:MM:SS.mmm", in the form the schema demands.
double parse_seconds(const nlohmann::json& value);

} // namespace longtake
