#pragma once

#include <string>
#include <string_view>

namespace longtake {

/// Remembers a secret (a key, a signed token) for the life of the process, so that redact() takes it out of any text.
/// Anything shorter than 6 characters is not remembered. Safe from several threads.
void keep_secret(std::string_view secret);

/// The text without any secret. "[hidden]" stands for remembered ones, also where at least half of one is left or where
/// they are percent-encoded or have JSON's escaped slashes, and for what looks like a bearer token, a signed token
/// (JWT) or the signature in an address.
std::string redact(std::string_view text);

} // namespace longtake
