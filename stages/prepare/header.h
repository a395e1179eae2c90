#pragma once

#include "pipeline/model/rate.h"

#include <optional>
#include <string>
#include <string_view>

namespace longtake::stages::picture {

enum class Format { jpeg, png, webp, bmp, tiff, jpeg2000, pnm, gif, heic, avif };

/// "JPEG", "PNG", ... For people.
std::string_view name(Format format) noexcept;

/// What to do about data that is damaged or ends early: refuse it, or take what there is.
enum class Damage { refuse, salvage };

/// What a picture file says about itself, before any pixel is decoded.
struct Header {
    Format format = Format::png;
    Size stored{};            ///< as the pixels lie in the file
    int orientation = 1;      ///< EXIF, 1..8
    int bits = 8;             ///< of one sample
    int channels = 3;         ///< JPEG: components; 4 is CMYK
    bool alpha = false;       ///< an alpha channel, or a colour declared transparent
    bool animated = false;    ///< more pictures follow the first
    bool progressive = false; ///< JPEG: all of it must be held in memory before there is a pixel
    bool location = false;    ///< carries GPS coordinates (EXIF or XMP)

    /// With the orientation applied.
    Size displayed() const noexcept { return orientation >= 5 ? Size{stored.height, stored.width} : stored; }
};

/// Reads the header of any format this program takes; nullopt if the bytes end before the header does
/// (with Damage::salvage: before it has said what decoding needs).
/// Throws Error(input) if this is no picture, or one of a kind that cannot be read (with what to do).
std::optional<Header> read_header(std::string_view bytes, Damage damage = Damage::refuse);

/// The format that a file's first bytes (some hundred of them) belong to; nullopt for none that is read here.
std::optional<Format> format_of(std::string_view bytes) noexcept;

/// Throws Error(input) if the end of the picture is missing. Decoders pass over that in silence and
/// paint what is not there grey.
void check_whole(std::string_view bytes, Format format);

/// A JPEG or PNG without metadata (EXIF, XMP, comments: what may say more than the author wants); the pixels and the
/// colour profile are not touched.
std::string stripped(std::string_view bytes, Format format);

} // namespace longtake::stages::picture
