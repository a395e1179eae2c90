#include "pipeline/av/splice/packet_run_reader.h"

#include <cmath>
#include <utility>

namespace longtake::av {

PacketRunReader::PacketRunReader(const std::filesystem::path& file, const PacketRun& run, Rate rate)
    : input_(open_track(file)), run_(run), rate_(rate)
{
    if (run.packet > 0 && !seek()) {
        input_ = open_track(file);
        for (std::int64_t i = 0; i < run.packet; ++i) {
            if (!read_packet(input_, packet_.get())) {
                changed();
            }
        }
    }
}

/// Where the container has an index of every packet, reading can begin near the run. Seeking means presentation time in
/// some demuxers and decoding time in others, so it is seen where it led to: the packet before tells.
bool PacketRunReader::seek()
{
    AVStream* stream = input_.stream;
    if (avformat_index_get_entries_count(stream) <= run_.packet || stream->start_time == AV_NOPTS_VALUE) {
        return false;
    }
    input_.ahead.reset();
    const std::int64_t decoded_at = avformat_index_get_entry(stream, static_cast<int>(run_.packet))->timestamp;
    const double seconds = (static_cast<double>(run_.first) + 0.5) / rate_.fps();
    const std::int64_t target = stream->start_time + std::llround(seconds / av_q2d(stream->time_base));
    if (av_seek_frame(input_.container.get(), stream->index, target, AVSEEK_FLAG_BACKWARD) < 0 ||
        !read_packet(input_, packet_.get()) || packet_->dts != decoded_at) {
        return false;
    }
    waiting_ = true;
    return true;
}

void PacketRunReader::changed() const
{
    throw Error(Errc::input, input_.name + ": is not what it was when it was looked at first");
}

const AVPacket* PacketRunReader::next()
{
    if (given_ == run_.packets) {
        return nullptr;
    }
    const std::int64_t skipped = given_ == 1 ? run_.skipped : 0;
    for (std::int64_t i = 0; i <= skipped; ++i) {
        if (!std::exchange(waiting_, false) && !read_packet(input_, packet_.get())) {
            changed();
        }
    }
    if (packet_->pts == AV_NOPTS_VALUE) {
        changed();
    }
    shown_ = std::llround(input_.seconds(packet_->pts) * rate_.fps()) - run_.first;
    if (shown_ < 0 || shown_ >= run_.packets || (given_ == 0 && shown_ != 0)) {
        changed();
    }
    ++given_;
    return packet_.get();
}

} // namespace longtake::av
