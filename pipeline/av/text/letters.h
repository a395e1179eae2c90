#pragma once

#include <unicode/utf8.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace longtake::av {

/// Calls found(letter, at) for each letter of clean UTF-8.
template <class Found>
void each_letter(const std::string& text, std::size_t begin, std::size_t end, Found&& found)
{
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    for (auto at = static_cast<std::int32_t>(begin); at < static_cast<std::int32_t>(end);) {
        const std::int32_t here = at;
        UChar32 letter = 0;
        U8_NEXT(bytes, at, static_cast<std::int32_t>(end), letter);
        found(letter, static_cast<std::size_t>(here));
    }
}

} // namespace longtake::av
