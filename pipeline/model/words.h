#pragma once

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace longtake {

/// The values of an enum with their names in JSON.
template <class Value, std::size_t n>
using Words = std::array<std::pair<Value, const char*>, n>;

/// The name of a value; empty if the table does not have it.
template <class Value, std::size_t n>
std::string name_in(const Words<Value, n>& words, Value value)
{
    for (const auto& [known, name] : words) {
        if (known == value) {
            return name;
        }
    }
    return {};
}

/// The value of a name. Throws Error(usage) naming the nearest; `kind` says what is named.
template <class Value, std::size_t n>
Value value_in(const Words<Value, n>& words, std::string_view kind, std::string_view text)
{
    std::vector<std::string> known;
    for (const auto& [value, name] : words) {
        if (text == name) {
            return value;
        }
        known.emplace_back(name);
    }
    throw Error(Errc::usage, unknown_name(kind, text, known));
}

} // namespace longtake
