#pragma once

#include "pipeline/app/sandbox/call.h"

#include <cstdint>
#include <string>

namespace longtake::sandbox {

inline constexpr const char* k_access_key = "sandbox-access";
inline constexpr const char* k_secret_key = "sandbox-secret-5d2f8a61c09b47e3";

/// The key a surface takes; any other that begins with "sandbox-<surface>-" is as good.
std::string api_key(const std::string& surface);

/// Which credentials a call may carry.
enum class Credentials { key, key_or_token };

/// Checks `Authorization: Bearer ...`. `now`: Unix seconds by the service's clock.
/// Throws Refusal: 1000 malformed, 1001 missing, 1002 wrong, 1003 not valid yet, 1004 expired.
void check_access(const Call& call, const std::string& surface, Credentials allowed, std::int64_t now);

} // namespace longtake::sandbox
