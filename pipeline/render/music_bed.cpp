#include "pipeline/render/music_bed.h"

#include "pipeline/base/error.h"
#include "pipeline/render/clip_sound.h"
#include "pipeline/render/soundtrack.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace longtake::render {

namespace {

constexpr int k_music_rate = Soundtrack::k_sample_rate;
constexpr std::size_t k_overlap = k_music_rate / 4; ///< crossfade where the music starts again
constexpr std::int64_t k_not_missed =
    k_music_rate / 50; ///< 20 ms: so little music missing at the end is no reason to loop

constexpr double k_threshold = 3.2e-5; ///< mean square of -45 dBFS
constexpr double k_attack = 0.080 * k_music_rate;

double linear(double db)
{
    return std::pow(10.0, db / 20);
}

/// How alike two stretches are: 1 the same, 0 unrelated (or opposed).
double likeness(std::span<const float> a, std::span<const float> b)
{
    const double ab = std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
    const double aa = std::inner_product(a.begin(), a.end(), a.begin(), 0.0);
    const double bb = std::inner_product(b.begin(), b.end(), b.begin(), 0.0);
    return aa > 0 && bb > 0 ? std::clamp(ab / std::sqrt(aa * bb), 0.0, 1.0) : 0.0;
}

/// Crossfades `tail` into `head`, written over `tail`. The power stays even whatever the two have in common: the law
/// lies between equal power (unrelated) and equal gain (the same sound).
void crossfade(std::span<float> tail, std::span<const float> head)
{
    const double alike = likeness(tail, head);
    const auto length = static_cast<std::int64_t>(tail.size() / 2);
    const Ramp in{0, length, Ramp::Direction::in};
    for (std::size_t i = 0; i < tail.size(); ++i) {
        const double b = in.gain(static_cast<std::int64_t>(i / 2));
        const double a = 1 - b;
        const double even = 1 / std::sqrt(a * a + b * b + 2 * alike * a * b);
        tail[i] = static_cast<float>((a * tail[i] + b * head[i]) * even);
    }
}

} // namespace

double loop_period(double seconds)
{
    return seconds - std::min(static_cast<double>(k_overlap) / k_music_rate, seconds / 2);
}

MusicBed::MusicBed(const Music& music, std::int64_t film_samples)
    : music_(music), level_(linear(music.gain_db)), film_(film_samples), reader_(music.file, k_music_rate)
{
}

/// Reads until `samples` and an overlap are at hand, so that the music's end is known an overlap before it comes.
void MusicBed::gather(std::size_t samples)
{
    while (!ended_ && ahead_.size() < 2 * (samples + k_overlap)) {
        const std::size_t before = ahead_.size();
        ahead_.resize(2 * (samples + k_overlap));
        const std::size_t got = reader_.read(std::span(ahead_).subspan(before));
        ahead_.resize(before + 2 * got);
        length_ += static_cast<std::int64_t>(got);
        if (ahead_.size() < 2 * (samples + k_overlap)) {
            start_again();
        }
    }
}

void MusicBed::start_again()
{
    if (length_ == 0) {
        throw Error(Errc::input, "music '" + music_.file.string() + "': holds no sound; choose another file");
    }
    if (film_ - at_ <= static_cast<std::int64_t>(ahead_.size() / 2) + k_not_missed) {
        ended_ = true;
        return;
    }
    reader_ = av::AudioReader(music_.file, k_music_rate);
    // No more than half of the music, or a short piece would be all crossfade.
    const std::size_t wanted = std::min(k_overlap, static_cast<std::size_t>(length_ / 2));
    std::vector<float> head(2 * std::min(wanted, ahead_.size() / 2));
    head.resize(2 * reader_.read(head));
    crossfade(std::span(ahead_).last(head.size()), head);
    length_ = static_cast<std::int64_t>(head.size() / 2);
}

double MusicBed::gain() const
{
    const auto samples = [](double seconds) { return static_cast<std::int64_t>(std::llround(seconds * k_music_rate)); };
    double gain = level_;
    if (music_.fade_in > 0) {
        gain *= Ramp{0, samples(music_.fade_in), Ramp::Direction::in, Ramp::Law::power}.gain(at_);
    }
    if (music_.fade_out > 0) {
        gain *= Ramp{film_ - samples(music_.fade_out), film_, Ramp::Direction::out, Ramp::Law::power}.gain(at_);
    }
    return gain;
}

void MusicBed::read(std::span<float> stereo)
{
    const auto left = static_cast<std::size_t>(std::max<std::int64_t>(0, film_ - at_));
    const std::size_t samples = std::min(stereo.size() / 2, left);
    gather(samples);
    const std::size_t count = std::min(2 * samples, ahead_.size());
    for (std::size_t i = 0; i < count; i += 2, ++at_) {
        const double here = gain();
        stereo[i] = static_cast<float>(ahead_[i] * here);
        stereo[i + 1] = static_cast<float>(ahead_[i + 1] * here);
    }
    ahead_.erase(ahead_.begin(), ahead_.begin() + static_cast<std::ptrdiff_t>(count));
    std::fill(stereo.begin() + static_cast<std::ptrdiff_t>(count), stereo.end(), 0.0F);
}

void Ducker::hear(std::span<const float> sound)
{
    for (std::size_t hop = 0; hop < k_hops; ++hop) {
        const auto here = sound.subspan(2 * hop * k_hop, 2 * k_hop);
        newest_ = (newest_ + 1) % k_window;
        power_[newest_] = std::inner_product(here.begin(), here.end(), here.begin(), 0.0) / (2.0 * k_hop);
        sounding_.push_back(std::accumulate(power_.begin(), power_.end(), 0.0) / k_window > k_threshold);
    }
}

void Ducker::lower(std::span<float> other)
{
    constexpr auto early = static_cast<std::size_t>(k_attack) / k_hop;
    const auto late = static_cast<std::int64_t>(how_.hold * k_music_rate) / static_cast<std::int64_t>(k_hop);
    const double up = 1 / (how_.release * k_music_rate);
    static_assert(early < k_hops, "hears one block ahead");
    for (std::size_t hop = 0; hop < k_hops; ++hop, ++hop_) {
        for (std::size_t ahead = 0; ahead <= early && hop + ahead < sounding_.size(); ++ahead) {
            if (sounding_[hop + ahead]) {
                until_ = std::max(until_, hop_ + static_cast<std::int64_t>(ahead) + late);
            }
        }
        const double step = hop_ <= until_ ? 1 / k_attack : -up;
        for (std::size_t i = 2 * hop * k_hop; i < std::min(2 * (hop + 1) * k_hop, other.size()); i += 2) {
            const double depth = std::clamp(depth_ + step, 0.0, 1.0);
            if (depth != depth_) {
                depth_ = depth;
                gain_ = linear(how_.depth_db * depth * depth * (3 - 2 * depth));
            }
            other[i] = static_cast<float>(other[i] * gain_);
            other[i + 1] = static_cast<float>(other[i + 1] * gain_);
        }
    }
    sounding_.erase(sounding_.begin(), sounding_.begin() + k_hops);
}

} // namespace longtake::render
