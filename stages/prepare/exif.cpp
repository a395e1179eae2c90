#include "stages/prepare/exif.h"

#include "stages/prepare/bytes.h"

namespace longtake::stages::picture {
namespace {

enum Tag : int {
    k_orientation = 274,
    k_gps_directory = 0x8825,
};

constexpr std::size_t k_entry_bytes = 12;

/// Whether the bytes from `at` on are there. A file may have a million entries that lead nowhere: asking is cheaper
/// than an exception for each.
bool there(Bytes tiff, std::size_t at, std::size_t length)
{
    return at <= tiff.view.size() && length <= tiff.view.size() - at;
}

/// The first value of a SHORT or LONG entry that is there itself; 0 if that is stored outside what we have.
std::uint32_t value_at(Bytes tiff, std::size_t at)
{
    constexpr int k_short = 3;
    const bool small = tiff.u16(at + 2) == k_short;
    const bool elsewhere = tiff.u32(at + 4) > (small ? 2U : 1U);
    const std::size_t where = elsewhere ? tiff.u32(at + 8) : at + 8;
    if (!there(tiff, where, small ? 2 : 4)) {
        return 0;
    }
    return small ? tiff.u16(where) : tiff.u32(where);
}

void take(Bytes tiff, std::size_t at, ExifTags& tags)
{
    const int tag = tiff.u16(at);
    if (tag != k_orientation && tag != k_gps_directory) {
        return;
    }
    const std::uint32_t value = value_at(tiff, at);
    if (tag == k_orientation) {
        tags.orientation = value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
    } else {
        tags.location = there(tiff, value, 2) && tiff.u16(value) > 1; // 1: the version number alone
    }
}

} // namespace

ExifTags read_exif(std::string_view view) noexcept
{
    ExifTags tags;
    const Bytes tiff{view, view.substr(0, 2) == "II"};
    if (!there(tiff, 4, 4) || !there(tiff, tiff.u32(4), 2)) {
        return tags;
    }
    const std::size_t directory = tiff.u32(4) + std::size_t{2};
    const std::size_t entries = tiff.u16(directory - 2);
    for (std::size_t i = 0; i < entries && there(tiff, directory + k_entry_bytes * i, k_entry_bytes); ++i) {
        take(tiff, directory + k_entry_bytes * i, tags);
    }
    return tags;
}

} // namespace longtake::stages::picture
