#include "stages/prepare/exif.h"

#include "stages/prepare/bytes.h"

namespace longtake::stages::picture {
namespace {

enum Tag : int {
    k_orientation = 274,
    k_gps_directory = 0x8825,
};

struct Entry {
    int tag = 0;
    std::uint32_t value = 0; ///< the first one
};

/// The first value of a SHORT or LONG entry, wherever it is stored.
Entry entry_at(Bytes tiff, std::size_t at)
{
    constexpr int k_short = 3;
    const int type = tiff.u16(at + 2);
    const std::uint32_t count = tiff.u32(at + 4);
    const bool elsewhere = count > (type == k_short ? 2U : 1U);
    const std::size_t where = elsewhere ? tiff.u32(at + 8) : at + 8;
    return {tiff.u16(at), type == k_short ? tiff.u16(where) : tiff.u32(where)};
}

void take(const Entry& entry, Bytes tiff, ExifTags& tags)
{
    const int value = static_cast<int>(entry.value & 0x7FFFFFFFU);
    switch (entry.tag) {
    case k_orientation: tags.orientation = value >= 1 && value <= 8 ? value : 1; break;
    case k_gps_directory: tags.location = tiff.u16(entry.value) > 1; break; // 1: the version number alone
    default: break;
    }
}

void take_readable(Bytes tiff, std::size_t at, ExifTags& tags)
{
    try {
        take(entry_at(tiff, at), tiff, tags);
    } catch (const CutShort&) {
        return; // a value stored outside what we have: the others may still be readable
    }
}

} // namespace

ExifTags read_exif(std::string_view view) noexcept
{
    constexpr std::size_t k_entry = 12; // bytes
    ExifTags tags;
    const Bytes tiff{view, view.substr(0, 2) == "II"};
    try {
        const std::size_t directory = tiff.u32(4) + std::size_t{2};
        const std::size_t entries = tiff.u16(directory - 2);
        for (std::size_t at = directory; at < directory + k_entry * entries; at += k_entry) {
            const int tag = tiff.u16(at);
            if (tag == k_orientation || tag == k_gps_directory) {
                take_readable(tiff, at, tags);
            }
        }
    } catch (const CutShort&) {
        return tags; // no more than this can be read
    }
    return tags;
}

} // namespace longtake::stages::picture
