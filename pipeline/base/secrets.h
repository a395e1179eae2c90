#pragma once

#include <string>
#include <string_view>

namespace longtake {

/// Remembers a secret (a key, a signed token) for the life of the process, so that redact() takes it out of any text.
/// Anything shorter than 6 characters is not remembered. Safe from several threads.
void keep_secret(std::string_view secret);

/// The text without any secret: remembered ones, also where they stand percent-encoded, and everything that looks like
/// a bearer token or a signed token become "[hidden]".
std::string redact(std::string_view text);

} // namespace longtake
