#pragma once

#include <nlohmann/json.hpp>

#include <optional>

namespace longtake {

/// A number that may not be known, as JSON has it: null.
inline nlohmann::json or_null(const std::optional<double>& value)
{
    return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

/// A member that may be null or missing.
inline std::optional<double> number_or_nothing(const nlohmann::json& object, const char* key)
{
    const auto found = object.find(key);
    return found == object.end() || found->is_null() ? std::nullopt : std::optional(found->get<double>());
}

} // namespace longtake
