#include "pipeline/av/cmaf/codec_text.h"

#include "pipeline/av/cmaf/boxes.h"
#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <array>
#include <vector>

namespace longtake::av::cmaf {
namespace {

using View = std::span<const std::uint8_t>;

std::string h264_text(const std::string& entry, View config)
{
    BoxReader reader(config);
    reader.skip(1);
    const auto profile = reader.u8(), constraints = reader.u8(), level = reader.u8();
    return fmt::format("{}.{:02x}{:02x}{:02x}", entry, profile, constraints, level);
}

/// Its compatibility flags are written from the last to the first, its constraints without what is zero at their end.
std::string hevc_text(const std::string& entry, View config)
{
    BoxReader reader(config);
    reader.skip(1);
    const std::uint32_t first = reader.u8();
    const std::uint32_t compatible = reader.u32();
    std::vector<std::uint32_t> constraints;
    for (int i = 0; i < 6; ++i) {
        constraints.push_back(reader.u8());
    }
    const std::uint32_t level = reader.u8();
    std::uint32_t reversed = 0;
    for (int bit = 0; bit < 32; ++bit) {
        reversed |= (compatible >> bit & 1U) << (31 - bit);
    }
    constexpr std::array spaces{"", "A", "B", "C"};
    std::string text = fmt::format("{}.{}{}.{:X}.{}{}", entry, spaces[first >> 6], first & 31, reversed,
                                   (first & 32) != 0 ? 'H' : 'L', level);
    while (!constraints.empty() && constraints.back() == 0) {
        constraints.pop_back();
    }
    for (const std::uint32_t constraint : constraints) {
        text += fmt::format(".{:X}", constraint);
    }
    return text;
}

std::string av1_text(View config)
{
    BoxReader reader(config);
    reader.skip(1);
    const auto profile_level = reader.u8(), flags = reader.u8();
    const int depth = (flags & 0x40) == 0 ? 8 : (flags & 0x20) == 0 ? 10 : 12;
    return fmt::format("av01.{}.{:02}{}.{:02}", profile_level >> 5, profile_level & 31, (flags & 0x80) != 0 ? 'H' : 'M',
                       depth);
}

std::string vp9_text(View config)
{
    BoxReader reader(config);
    reader.skip(4);
    const auto profile = reader.u8(), level = reader.u8(), depth = reader.u8() >> 4;
    return fmt::format("vp09.{:02}.{:02}.{:02}", profile, level, depth);
}

/// A descriptor's tag and its length in groups of seven bits (ISO/IEC 14496-1, 8.3.3).
std::uint32_t descriptor(BoxReader& reader)
{
    const std::uint32_t tag = reader.u8();
    while ((reader.u8() & 0x80) != 0) {
    }
    return tag;
}

/// What an elementary stream descriptor says: the object type, then MPEG-4's audio object type.
std::string mpeg4_audio_text(View esds)
{
    BoxReader reader(esds);
    reader.skip(4);
    constexpr std::uint32_t k_stream = 3, k_decoder = 4, k_specific = 5, k_mpeg4 = 0x40;
    if (descriptor(reader) != k_stream) {
        throw Error(Errc::unverified, "esds does not begin with its stream");
    }
    reader.skip(3);
    if (descriptor(reader) != k_decoder) {
        throw Error(Errc::unverified, "esds says nothing of its decoder");
    }
    const std::uint32_t type = reader.u8();
    reader.skip(12);
    if (type != k_mpeg4 || descriptor(reader) != k_specific) {
        return fmt::format("mp4a.{:02x}", type);
    }
    return fmt::format("mp4a.{:x}.{}", type, reader.u8() >> 3);
}

View configuration(View boxes, const std::string& entry, const char* type)
{
    const View found = find_box(boxes, type);
    if (found.empty()) {
        throw Error(Errc::unverified, fmt::format("sample entry '{}' has no {}", entry, type));
    }
    return found;
}

} // namespace

std::string codec_text(const std::string& entry, View boxes)
{
    if (entry == "avc1" || entry == "avc3") {
        return h264_text(entry, configuration(boxes, entry, "avcC"));
    }
    if (entry == "hvc1" || entry == "hev1") {
        return hevc_text(entry, configuration(boxes, entry, "hvcC"));
    }
    if (entry == "av01") {
        return av1_text(configuration(boxes, entry, "av1C"));
    }
    if (entry == "vp09") {
        return vp9_text(configuration(boxes, entry, "vpcC"));
    }
    if (entry == "mp4a") {
        return mpeg4_audio_text(configuration(boxes, entry, "esds"));
    }
    throw Error(Errc::unverified, fmt::format("sample entry '{}' is not one that players are told of", entry));
}

} // namespace longtake::av::cmaf
