#pragma once

#include "stages/prepare/decode.h"
#include "stages/prepare/header.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace longtake::stages::picture {

// A picture's file, and what is refused before anything of it is decoded. All throw Error(input) with the reason and
// the remedy.

inline constexpr std::uintmax_t k_most_bytes = 1'000'000'000; ///< of a file
inline constexpr std::size_t k_kind_bytes = 512;              ///< enough to tell a picture from other files

/// The file's first bytes, `most` of them or all. Refuses what is not a regular file, empty or over `k_most_bytes`.
std::string read_bytes(const std::filesystem::path& file, std::uintmax_t most = k_most_bytes);

/// Refuses more pixels than are ever held in memory.
void check_pixels(Size size);

/// What the header says. Refuses a size that would not fit into memory: a small file may promise a picture that fills
/// it.
Header header_of(std::string_view bytes, Damage damage = Damage::refuse);

/// The same of a file, of which no more is read than that takes.
Header header_of_file(const std::filesystem::path& file);

/// Decodes all of the picture, at its full size.
Decoded decode_whole(std::string_view bytes, const Header& header, Damage damage);

} // namespace longtake::stages::picture
