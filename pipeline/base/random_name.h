#pragma once

#include <string>

namespace longtake {

/// A name that nobody else has: 128 random bits, as hex.
std::string new_session_name();

} // namespace longtake
