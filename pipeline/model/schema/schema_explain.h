#pragma once

#include "pipeline/model/schema/schema.h"

namespace longtake {

/// Walks `value` along `schema` (its own `$ref`s resolved) and adds a line for every rule it breaks, at the value that
/// breaks it and not again at its parents. Knows the keywords our schemas use: type, enum, const, pattern, the
/// bounds of numbers, strings and lists, uniqueItems, required, properties, additionalProperties, items, $ref.
void explain(const nlohmann::json& schema, const nlohmann::json& value, Problems& problems);

} // namespace longtake
