#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace longtake::stages::picture {

/// Thrown when a file's bytes end before what is being read does; never leaves the header readers.
struct CutShort {};

/// A view of bytes that is asked for numbers and never reads past its end.
struct Bytes {
    std::string_view view;
    bool little = false; ///< byte order of u16 and u32

    std::uint8_t u8(std::size_t at) const
    {
        if (at >= view.size()) {
            throw CutShort{};
        }
        return static_cast<std::uint8_t>(view[at]);
    }
    std::uint16_t u16(std::size_t at) const
    {
        const unsigned a = u8(at);
        const unsigned b = u8(at + 1);
        return static_cast<std::uint16_t>(little ? b << 8 | a : a << 8 | b);
    }
    std::uint32_t u32(std::size_t at) const
    {
        const std::uint32_t a = u16(at);
        const std::uint32_t b = u16(at + 2);
        return little ? b << 16 | a : a << 16 | b;
    }
    /// Throws CutShort unless all `length` bytes are there.
    std::string_view part(std::size_t at, std::size_t length) const
    {
        if (at > view.size() || length > view.size() - at) {
            throw CutShort{};
        }
        return view.substr(at, length);
    }
};

/// A jpeg segment (marker without its 0xFF) or a PNG chunk, with where it lies in the file.
struct JpegSegment {
    int marker = 0;
    std::size_t begin = 0, end = 0; ///< from the 0xFF to the end of the payload
    std::string_view payload;
};
struct PngChunk {
    std::string_view type;
    std::size_t begin = 0, end = 0; ///< from the length to behind the CRC
    std::string_view payload;
};

/// Calls `visit` for every segment until it answers false or the end-of-image marker was visited. The entropy-coded
/// data behind a scan header is skipped; it belongs to no segment. Throws CutShort.
template <class Visit>
void walk_jpeg(Bytes file, Visit&& visit)
{
    std::size_t at = 2;
    for (;;) {
        while (file.u8(at) != 0xFF || file.u8(at + 1) == 0x00 || file.u8(at + 1) == 0xFF ||
               (file.u8(at + 1) >= 0xD0 && file.u8(at + 1) <= 0xD7)) {
            at = std::min(file.view.find('\xFF', at + 1), file.view.size()); // entropy-coded data, restarts, fill bytes
        }
        JpegSegment segment{file.u8(at + 1), at, at + 2, {}};
        if (segment.marker != 0xD9 && segment.marker != 0x01) {
            const std::size_t length = file.u16(at + 2);
            segment.payload = file.part(at + 4, length < 2 ? 0 : length - 2);
            segment.end = at + 4 + segment.payload.size();
        }
        if (!visit(segment) || segment.marker == 0xD9) {
            return;
        }
        at = segment.end;
    }
}

/// Calls `visit` for every chunk until it answers false or IEND was visited. Throws CutShort.
template <class Visit>
void walk_png(Bytes file, Visit&& visit)
{
    std::size_t at = 8;
    for (;;) {
        const std::size_t length = file.u32(at);
        const PngChunk chunk{file.part(at + 4, 4), at, at + 12 + length, file.part(at + 8, length)};
        file.part(chunk.end - 4, 4);
        if (!visit(chunk) || chunk.type == "IEND") {
            return;
        }
        at = chunk.end;
    }
}

} // namespace longtake::stages::picture
