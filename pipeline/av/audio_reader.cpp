#include "pipeline/av/audio_reader.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/sound_stream.h"

extern "C" {
#include <libavutil/samplefmt.h>
}

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

namespace longtake::av {

namespace {

constexpr int k_chunk = 4096;             ///< samples of silence made at a time
constexpr int k_warm_up = 2048;           ///< samples given to the resampler before the first one wanted
constexpr std::int64_t k_seek_beyond = 8; ///< seconds: nearer starts are reached by decoding, which is always exact

} // namespace

/// Places frames on one unbroken line of source samples (silence in gaps), then resamples that line.
struct AudioReader::Impl {
    Impl(const std::filesystem::path& file, int sample_rate, std::int64_t start);

    std::size_t read(std::span<float> stereo);

private:
    void skip_to(std::int64_t start);
    void advance();
    bool take_frame();
    void give(const AVFrame* frame, int offset, int count);
    void convert(const std::uint8_t** planes, int count);
    void prepare(const AVFrame* frame);
    void drain() { convert(nullptr, 0); }

    SoundStream stream_;
    int rate_;
    ResamplerPtr resampler_;
    FramePtr silence_{av_frame_alloc()};
    AVFrame* frame_ = nullptr; ///< decoded, not yet given (or only from offset_ on)
    int offset_ = 0;           ///< first sample of frame_ still to be given
    int count_ = 0;            ///< samples of frame_ still to be given
    std::int64_t gap_ = 0;     ///< samples of silence before frame_
    std::int64_t at_ = 0;      ///< the next source sample to give, from time 0
    std::int64_t from_ = 0;    ///< source samples before this one need not be resampled
    std::int64_t discard_ = 0; ///< resampled samples before the first one wanted
    bool first_ = true;
    bool ended_ = false;
    std::vector<float> ready_; ///< resampled stereo; read from taken_
    std::size_t taken_ = 0;
};

AudioReader::Impl::Impl(const std::filesystem::path& file, int sample_rate, std::int64_t start)
    : stream_(file), rate_(sample_rate)
{
    skip_to(std::max<std::int64_t>(0, start));
}

/// Resampled positions that fall on a source sample come every `rate_ / g` samples; the resampler is started at one
/// of them, so that skipping never shifts the sound by a fraction of a sample.
void AudioReader::Impl::skip_to(std::int64_t start)
{
    const int g = std::gcd(stream_.rate(), rate_);
    const std::int64_t source_step = stream_.rate() / g;
    const std::int64_t wanted = av_rescale(start, stream_.rate(), rate_) - k_warm_up;
    const std::int64_t steps = std::max<std::int64_t>(0, wanted / source_step);
    from_ = steps * source_step;
    discard_ = start - steps * (rate_ / g);
    if (from_ / stream_.rate() >= k_seek_beyond) {
        stream_.seek(static_cast<double>(from_) / stream_.rate() - 1);
    }
}

std::size_t AudioReader::Impl::read(std::span<float> stereo)
{
    std::size_t filled = 0;
    while (filled < stereo.size()) {
        if (taken_ == ready_.size()) {
            ready_.clear();
            taken_ = 0;
            if (ended_) {
                break;
            }
            advance();
            continue;
        }
        const std::size_t count = std::min(stereo.size() - filled, ready_.size() - taken_);
        std::copy_n(ready_.begin() + static_cast<std::ptrdiff_t>(taken_), count, stereo.begin() + filled);
        filled += count;
        taken_ += count;
    }
    return filled / 2;
}

/// Gives one piece, silence or sound, to the resampler.
void AudioReader::Impl::advance()
{
    if (gap_ == 0 && count_ == 0 && !take_frame()) {
        ended_ = true;
        if (resampler_) {
            drain();
        }
        return;
    }
    const std::int64_t before = std::max<std::int64_t>(0, from_ - at_); // not wanted yet
    if (gap_ > 0) {
        const std::int64_t skipped = std::min(gap_, before);
        const int count = static_cast<int>(std::min<std::int64_t>(gap_ - skipped, k_chunk));
        gap_ -= skipped + count;
        at_ += skipped + count;
        give(silence_.get(), 0, count);
        return;
    }
    const int skipped = static_cast<int>(std::min<std::int64_t>(count_, before));
    give(frame_, offset_ + skipped, count_ - skipped);
    at_ += count_;
    count_ = 0;
}

/// Fetches the next frame and sees how it lies to what was given so far. False at the end.
bool AudioReader::Impl::take_frame()
{
    frame_ = stream_.next();
    if (!frame_) {
        return false;
    }
    prepare(frame_);
    offset_ = 0;
    count_ = stream_.sounding(frame_);
    const std::int64_t here = stream_.position(frame_).value_or(at_);
    const std::int64_t tolerance = first_ ? 0 : stream_.tolerance();
    first_ = false;
    if (here > at_ + tolerance) {
        if (at_ > 0 && stream_.gap_is_damage()) {
            stream_.damaged("a part is missing");
        }
        gap_ = here - at_;
    } else if (here < at_ - tolerance) {
        offset_ = static_cast<int>(std::min<std::int64_t>(at_ - here, count_));
        count_ -= offset_;
    }
    return true;
}

void AudioReader::Impl::give(const AVFrame* frame, int offset, int count)
{
    if (count <= 0) {
        return;
    }
    const auto format = static_cast<AVSampleFormat>(frame->format);
    const int channels = frame->ch_layout.nb_channels;
    const bool planar = av_sample_fmt_is_planar(format);
    const int step = av_get_bytes_per_sample(format) * (planar ? 1 : channels);
    std::vector<const std::uint8_t*> planes;
    for (int i = 0; i < (planar ? channels : 1); ++i) {
        planes.push_back(frame->extended_data[i] + static_cast<std::ptrdiff_t>(offset) * step);
    }
    convert(planes.data(), count);
}

void AudioReader::Impl::convert(const std::uint8_t** planes, int count)
{
    const int room = check(swr_get_out_samples(resampler_.get(), count), "resample");
    const std::size_t before = ready_.size();
    ready_.resize(before + 2 * static_cast<std::size_t>(room));
    auto* out = reinterpret_cast<std::uint8_t*>(ready_.data() + before);
    const int made = check(swr_convert(resampler_.get(), &out, room, planes, count), "resample");
    ready_.resize(before + 2 * static_cast<std::size_t>(made));
    if (discard_ > 0) {
        const std::int64_t gone = std::min<std::int64_t>(discard_, made);
        ready_.erase(ready_.begin() + static_cast<std::ptrdiff_t>(before),
                     ready_.begin() + static_cast<std::ptrdiff_t>(before) + 2 * gone);
        discard_ -= gone;
    }
}

/// Makes the resampler for the frame's format, and again when the format changes midway.
void AudioReader::Impl::prepare(const AVFrame* frame)
{
    if (resampler_ && silence_->format == frame->format &&
        av_channel_layout_compare(&silence_->ch_layout, &frame->ch_layout) == 0) {
        return;
    }
    if (resampler_) {
        drain();
    }
    av_frame_unref(silence_.get());
    silence_->format = frame->format;
    silence_->nb_samples = k_chunk;
    check(av_channel_layout_copy(&silence_->ch_layout, &frame->ch_layout), "resample");
    check(av_frame_get_buffer(silence_.get(), 0), "resample");
    av_samples_set_silence(silence_->extended_data, 0, k_chunk, frame->ch_layout.nb_channels,
                           static_cast<AVSampleFormat>(frame->format));

    AVChannelLayout from{};
    if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
        av_channel_layout_default(&from, frame->ch_layout.nb_channels);
    } else {
        check(av_channel_layout_copy(&from, &frame->ch_layout), "resample");
    }
    AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    SwrContext* made = nullptr;
    const int result = swr_alloc_set_opts2(&made, &stereo, AV_SAMPLE_FMT_FLT, rate_, &from,
                                           static_cast<AVSampleFormat>(frame->format), stream_.rate(), 0, nullptr);
    av_channel_layout_uninit(&from);
    resampler_.reset(made);
    check(result, "resample", Errc::input);
    if (frame->ch_layout.nb_channels == 1) {
        const double half_power[] = {std::sqrt(0.5), std::sqrt(0.5)};
        check(swr_set_matrix(made, half_power, 1), "resample");
    }
    check(swr_init(made), "resample", Errc::input);
}

AudioReader::AudioReader(const std::filesystem::path& file, int sample_rate, std::int64_t start)
    : impl_(std::make_unique<Impl>(file, sample_rate, start))
{
}

AudioReader::~AudioReader() = default;
AudioReader::AudioReader(AudioReader&&) noexcept = default;
AudioReader& AudioReader::operator=(AudioReader&&) noexcept = default;

std::size_t AudioReader::read(std::span<float> stereo)
{
    return impl_->read(stereo);
}

} // namespace longtake::av
