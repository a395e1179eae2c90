#pragma once

#include <filesystem>

namespace longtake::av {

/// Lets texts use the fonts of a file as if they were installed, in this process, from now on: TrueType or OpenType
/// (.ttf, .otf), also several in one (.ttc). A file that is in use already is not read again. Safe from several
/// threads.
/// Throws Error(input), with the file, the reason and the remedy, for one that cannot be used.
void use_font_file(const std::filesystem::path& file);

} // namespace longtake::av
