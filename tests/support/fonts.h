#pragma once

#include "pipeline/base/files.h"

#include <filesystem>
#include <string>

namespace longtake::test {

/// The bytes of an installed font of the Noto family under another name: its "Noto" is "Qoto", so that nobody has it.
inline std::string renamed_font(const std::string& name = "NotoSerif-Regular.ttf")
{
    std::string bytes = read_text("/usr/share/fonts/truetype/noto/" + name);
    const std::string from("\0N\0o\0t\0o", 8);
    for (std::size_t at = bytes.find(from); at != std::string::npos; at = bytes.find(from, at)) {
        bytes[at + 1] = 'Q'; // UTF-16, as the table of names is
    }
    return bytes;
}

} // namespace longtake::test
