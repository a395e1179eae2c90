#pragma once

#include "pipeline/sandbox/apis/call.h"
#include "pipeline/sandbox/sandbox.h"

#include <cstdint>
#include <string>

namespace longtake::sandbox {

/// The settings with a new random key wherever they have none.
Settings with_keys(Settings settings);

/// Checks that a call carries a key the surface takes, and returns the account it belongs to: a short hash.
/// Throws Refusal: 1000 malformed, 1001 missing, 1002 wrong.
std::string check_key(const Call& call, const std::string& surface, const Settings& settings);

/// The same for a key that stands alone in the header, without "Bearer".
std::string check_bare_key(const Call& call, const std::string& surface, const Settings& settings);

/// As check_key(), or a token signed with the pair of keys. `now`: Unix seconds by the service's clock.
/// Throws Refusal also with 1003 for a token that is not valid yet, and 1004 for one that has expired.
std::string check_key_or_token(const Call& call, const std::string& surface, const Settings& settings,
                               std::int64_t now);

} // namespace longtake::sandbox
