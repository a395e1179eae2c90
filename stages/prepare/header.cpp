#include "stages/prepare/header.h"

#include "pipeline/base/error.h"
#include "stages/prepare/bytes.h"
#include "stages/prepare/codecs/codecs.h"
#include "stages/prepare/exif.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace longtake::stages::picture {
namespace {

using namespace std::string_view_literals;

constexpr auto k_exif = "Exif\0\0"sv;
constexpr auto k_xmp = "http://ns.adobe.com/xap/1.0/\0"sv;

bool has_gps(std::string_view xmp)
{
    return xmp.find("GPSLatitude") != std::string_view::npos;
}

/// Start of frame: the baseline, progressive, lossless, ... kinds, but not DHT (C4), JPG (C8) and DAC (CC).
bool is_frame(int marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// The orientation counts that is said first; a place, wherever it is said.
void take_exif(std::string_view tiff, Header& header, bool& taken)
{
    const ExifTags tags = read_exif(tiff);
    header.location = header.location || tags.location;
    if (!std::exchange(taken, true)) {
        header.orientation = tags.orientation;
    }
}

Header read_jpeg(Bytes file)
{
    Header header{.format = Format::jpeg};
    bool exif = false;
    walk_jpeg(file, [&](const JpegSegment& segment) {
        const std::string_view body = segment.payload;
        if (segment.marker == 0xE1 && body.starts_with(k_exif)) {
            take_exif(body.substr(k_exif.size()), header, exif);
        } else if (segment.marker == 0xE1 && body.starts_with(k_xmp)) {
            header.location = header.location || has_gps(body);
        } else if (is_frame(segment.marker)) {
            const Bytes frame{body};
            header.bits = frame.u8(0);
            header.stored = {frame.u16(3), frame.u16(1)};
            header.channels = frame.u8(5);
            header.progressive = (segment.marker & 3) == 2;
        }
        return segment.marker != 0xDA;
    });
    return header;
}

void take_png_header(Bytes body, Header& header)
{
    header.stored = {static_cast<int>(body.u32(0)), static_cast<int>(body.u32(4))};
    header.bits = body.u8(8);
    const int kind = body.u8(9);
    header.channels = kind == 0 ? 1 : 3;
    header.alpha = kind == 4 || kind == 6;
}

Header read_png(Bytes file, Damage damage)
{
    Header header{.format = Format::png};
    bool exif = false;
    const auto take = [&](const PngChunk& chunk) {
        if (chunk.type == "IHDR") {
            take_png_header(Bytes{chunk.payload}, header);
        } else if (chunk.type == "tRNS") {
            header.alpha = true;
        } else if (chunk.type == "eXIf") {
            take_exif(chunk.payload, header, exif);
        } else if (chunk.type == "iTXt") {
            header.location = header.location || has_gps(chunk.payload);
        } else if (chunk.type == "acTL") {
            header.animated = true;
        }
        return true; // orientation may stand behind the pixels
    };
    try {
        walk_png(file, take);
    } catch (const CutShort&) {
        if (damage == Damage::refuse || header.stored.width == 0) {
            throw;
        }
    }
    return header;
}

/// The still kinds of WebP: VP8 (lossy), VP8L (lossless), VP8X (either, with extras).
/// Layout: developers.google.com/speed/webp/docs/riff_container
Header read_webp(Bytes file)
{
    file.little = true;
    Header header{.format = Format::webp};
    const std::string_view kind = file.part(12, 4);
    if (kind == "VP8 ") {
        header.stored = {file.u16(26) & 0x3FFF, file.u16(28) & 0x3FFF};
    } else if (kind == "VP8L") {
        const std::uint32_t packed = file.u32(21);
        header.stored = {static_cast<int>(packed & 0x3FFF) + 1, static_cast<int>(packed >> 14 & 0x3FFF) + 1};
        header.alpha = (packed >> 28 & 1) != 0;
    } else {
        const int flags = file.u8(20);
        header.alpha = (flags & 0x10) != 0;
        header.animated = (flags & 0x02) != 0;
        header.stored = {static_cast<int>(file.u32(24) & 0xFFFFFF) + 1, static_cast<int>(file.u32(26) >> 8) + 1};
        const std::size_t end = std::min<std::size_t>(file.view.size(), std::size_t{8} + file.u32(4));
        for (std::size_t at = 12; (flags & 0x08) != 0 && at + 8 <= end;) {
            const std::size_t length = file.u32(at + 4);
            if (file.part(at, 4) == "EXIF") {
                const std::string_view body = file.part(at + 8, length);
                bool exif = false;
                take_exif(body.starts_with(k_exif) ? body.substr(k_exif.size()) : body, header, exif);
                break;
            }
            at += 8 + length + length % 2;
        }
    }
    return header;
}

Header read_bmp(Bytes file)
{
    file.little = true;
    if (file.u32(14) == 12) { // OS/2
        return {.format = Format::bmp, .stored = {file.u16(18), file.u16(20)}};
    }
    const auto width = static_cast<std::int32_t>(file.u32(18));
    const auto height = static_cast<std::int32_t>(file.u32(22)); // negative: stored top down
    return {.format = Format::bmp, .stored = {width, height < 0 && height > INT32_MIN ? -height : height}};
}

/// JPEG 2000: the codestream's SIZ marker, bare or inside a JP2 file.
Header read_jpeg2000(Bytes file)
{
    constexpr auto k_siz = "\xFF\x4F\xFF\x51"sv;
    const std::size_t at = file.view.find(k_siz);
    if (at == std::string_view::npos) {
        throw CutShort{};
    }
    const auto side = [&](std::size_t far) {
        return static_cast<int>((file.u32(at + far) - file.u32(at + far + 8)) & 0x7FFFFFFFU);
    };
    return {.format = Format::jpeg2000,
            .stored = {side(8), side(12)},
            .bits = (file.u8(at + 42) & 0x7F) + 1,
            .channels = file.u16(at + 40)};
}

/// Calls `picture` with where each picture of a GIF ends; answers whether all of the blocks are there.
/// Layout: GIF89a specification, sections 17 to 27.
template <class Picture>
void walk_gif(Bytes file, Picture&& picture)
{
    const auto table = [](int flags) { return (flags & 0x80) != 0 ? std::size_t{3} << ((flags & 7) + 1) : 0; };
    const auto behind_blocks = [&](std::size_t at) {
        while (const std::size_t length = file.u8(at)) {
            file.part(at + 1, length);
            at += 1 + length;
        }
        return at + 1;
    };
    std::size_t at = 13 + table(file.u8(10));
    for (;;) {
        const int kind = file.u8(at);
        if (kind == 0x21) {
            at = behind_blocks(at + 2);
        } else if (kind == 0x2C) {
            at = behind_blocks(at + 11 + table(file.u8(at + 9)));
            if (!picture()) {
                return;
            }
        } else {
            return; // the trailer, or what viewers take for it
        }
    }
}

Header read_gif(Bytes file)
{
    file.little = true;
    Header header{.format = Format::gif, .stored = {file.u16(6), file.u16(8)}};
    int pictures = 0;
    try {
        walk_gif(file, [&] { return ++pictures < 2; });
    } catch (const CutShort&) {
        header.animated = pictures > 0; // the rest is not needed
    }
    header.animated = header.animated || pictures > 1;
    return header;
}

Header read_pnm(Bytes file)
{
    Header header{.format = Format::pnm};
    std::array<int, 3> numbers{0, 0, 255};
    const bool bitmap = file.u8(1) == '1' || file.u8(1) == '4';
    std::size_t at = 2;
    for (std::size_t i = 0; i < (bitmap ? 2U : 3U); ++i) {
        while (std::isspace(file.u8(at)) != 0 || file.u8(at) == '#') {
            if (file.u8(at) == '#') {
                while (file.u8(at) != '\n') {
                    ++at;
                }
            }
            ++at;
        }
        int number = 0;
        for (; std::isdigit(file.u8(at)) != 0 && number < 100'000'000; ++at) {
            number = 10 * number + file.u8(at) - '0';
        }
        numbers[i] = number;
    }
    header.stored = {numbers[0], numbers[1]};
    header.bits = numbers[2] > 255 ? 16 : 8;
    return header;
}

/// Kinds that people have and that cannot be read here, so that the message can say what to do.
void refuse_known(std::string_view bytes)
{
    std::string kind;
    if (bytes.size() >= 12 && bytes.substr(4, 4) == "ftyp") {
        throw Error(Errc::input, "this is a video or audio file; use it as a shot's 'clip', not as its 'image'");
    }
    if (bytes.starts_with("%PDF")) {
        kind = "a PDF";
    } else if (bytes.starts_with("8BPS")) {
        kind = "a Photoshop document";
    } else if (bytes.starts_with("<svg") || (bytes.starts_with("<?xml") && bytes.find("<svg") < 2000)) {
        kind = "an SVG drawing";
    } else if (bytes.starts_with("\x76\x2f\x31\x01") || bytes.starts_with("#?RADIANCE")) {
        kind = "a high-dynamic-range picture";
    }
    if (!kind.empty()) {
        throw Error(Errc::input, kind + " cannot be used; convert it to PNG or JPEG first");
    }
}

/// The kinds libheif decodes, by the brands of their file type box (ISO/IEC 23008-12, AV1 Image File Format).
std::optional<Format> heif_kind(std::string_view bytes) noexcept
{
    if (bytes.size() < 16 || bytes.substr(4, 4) != "ftyp") {
        return std::nullopt;
    }
    const std::size_t length = Bytes{bytes}.u32(0);
    std::optional<Format> kind;
    for (std::size_t at = 8; at + 4 <= std::min({length, bytes.size(), std::size_t{256}}); at += 4) {
        const std::string_view brand = bytes.substr(at, 4); // at 12 stands the version, which is no brand
        if (brand == "avif" || brand == "avis") {
            return Format::avif;
        }
        if (brand == "heic" || brand == "heix" || brand == "heim" || brand == "heis" || brand == "mif1" ||
            brand == "msf1") {
            kind = Format::heic;
        }
    }
    return kind;
}

/// TIFF 6.0 and BigTIFF (libtiff's design page), in both byte orders.
bool is_tiff(std::string_view bytes) noexcept
{
    return bytes.starts_with("II*\0"sv) || bytes.starts_with("MM\0*"sv) || bytes.starts_with("II+\0"sv) ||
           bytes.starts_with("MM\0+"sv);
}

/// "P1" to "P6" and white space or a comment.
bool is_pnm(std::string_view bytes) noexcept
{
    return bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '6' &&
           (bytes[2] == '#' || std::isspace(static_cast<unsigned char>(bytes[2])) != 0);
}

Header read_known(std::string_view bytes, Damage damage)
{
    const auto or_cut_short = [](const std::optional<Header>& header) { return header ? *header : throw CutShort{}; };
    const std::optional<Format> format = format_of(bytes);
    if (!format) {
        refuse_known(bytes);
        throw Error(Errc::input, "this is not a picture (its first bytes belong to no known format); "
                                 "give a JPEG, PNG, WebP, HEIC, AVIF, TIFF, GIF or BMP file");
    }
    switch (*format) {
    case Format::jpeg: return read_jpeg({bytes});
    case Format::png: return read_png({bytes}, damage);
    case Format::webp: return read_webp({bytes});
    case Format::tiff: return or_cut_short(read_tiff_header(bytes));
    case Format::gif: return read_gif({bytes});
    case Format::heic:
    case Format::avif: return or_cut_short(read_heif_header(bytes, *format));
    case Format::bmp: return read_bmp({bytes});
    case Format::jpeg2000: return read_jpeg2000({bytes});
    case Format::pnm: return read_pnm({bytes});
    }
    throw CutShort{};
}

[[noreturn]] void cut_short(const std::string& missing)
{
    throw Error(Errc::input, "the file is cut short (" + missing + "); fetch it again");
}

/// Whether `length`, as the file states it, is more than there is.
void check_length(std::size_t there, std::size_t length)
{
    if (there < length) {
        cut_short(std::to_string(there) + " of " + std::to_string(length) + " bytes");
    }
}

} // namespace

std::string_view name(Format format) noexcept
{
    switch (format) {
    case Format::jpeg: return "JPEG";
    case Format::png: return "PNG";
    case Format::webp: return "WebP";
    case Format::bmp: return "BMP";
    case Format::tiff: return "TIFF";
    case Format::jpeg2000: return "JPEG 2000";
    case Format::pnm: return "PNM";
    case Format::gif: return "GIF";
    case Format::heic: return "HEIC";
    case Format::avif: return "AVIF";
    }
    return "picture";
}

std::optional<Format> format_of(std::string_view bytes) noexcept
{
    if (bytes.starts_with("\xFF\xD8\xFF"sv)) {
        return Format::jpeg;
    }
    if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) {
        return Format::png;
    }
    if (bytes.starts_with("RIFF") && bytes.size() >= 12 && bytes.substr(8, 4) == "WEBP") {
        return Format::webp;
    }
    if (is_tiff(bytes)) {
        return Format::tiff;
    }
    if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) {
        return Format::gif;
    }
    if (bytes.starts_with("BM")) {
        return Format::bmp;
    }
    if (bytes.starts_with("\0\0\0\x0CjP  "sv) || bytes.starts_with("\xFF\x4F\xFF\x51"sv)) {
        return Format::jpeg2000;
    }
    if (is_pnm(bytes)) {
        return Format::pnm;
    }
    return heif_kind(bytes);
}

std::optional<Header> read_header(std::string_view bytes, Damage damage)
{
    try {
        Header header = read_known(bytes, damage);
        if (header.stored.width <= 0 || header.stored.height <= 0) {
            throw Error(Errc::input, "the " + std::string(name(header.format)) +
                                         " header states no valid size; "
                                         "the file is damaged");
        }
        return header;
    } catch (const CutShort&) {
        return std::nullopt;
    }
}

void check_whole(std::string_view bytes, Format format)
{
    const Bytes little{bytes, true};
    try {
        switch (format) {
        case Format::jpeg: walk_jpeg({bytes}, [](const JpegSegment&) { return true; }); break;
        case Format::png: walk_png({bytes}, [](const PngChunk&) { return true; }); break;
        case Format::webp: check_length(bytes.size(), std::size_t{8} + little.u32(4)); break;
        case Format::bmp: check_length(bytes.size(), little.u32(2)); break;
        case Format::gif: walk_gif({bytes}, [] { return false; }); break;
        case Format::jpeg2000:
            if (bytes.rfind("\xFF\xD9"sv) == std::string_view::npos) { // its data holds no such bytes
                throw CutShort{};
            }
            break;
        default: break; // their decoders complain
        }
    } catch (const CutShort&) {
        cut_short(format == Format::png   ? "no IEND chunk"
                  : format == Format::gif ? "its picture breaks off"
                                          : "no end-of-image marker");
    }
}

std::string stripped(std::string_view bytes, Format format)
{
    std::string kept(bytes.substr(0, format == Format::jpeg ? 2 : 8));
    std::size_t done = kept.size();
    const auto drop = [&](std::size_t begin, std::size_t end) {
        kept += bytes.substr(done, begin - done);
        done = end;
    };
    std::size_t last = bytes.size();
    if (format == Format::jpeg) {
        walk_jpeg({bytes}, [&](const JpegSegment& segment) {
            if (segment.marker == 0xE1 || segment.marker == 0xFE) {
                drop(segment.begin, segment.end);
            }
            last = segment.end; // further pictures behind the end marker go too: they have metadata of their own
            return true;
        });
    } else {
        walk_png({bytes}, [&](const PngChunk& chunk) {
            constexpr std::array k_meta{"eXIf"sv, "iTXt"sv, "tEXt"sv, "zTXt"sv};
            const bool meta = std::find(k_meta.begin(), k_meta.end(), chunk.type) != k_meta.end();
            if (meta) {
                drop(chunk.begin, chunk.end);
            }
            last = chunk.end;
            return true;
        });
    }
    return kept += bytes.substr(done, last - done);
}

} // namespace longtake::stages::picture
