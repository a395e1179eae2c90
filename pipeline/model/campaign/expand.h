#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace longtake {

/// The values of a film's variables, by name; one that is not in it has none.
using Values = std::map<std::string, nlohmann::json>;

/// A template with its values put in. "${name}" alone in a string becomes the value, of whatever type; amid other text
/// it becomes text. What names a variable without a value is left out, with its key. An object with `"when": name` is
/// there only if that variable has a value, one with `"unless": name` only if it has none; an element of a list with
/// `"each": name` is there once for each element of that list, which "${item}" is there, or "${item.field}",
/// "${number}" counting from 1 to "${count}", both text. "$${" stands for "${". `known` are the names of all variables,
/// and of the fields of lists as "item.field". Throws Error(usage) for others, with the place (a JSON pointer) and the
/// nearest name.
nlohmann::json expand(const nlohmann::json& pattern, const Values& values, const std::vector<std::string>& known);

} // namespace longtake
