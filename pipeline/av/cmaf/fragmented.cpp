#include "pipeline/av/cmaf/fragmented.h"

#include "pipeline/av/cmaf/decode_times.h"
#include "pipeline/av/cmaf/segments.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

namespace longtake::av::cmaf {

void set_options(AVDictionary** options)
{
    av_dict_set(options, "movflags", "+cmaf+empty_moov+frag_custom+default_base_moof+skip_trailer", 0);
    av_dict_set(options, "use_editlist", "0", 0);
}

ByteRange leave_room(AVIOContext* file, std::int64_t segments)
{
    constexpr std::int64_t k_empty_box = 8; // so that what is left is a box, or nothing
    const ByteRange room{avio_tell(file), segment_index_bytes(segments) + k_empty_box};
    avio_wb32(file, static_cast<unsigned>(room.bytes));
    avio_write(file, reinterpret_cast<const unsigned char*>("free"), 4);
    const std::vector<unsigned char> zeros(static_cast<std::size_t>(room.bytes - k_empty_box));
    avio_write(file, zeros.data(), static_cast<int>(zeros.size()));
    return room;
}

void write_fragment(AVFormatContext* output, const AVStream* stream, AVRational base, std::span<const PacketPtr> gop,
                    std::int64_t end)
{
    std::vector<std::int64_t> shown;
    std::ranges::transform(gop, std::back_inserter(shown),
                           [&](const PacketPtr& packet) { return av_rescale_q(packet->pts, base, stream->time_base); });
    std::vector<std::int64_t> decoded = decode_times(shown);
    decoded.push_back(av_rescale_q(end, base, stream->time_base));
    for (std::size_t i = 0; i < gop.size(); ++i) {
        AVPacket* packet = gop[i].get();
        packet->pts = shown[i];
        packet->dts = decoded[i];
        packet->duration = decoded[i + 1] - decoded[i];
        packet->stream_index = stream->index;
        check_written(av_write_frame(output, packet), output->url);
    }
    end_fragment(output);
}

void end_fragment(AVFormatContext* output)
{
    check_written(av_write_frame(output, nullptr), output->url);
    avio_flush(output->pb); // whoever looks at the file sees whole fragments
}

} // namespace longtake::av::cmaf
