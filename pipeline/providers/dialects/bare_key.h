#pragma once

#include <string>

namespace longtake::remote {

/// A key without surrounding blanks. Throws Error(credentials) naming `variable` and the place of any letter that no
/// key has: blanks, control characters, quotes of a word processor, the mark some editors put before the first letter.
/// The message shows nothing of the key.
std::string bare_key(const std::string& variable, const std::string& text);

} // namespace longtake::remote
