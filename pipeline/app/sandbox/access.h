#pragma once

#include "pipeline/app/sandbox/call.h"
#include "pipeline/app/sandbox/sandbox.h"

#include <cstdint>
#include <string>

namespace longtake::sandbox {

/// The key a surface takes; any other that begins with "sandbox-<surface>-" is as good.
std::string api_key(const std::string& surface);

/// Checks that a call carries one of the surface's API keys.
/// Throws Refusal: 1000 malformed, 1001 missing, 1002 wrong.
void check_key(const Call& call, const std::string& surface);

/// The same, or a token signed with the account's pair. `now`: Unix seconds by the service's clock.
/// Throws Refusal also with 1003 for a token that is not valid yet, and 1004 for one that has expired.
void check_key_or_token(const Call& call, const std::string& surface, const Settings& account, std::int64_t now);

} // namespace longtake::sandbox
