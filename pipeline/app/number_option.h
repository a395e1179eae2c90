#pragma once

#include "pipeline/base/text.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <string>

namespace longtake::app {

/// A check of an option's text: a decimal number (see decimal_number()) between two bounds. CLI11's own checks let
/// "nan", "inf" and "0x10" through.
inline CLI::Validator number_between(double lowest, double highest)
{
    const auto check = [lowest, highest](const std::string& text) {
        const auto number = decimal_number(text);
        return number && *number >= lowest && *number <= highest
                   ? std::string()
                   : fmt::format("found '{}'; must be a number from {} to {}", text, lowest, highest);
    };
    return {check, ""}; // bounds are told of a value that is beyond them, not in every help
}

} // namespace longtake::app
