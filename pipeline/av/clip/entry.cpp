#include "pipeline/av/clip/entry.h"

#include "pipeline/av/bitstream/h264/nal.h"
#include "pipeline/av/input.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace longtake::av {
namespace {

/// The bytes of the length before each NAL unit, from avcC (ISO/IEC 14496-15, 5.3.3.1) or hvcC (8.3.3.1); 0: start
/// codes.
int length_size(const AVCodecParameters* parameters)
{
    const std::size_t at = parameters->codec_id == AV_CODEC_ID_HEVC ? 21 : 4;
    const View extra = header_of(parameters);
    return extra.size() > at && extra[0] == 1 ? (extra[at] & 3) + 1 : 0;
}

/// NAL unit types are in the first byte of both: H.264's in 5 bits (table 7-1), HEVC's in 6 (table 7-1).
template <class Wanted>
bool has_nal(const AVStream* stream, const AVPacket* packet, Wanted wanted)
{
    const std::vector<View> nals = split(bytes_of(packet), length_size(stream->codecpar));
    return std::any_of(nals.begin(), nals.end(), [&](View nal) { return !nal.empty() && wanted(nal[0]); });
}

/// A slice that is not an IDR picture's.
bool leans_on_others(std::uint8_t head)
{
    const int type = head & 0x1F;
    return type >= static_cast<int>(h264::NalType::slice) && type < static_cast<int>(h264::NalType::idr_slice);
}

/// A slice that is neither a BLA nor an IDR picture's: of those after a CRA picture, the ones that refer to before it
/// (RASL) cannot be shown.
bool leans_on_others_in_hevc(std::uint8_t head)
{
    constexpr int cra = 21;
    const int type = head >> 1 & 0x3F;
    return type < 16 || type == cra;
}

/// The closed_gop flag after the 25 bits of time code in a group's header (ISO/IEC 13818-2, 6.2.2.6).
bool closed_group(View packet)
{
    constexpr std::array<std::uint8_t, 4> code{0, 0, 1, 0xB8};
    const auto found = std::search(packet.begin(), packet.end(), code.begin(), code.end());
    return packet.end() - found > 7 && (found[7] & 0x40) != 0;
}

} // namespace

bool can_begin_at(const AVStream* stream, const AVPacket* first)
{
    const bool key = (first->flags & AV_PKT_FLAG_KEY) != 0; // which libavformat takes off damaged H.264
    try {
        switch (stream->codecpar->codec_id) {
        case AV_CODEC_ID_H264: return !has_nal(stream, first, leans_on_others);
        case AV_CODEC_ID_HEVC: return !has_nal(stream, first, leans_on_others_in_hevc);
        case AV_CODEC_ID_MPEG1VIDEO:
        case AV_CODEC_ID_MPEG2VIDEO: return key && closed_group(bytes_of(first));
        default: return key;
        }
    } catch (const Error&) {
        return true; // decoding it says what is wrong with it
    }
}

PacketPtr first_by_index(AVFormatContext* container, const AVStream* stream)
{
    const bool indexed = std::strstr(container->iformat->name, "mov") != nullptr;
    const AVIndexEntry* entry = indexed ? avformat_index_get_entry(const_cast<AVStream*>(stream), 0) : nullptr;
    if (entry == nullptr || avio_seek(container->pb, entry->pos, SEEK_SET) < 0) {
        return nullptr;
    }
    PacketPtr packet(av_packet_alloc());
    if (av_get_packet(container->pb, packet.get(), entry->size) != entry->size) {
        return nullptr;
    }
    packet->flags = (entry->flags & AVINDEX_KEYFRAME) != 0 ? AV_PKT_FLAG_KEY : 0;
    return packet;
}

} // namespace longtake::av
