#include "pipeline/av/cmaf/sound_track.h"

#include "pipeline/av/cmaf/fragmented.h"
#include "pipeline/av/cmaf/segments.h"
#include "pipeline/av/muxer.h"
#include "pipeline/av/sound/sound_feed.h"

#include <limits>
#include <utility>

namespace longtake::av::cmaf {

void write_sound_track(const std::filesystem::path& part, const MediaSpec& film, SoundSource sound,
                       std::span<const double> starts)
{
    MediaSpec spec = film;
    spec.edit_list = false;
    SoundFeed feed(std::move(sound), spec, true);
    const std::string name = part.string();
    AVFormatContext* raw = nullptr;
    check(avformat_alloc_output_context2(&raw, nullptr, "mp4", ("file:" + name).c_str()), "container 'mp4'");
    const std::unique_ptr<AVFormatContext, OutputFree> output(raw);
    output->flags |= AVFMT_FLAG_BITEXACT;
    AVStream* stream = avformat_new_stream(output.get(), nullptr);
    if (stream == nullptr) {
        throw std::bad_alloc();
    }
    const AVRational base = feed.context()->time_base;
    stream->time_base = base;
    check(avcodec_parameters_from_context(stream->codecpar, feed.context()), "write '" + name + "'");
    stream->codecpar->initial_padding = 0; // left out at its head
    check_written(avio_open(&output->pb, output->url, AVIO_FLAG_WRITE), name);
    AVDictionary* options = nullptr;
    set_options(&options);
    const int written = avformat_write_header(output.get(), &options);
    av_dict_free(&options);
    check_written(written, name);
    const ByteRange room = leave_room(output->pb, std::ssize(starts));
    const std::int64_t samples = feed.context()->frame_size; // of each packet, the last too: what it lacks is silence
    std::int64_t at = 0;
    std::size_t segment = 1;
    while (const PacketPtr packet = feed.next_before(std::numeric_limits<double>::max())) {
        const double ends = static_cast<double>(at + samples) * av_q2d(base);
        if (segment < starts.size() && ends > starts[segment]) {
            end_fragment(output.get());
            ++segment;
        }
        packet->pts = packet->dts = av_rescale_q(at, base, stream->time_base);
        packet->duration = av_rescale_q(samples, base, stream->time_base);
        at += samples;
        packet->stream_index = stream->index;
        check_written(av_write_frame(output.get(), packet.get()), name);
    }
    end_fragment(output.get());
    check_written(av_write_trailer(output.get()), name);
    check_written(avio_closep(&output->pb), name);
    write_segment_index(part, room, 0); // a segment for each fragment
}

} // namespace longtake::av::cmaf
