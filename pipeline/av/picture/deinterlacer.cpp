#include "pipeline/av/picture/deinterlacer.h"

#include "pipeline/av/ffmpeg.h"

#include <fmt/format.h>

namespace longtake::av {

Deinterlacer::Deinterlacer(Fields fields)
    : graph_(fmt::format("bwdif=mode={}:parity=auto:deint=interlaced",
                         fields == Fields::each ? "send_field" : "send_frame"))
{
}

void Deinterlacer::push(const VideoReader::Shown& shown)
{
    const Frame frame = shown.frame.share();
    frame.get()->pts = count_++;
    times_.push_back(shown.seconds);
    graph_.push(frame);
}

void Deinterlacer::finish()
{
    graph_.finish();
}

/// Between two frames where the second field of the first is shown.
double Deinterlacer::shown_at(std::int64_t half_frames) const
{
    const auto at = static_cast<std::size_t>(half_frames / 2 - first_);
    if (half_frames % 2 == 0) {
        return times_[at];
    }
    if (at + 1 < times_.size()) {
        return (times_[at] + times_[at + 1]) / 2;
    }
    return at > 0 ? times_[at] + (times_[at] - times_[at - 1]) / 2 : times_[at];
}

std::optional<VideoReader::Shown> Deinterlacer::pull()
{
    auto frame = graph_.pull();
    if (!frame) {
        return std::nullopt;
    }
    const std::int64_t at = frame->get()->pts;
    VideoReader::Shown shown{std::move(*frame), shown_at(at)};
    while (first_ + 2 < at / 2) {
        times_.pop_front();
        ++first_;
    }
    return shown;
}

} // namespace longtake::av
