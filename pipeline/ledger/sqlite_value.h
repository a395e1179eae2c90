#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <optional>

namespace longtake {

/// Binds a number, or NULL for none.
inline void bind_optional(SQLite::Statement& statement, int place, const std::optional<double>& value)
{
    if (value) {
        statement.bind(place, *value);
    } else {
        statement.bind(place);
    }
}

} // namespace longtake
