#pragma once

#include <string>

namespace longtake {

/// A name that nobody else has: 128 random bits, as hex. No secret: see Access for one.
std::string random_name();

} // namespace longtake
