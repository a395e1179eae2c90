#include "pipeline/av/sound/audio_reader.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/sound/sound_stream.h"

extern "C" {
#include <libavutil/samplefmt.h>
}

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

namespace longtake::av {

namespace {

constexpr int k_chunk = 4096;             ///< samples of silence made at a time
constexpr int k_warm_up = 2048;           ///< samples given to the resampler before the first one wanted
constexpr std::int64_t k_seek_beyond = 8; ///< seconds: nearer starts are reached by decoding, which is always exact

/// Decides which steps of the timestamps are believed: recorders, coarse time bases and Vorbis' block switches shake
/// them about samples that are contiguous.
class Steps {
public:
    /// `off`: samples by which a frame's timestamp lies after the end of the samples before it; `count`: its samples.
    /// How far off the frame is to be taken for.
    std::int64_t believed(std::int64_t off, int count, int rate)
    {
        const std::int64_t size = std::abs(off);
        if (size * 1000 > rate * k_at_once) {
            stays_ = 0;
            return off;
        }
        if (size * 1000 <= rate * k_wobble || (stays_ > 0 && (off < 0) != (least_ < 0))) {
            stays_ = 0;
            return 0;
        }
        least_ = stays_ == 0 || size < std::abs(least_) ? off : least_;
        stays_ += count;
        if (stays_ < rate / 2) {
            return 0;
        }
        stays_ = 0;
        return least_;
    }

private:
    static constexpr std::int64_t k_wobble = 10;  ///< milliseconds that nobody hears against the picture
    static constexpr std::int64_t k_at_once = 60; ///< milliseconds: no wobble is so large

    std::int64_t least_ = 0;
    std::int64_t stays_ = 0; ///< samples for which the timestamps have been off to one side, by `least_` or more
};

/// How a track of one channel is heard.
enum class Mono {
    alone,   ///< on both sides, at -3 dB each
    channel, ///< as one of two: on both sides, as loud as it is
};

/// Places a track's frames on one unbroken line of source samples (silence in gaps), then resamples that line.
class Track {
public:
    Track(const std::filesystem::path& file, std::size_t which, Mono mono, int sample_rate, std::int64_t start,
          Damage damage);

    std::size_t read(std::span<float> stereo);

    std::size_t tracks() const noexcept { return stream_.tracks(); }

private:
    void skip_to(std::int64_t start, int source_rate);
    void advance();
    bool take_frame();
    void give(const AVFrame* frame, int offset, int count);
    void convert(const std::uint8_t** planes, int count);
    void prepare(const AVFrame* frame);
    void go_on_at(int source_rate);
    void make_resampler(const AVFrame* frame);
    void drain() { convert(nullptr, 0); }

    SoundStream stream_;
    int rate_;
    Mono mono_;
    std::int64_t start_;
    ResamplerPtr resampler_;
    FramePtr silence_{av_frame_alloc()};
    AVFrame* frame_ = nullptr; ///< decoded, not yet given (or only from offset_ on)
    int offset_ = 0;           ///< first sample of frame_ still to be given
    int count_ = 0;            ///< samples of frame_ still to be given
    std::int64_t gap_ = 0;     ///< samples of silence before frame_
    std::int64_t at_ = 0;      ///< the next source sample to give, from time 0
    std::int64_t from_ = 0;    ///< source samples before this one need not be resampled
    std::int64_t discard_ = 0; ///< resampled samples before the first one wanted
    Steps steps_;
    bool exact_ = true; ///< the next frame lies where its timestamp says
    bool ended_ = false;
    std::vector<float> ready_; ///< resampled stereo; read from taken_
    std::size_t taken_ = 0;
};

Track::Track(const std::filesystem::path& file, std::size_t which, Mono mono, int sample_rate, std::int64_t start,
             Damage damage)
    : stream_(file, which, damage), rate_(sample_rate), mono_(mono), start_(std::max<std::int64_t>(0, start))
{
    skip_to(start_, stream_.rate());
    if (from_ / stream_.rate() >= k_seek_beyond) {
        stream_.seek(static_cast<double>(from_) / stream_.rate() - 1);
    }
}

/// Resampled positions that fall on a source sample come every `rate_ / g` samples; the resampler is started at one
/// of them, so that skipping never shifts the sound by a fraction of a sample.
void Track::skip_to(std::int64_t start, int source_rate)
{
    const int g = std::gcd(source_rate, rate_);
    const std::int64_t source_step = source_rate / g;
    const std::int64_t wanted = av_rescale(start, source_rate, rate_) - k_warm_up;
    const std::int64_t steps = std::max<std::int64_t>(0, wanted / source_step);
    from_ = steps * source_step;
    discard_ = start - steps * (rate_ / g);
}

std::size_t Track::read(std::span<float> stereo)
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
void Track::advance()
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
bool Track::take_frame()
{
    frame_ = stream_.next();
    if (!frame_) {
        return false;
    }
    prepare(frame_);
    offset_ = 0;
    count_ = stream_.sounding(frame_);
    const std::int64_t off = stream_.position(frame_).value_or(at_) - at_;
    const std::int64_t step = exact_ ? off : steps_.believed(off, count_, frame_->sample_rate);
    if (step > 0) {
        if (at_ > 0 && stream_.gap_is_damage()) {
            stream_.damaged("a part is missing");
        }
        gap_ = step;
    } else if (step < 0) {
        offset_ = static_cast<int>(std::min<std::int64_t>(-step, count_));
        count_ -= offset_;
    }
    exact_ = count_ == 0; // all of it lies before where the line is
    return true;
}

void Track::give(const AVFrame* frame, int offset, int count)
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

void Track::convert(const std::uint8_t** planes, int count)
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

/// Makes the resampler for the frame's format, and again when rate, format or layout change midway.
void Track::prepare(const AVFrame* frame)
{
    if (resampler_ && silence_->format == frame->format && silence_->sample_rate == frame->sample_rate &&
        av_channel_layout_compare(&silence_->ch_layout, &frame->ch_layout) == 0) {
        return;
    }
    if (resampler_) {
        drain();
        go_on_at(frame->sample_rate);
    } else {
        skip_to(start_, frame->sample_rate); // the header may have said another
    }
    av_frame_unref(silence_.get());
    silence_->format = frame->format;
    silence_->sample_rate = frame->sample_rate;
    silence_->nb_samples = k_chunk;
    check(av_channel_layout_copy(&silence_->ch_layout, &frame->ch_layout), "resample");
    check(av_frame_get_buffer(silence_.get(), 0), "resample");
    av_samples_set_silence(silence_->extended_data, 0, k_chunk, frame->ch_layout.nb_channels,
                           static_cast<AVSampleFormat>(frame->format));
    make_resampler(frame);
}

/// Counts source samples at another rate from here on. A resampler gives, at its end, what it held back: what comes
/// next begins where that ends.
void Track::go_on_at(int source_rate)
{
    at_ = av_rescale(at_, source_rate, silence_->sample_rate);
    from_ = av_rescale(from_, source_rate, silence_->sample_rate);
}

void Track::make_resampler(const AVFrame* frame)
{
    AVChannelLayout from{};
    if (frame->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC) {
        av_channel_layout_default(&from, frame->ch_layout.nb_channels);
    } else {
        check(av_channel_layout_copy(&from, &frame->ch_layout), "resample");
    }
    AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
    SwrContext* made = nullptr;
    const int result = swr_alloc_set_opts2(&made, &stereo, AV_SAMPLE_FMT_FLT, rate_, &from,
                                           static_cast<AVSampleFormat>(frame->format), frame->sample_rate, 0, nullptr);
    av_channel_layout_uninit(&from);
    resampler_.reset(made);
    check(result, "resample", Errc::input);
    if (frame->ch_layout.nb_channels == 1) {
        const double gain = mono_ == Mono::alone ? std::sqrt(0.5) : 1;
        const double both[] = {gain, gain};
        check(swr_set_matrix(made, both, 1), "resample");
    } else if (frame->ch_layout.nb_channels > 2) {
        check(av_opt_set_double(made, "rematrix_maxval", 1, 0), "resample"); // the gains of a side add up to 1
    }
    check(swr_init(made), "resample", Errc::input);
}

} // namespace

struct AudioReader::Impl {
    Impl(const std::filesystem::path& file, int sample_rate, std::int64_t start, Damage damage)
        : left(file, 0, Mono::alone, sample_rate, start, damage)
    {
        if (left.tracks() == 2) {
            left = Track(file, 0, Mono::channel, sample_rate, start, damage);
            right.emplace(file, 1, Mono::channel, sample_rate, start, damage);
        }
    }

    std::size_t read(std::span<float> stereo)
    {
        const std::size_t got = left.read(stereo);
        if (!right) {
            return got;
        }
        other.assign(stereo.size(), 0);
        const std::size_t more = right->read(other);
        const std::size_t count = std::max(got, more);
        for (std::size_t i = 0; i < count; ++i) {
            stereo[2 * i] = i < got ? stereo[2 * i] : 0;
            stereo[2 * i + 1] = i < more ? other[2 * i + 1] : 0;
        }
        return count;
    }

    Track left; ///< or all there is
    std::optional<Track> right;
    std::vector<float> other;
};

AudioReader::AudioReader(const std::filesystem::path& file, int sample_rate, std::int64_t start, Damage damage)
    : impl_(std::make_unique<Impl>(file, sample_rate, start, damage))
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
