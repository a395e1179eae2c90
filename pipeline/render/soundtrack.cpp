#include "pipeline/render/soundtrack.h"

#include "pipeline/av/sound/limiter.h"
#include "pipeline/av/sound/loudness.h"
#include "pipeline/base/error.h"
#include "pipeline/render/clip_sound.h"
#include "pipeline/render/music_bed.h"
#include "pipeline/render/voice_sound.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <functional>
#include <string>
#include <vector>

namespace longtake::render {

namespace {

constexpr std::size_t k_block = Ducker::k_block;
constexpr double k_leave = 0.5;   ///< LU: what is this near the target is left as it is
constexpr double k_reached = 0.3; ///< LU: what the limiter's gain is tuned to
constexpr double k_gained = 0.1;  ///< LU: a pass that brings less than this is the last
constexpr int k_passes = 4;
constexpr double k_margin = 0.1; ///< dB the limiter aims below the ceiling: interpolators differ

Loudness heard_by(const av::LoudnessMeter& meter)
{
    return {meter.integrated(), meter.true_peak()};
}

void stop_if_asked(const std::stop_token& stop)
{
    if (stop.stop_requested()) {
        throw Error(Errc::interrupted, "mix: stopped");
    }
}

/// Clip sound, voices and music, block by block. Music gives way to clips and voices, clips to voices.
class Programme {
public:
    Programme(const Timeline& timeline, std::int64_t samples, const std::stop_token& stop)
        : clips_(timeline), voices_(timeline, stop),
          under_others_(timeline.voices.empty() ? k_under_clips : k_under_voices)
    {
        if (timeline.music) {
            music_.emplace(*timeline.music, samples);
            duck_ = timeline.music->duck;
        }
        spoken_ = !timeline.voices.empty();
        listen();
    }

    /// The next block.
    std::span<const float> next()
    {
        now_.swap(coming_);
        speech_.swap(coming_speech_);
        listen();
        if (spoken_) {
            under_voices_.lower(now_);
            add(speech_);
        }
        if (music_) {
            music_->read(bed_);
            if (duck_) {
                under_others_.lower(bed_);
            }
            add(bed_);
        }
        return now_;
    }

private:
    using Block = std::vector<float>;

    void listen()
    {
        clips_.read(coming_);
        if (spoken_) {
            std::ranges::fill(coming_speech_, 0.0F);
            voices_.add(coming_speech_);
            under_voices_.hear(coming_speech_);
        }
        if (duck_) {
            std::ranges::transform(coming_, coming_speech_, heard_.begin(), std::plus<>{});
            under_others_.hear(heard_);
        }
    }

    void add(const Block& sound) { std::ranges::transform(now_, sound, now_.begin(), std::plus<>{}); }

    static Block silence() { return Block(2 * k_block); }

    ClipSound clips_;
    VoiceSound voices_;
    std::optional<MusicBed> music_;
    bool duck_ = false;
    bool spoken_ = false;
    Ducker under_voices_{k_under_voices};
    Ducker under_others_;
    Block coming_ = silence(), now_ = silence(); ///< of the clips, and then of all
    Block coming_speech_ = silence(), speech_ = silence();
    Block heard_ = silence(), bed_ = silence();
};

} // namespace

av::SoundSource Soundtrack::live(const Timeline& timeline)
{
    const auto clips = std::make_shared<ClipSound>(timeline);
    const auto left = std::make_shared<std::int64_t>(timeline.rate.samples(timeline.frames(), k_sample_rate));
    return [clips, left](std::span<float> stereo) {
        const auto count = static_cast<std::size_t>(std::min<std::int64_t>(*left, std::ssize(stereo) / 2));
        clips->read(stereo.first(2 * count));
        *left -= static_cast<std::int64_t>(count);
        return count;
    };
}

Soundtrack Soundtrack::mix(const Timeline& timeline, const std::filesystem::path& scratch, std::stop_token stop)
{
    Soundtrack track;
    track.samples_ = timeline.rate.samples(timeline.frames(), k_sample_rate);

    const auto out = std::make_shared<PartFile>(scratch);
    av::LoudnessMeter meter(k_sample_rate, k_channels);
    Programme programme(timeline, track.samples_, stop);
    for (std::int64_t at = 0; at < track.samples_; at += std::int64_t{k_block}) {
        stop_if_asked(stop);
        const auto count = static_cast<std::size_t>(std::min<std::int64_t>(k_block, track.samples_ - at));
        const std::span<const float> block = programme.next().first(2 * count);
        meter.add(block);
        out->write({reinterpret_cast<const char*>(block.data()), block.size_bytes()});
    }
    track.file_ = out;
    track.measured_ = heard_by(meter);
    return track;
}

struct Soundtrack::Reader::Impl {
    Impl(std::shared_ptr<const PartFile> mix, std::int64_t samples, double gain)
        : file(std::move(mix)), left(samples), gain_db(gain), factor(static_cast<float>(std::pow(10.0, gain / 20)))
    {
    }

    /// Puts a limiter behind the gain and swallows its latency.
    void limit(double ceiling)
    {
        limiter.emplace(ceiling, k_sample_rate);
        due = left;
        std::vector<float> head(2 * limiter->latency());
        fetch(head);
        limiter->process(head);
    }

    std::size_t read(std::span<float> stereo)
    {
        if (!limiter) {
            return fetch(stereo);
        }
        const auto count = static_cast<std::size_t>(std::min<std::int64_t>(due, std::ssize(stereo) / 2));
        const std::span<float> block = stereo.first(2 * count);
        const std::size_t got = fetch(block);
        std::fill(block.begin() + static_cast<std::ptrdiff_t>(2 * got), block.end(), 0.0F);
        limiter->process(block);
        due -= static_cast<std::int64_t>(count);
        return count;
    }

    /// The mix with its gain; fewer than asked only at the end.
    std::size_t fetch(std::span<float> stereo)
    {
        const auto count = static_cast<std::size_t>(std::min<std::int64_t>(left, std::ssize(stereo) / 2));
        const std::span<float> block = stereo.first(2 * count);
        read_bytes(std::as_writable_bytes(block));
        if (gain_db != 0) {
            std::transform(block.begin(), block.end(), block.begin(), [this](float x) { return x * factor; });
        }
        left -= static_cast<std::int64_t>(count);
        return count;
    }

    void read_bytes(std::span<std::byte> bytes)
    {
        while (!bytes.empty()) {
            const ssize_t got = ::pread(file->descriptor(), bytes.data(), bytes.size(), offset);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got <= 0) {
                throw Error(Errc::storage, "mix: '" + file->part().string() + "' cannot be read: " +
                                               (got < 0 ? std::strerror(errno) : "it is shorter than it was"));
            }
            offset += got;
            bytes = bytes.subspan(static_cast<std::size_t>(got));
        }
    }

    std::shared_ptr<const PartFile> file;
    off_t offset = 0;
    std::int64_t left; ///< samples still in the file
    double gain_db;
    float factor;
    std::optional<av::Limiter> limiter;
    std::int64_t due = 0; ///< samples still to hand out through the limiter
    double limited_db = 0;
    std::optional<double> reached;
};

namespace {

/// A limited reading of the mix, and what came of it.
struct Trial {
    double gain = 0;
    double ceiling = 0;
    Loudness out;
    double limited_db = 0;

    double miss(double loudness) const { return loudness - out.integrated.value_or(loudness); }
    double over(double true_peak) const { return std::max(0.0, out.true_peak.value_or(true_peak) - true_peak); }
};

/// Limiting takes loudness off, so the gain is raised until the limited sound is as loud as asked for, or a pass
/// brings nothing more. The ceiling is kept before anything else.
template <class Attempt>
Trial tuned(const Attempt& attempt, double gain, double loudness, double true_peak)
{
    const double near_enough = gain == 0 ? k_leave : k_reached;
    double slope = 1; // LU of loudness for a dB of gain
    Trial best = attempt(gain, true_peak - k_margin);
    Trial last = best;
    for (int pass = 1; pass < k_passes; ++pass) {
        const double over = last.over(true_peak);
        const double miss = last.miss(loudness);
        if (over == 0 && std::abs(miss) <= near_enough) {
            break;
        }
        const double step = over > 0 ? 0 : miss / slope;
        const Trial now = attempt(last.gain + step, over > 0 ? last.ceiling - over - k_margin : last.ceiling);
        const double closer = std::abs(best.miss(loudness)) - std::abs(now.miss(loudness));
        if (now.over(true_peak) == 0 && (best.over(true_peak) > 0 || closer > 0)) {
            best = now;
        }
        if (step != 0) {
            slope = std::clamp((miss - now.miss(loudness)) / step, 0.25, 1.0);
            if (now.over(true_peak) == 0 && closer < k_gained) {
                break;
            }
        }
        last = now;
    }
    best.ceiling -= best.over(true_peak);
    return best;
}

} // namespace

Soundtrack::Reader::Reader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Soundtrack::Reader::~Reader() = default;
Soundtrack::Reader::Reader(Reader&&) noexcept = default;
Soundtrack::Reader& Soundtrack::Reader::operator=(Reader&&) noexcept = default;

std::size_t Soundtrack::Reader::read(std::span<float> stereo)
{
    return impl_->read(stereo);
}

double Soundtrack::Reader::gain_db() const noexcept
{
    return impl_->gain_db;
}

std::optional<double> Soundtrack::Reader::reached() const noexcept
{
    return impl_->reached;
}

double Soundtrack::Reader::limited_db() const noexcept
{
    return impl_->limited_db;
}

Soundtrack::Reader Soundtrack::read(double loudness, double true_peak, std::stop_token stop) const
{
    const double away = loudness - measured_.integrated.value_or(loudness);
    const double gain = std::abs(away) > k_leave ? away : 0;
    if (!measured_.true_peak || *measured_.true_peak + gain <= true_peak) {
        return Reader(std::make_unique<Reader::Impl>(file_, samples_, gain));
    }

    const auto attempt = [&](double with_gain, double ceiling) {
        Reader::Impl reader(file_, samples_, with_gain);
        reader.limit(ceiling);
        av::LoudnessMeter meter(k_sample_rate, k_channels);
        std::vector<float> block(2 * k_block);
        while (const std::size_t count = reader.read(block)) {
            stop_if_asked(stop);
            meter.add(std::span(block).first(2 * count));
        }
        return Trial{with_gain, ceiling, heard_by(meter), reader.limiter->limited_db()};
    };
    const Trial best = tuned(attempt, gain, loudness, true_peak);
    auto impl = std::make_unique<Reader::Impl>(file_, samples_, best.gain);
    impl->limit(best.ceiling);
    impl->limited_db = best.limited_db;
    impl->reached = best.out.integrated;
    return Reader(std::move(impl));
}

} // namespace longtake::render
