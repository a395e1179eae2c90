#include "pipeline/render/clip_sound.h"

#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/av/sound/audio_reader.h"
#include "pipeline/base/error.h"
#include "pipeline/render/lpc_extrapolation.h"
#include "pipeline/render/soundtrack.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>

namespace longtake::render {

namespace {

constexpr int k_rate = Soundtrack::k_sample_rate;
constexpr std::int64_t k_join = k_rate / 100;       ///< 10 ms: crossfade at cuts and between takes
constexpr std::int64_t k_film_opens = k_rate / 200; ///< 5 ms
constexpr std::int64_t k_film_closes = k_rate / 50; ///< 20 ms
constexpr std::size_t k_history = 2048;             ///< what a continuation is predicted from

using Direction = Ramp::Direction;
using Law = Ramp::Law;

/// A held morph hides a cut inside one scene: its sound goes on to the cut.
bool continues_the_scene(const TimelineTransition& transition)
{
    return transition.held && traits_of(transition.type).needs_motion;
}

/// An item's own ramps: what its transitions do to all of its pieces.
struct Edges {
    bool joined_in = false;  ///< begins with a cut or after a hold: 10 ms in
    bool joined_out = false; ///< ends with a cut: 10 ms out, past the cut
    std::vector<Ramp> ramps;
};

Edges edges(const Timeline& timeline, std::size_t index)
{
    const auto position = [&](std::int64_t frame) { return timeline.rate.samples(frame, k_rate); };
    const Item& item = timeline.items[index];
    const std::int64_t begin = position(item.start);
    const std::int64_t end = position(item.start + item.frames);
    Edges out;
    if (index == 0) {
        out.ramps.push_back({begin, begin + k_film_opens, Direction::in});
    } else if (item.transition.frames == 0 || item.transition.held) {
        out.joined_in = true;
    } else {
        const std::int64_t whole = position(item.start + item.transition.frames);
        const std::int64_t from = traits_of(item.transition.type).through_silence ? (begin + whole) / 2 : begin;
        out.ramps.push_back({from, whole, Direction::in, Law::power});
    }
    if (index + 1 == timeline.items.size()) {
        out.ramps.push_back({end - k_film_closes, end, Direction::out});
        return out;
    }
    const TimelineTransition& leaving = timeline.items[index + 1].transition;
    if (leaving.frames == 0 || continues_the_scene(leaving)) {
        out.joined_out = true;
        return out;
    }
    const std::int64_t from = position(item.start + item.frames - leaving.frames);
    const bool half = !leaving.held && traits_of(leaving.type).through_silence;
    out.ramps.push_back({from, half ? (from + end) / 2 : end, Direction::out, Law::power});
    return out;
}

std::string context(const SoundPiece& piece)
{
    return "shot '" + piece.shot + "'";
}

bool continues(const Range& a, const Range& b)
{
    return b.kind == Range::Kind::footage && b.sound && a.file == b.file && b.first == a.first + a.frames;
}

void add_pieces(const Timeline& timeline, std::size_t index, std::vector<SoundPiece>& pieces)
{
    const Item& item = timeline.items[index];
    const std::int64_t film = timeline.rate.samples(timeline.frames(), k_rate);
    const Edges around = edges(timeline, index);
    std::int64_t frame = item.start;
    for (std::size_t i = 0; i < item.ranges.size(); ++i) {
        const Range& range = item.ranges[i];
        const std::int64_t first_frame = frame;
        const bool first = i == 0;
        frame += range.frames;
        if (range.kind != Range::Kind::footage || !range.sound) {
            continue;
        }
        while (i + 1 < item.ranges.size() && continues(item.ranges[i], item.ranges[i + 1])) {
            frame += item.ranges[++i].frames;
        }
        const bool last = i + 1 == item.ranges.size();
        SoundPiece piece;
        piece.shot = item.shot;
        piece.file = range.file;
        piece.damage = av::damage_of(range);
        piece.source = timeline.rate.samples(range.first, k_rate);
        piece.begin = timeline.rate.samples(first_frame, k_rate);
        piece.end = timeline.rate.samples(frame, k_rate);
        piece.until = piece.end;
        piece.ramps = around.ramps;
        if (!first || around.joined_in) {
            piece.ramps.push_back({piece.begin, piece.begin + k_join, Direction::in});
        }
        if (!last || around.joined_out) {
            piece.until = std::min(piece.end + k_join, film);
            piece.ramps.push_back({piece.end, piece.end + k_join, Direction::out});
        }
        pieces.push_back(std::move(piece));
    }
}

} // namespace

double Ramp::gain(std::int64_t at) const noexcept
{
    const double length = static_cast<double>(std::max<std::int64_t>(1, to - from));
    const double way = std::clamp((static_cast<double>(at - from) + 0.5) / length, 0.0, 1.0);
    const double x = direction == Direction::in ? way : 1 - way;
    return law == Law::linear ? x : std::sin(x * std::numbers::pi / 2);
}

std::vector<SoundPiece> sound_pieces(const Timeline& timeline)
{
    std::vector<SoundPiece> pieces;
    for (std::size_t i = 0; i < timeline.items.size(); ++i) {
        add_pieces(timeline, i, pieces);
    }
    std::stable_sort(pieces.begin(), pieces.end(),
                     [](const SoundPiece& a, const SoundPiece& b) { return a.begin < b.begin; });
    return pieces;
}

/// One piece being heard.
class ClipSound::Voice {
public:
    explicit Voice(const SoundPiece& piece)
        : piece_(&piece), reader_(std::in_place, piece.file, k_rate, piece.source, piece.damage), at_(piece.begin)
    {
    }

    std::string context() const { return longtake::render::context(*piece_); }

    bool over() const { return at_ >= piece_->until; }

    /// Adds to `stereo`, which starts at `start` of the film.
    void add(std::int64_t start, std::span<float> stereo);

private:
    double gain_here() const;
    void fetch(std::span<float> stereo);
    void remember(std::span<const float> stereo);
    void go_on();

    const SoundPiece* piece_;
    std::optional<av::AudioReader> reader_; ///< empty once the file's sound has ended
    std::int64_t at_;
    std::vector<float> history_;
    std::vector<float> tail_; ///< what follows the file's end
    std::size_t tail_taken_ = 0;
};

void ClipSound::Voice::add(std::int64_t start, std::span<float> stereo)
{
    const std::int64_t stop = std::min(start + static_cast<std::int64_t>(stereo.size() / 2), piece_->until);
    if (at_ >= stop) {
        return;
    }
    std::vector<float> sound(2 * static_cast<std::size_t>(stop - at_));
    fetch(sound);
    float* into = stereo.data() + 2 * (at_ - start);
    for (std::size_t i = 0; i < sound.size(); i += 2, ++at_) {
        const double gain = gain_here();
        into[i] += static_cast<float>(sound[i] * gain);
        into[i + 1] += static_cast<float>(sound[i + 1] * gain);
    }
}

double ClipSound::Voice::gain_here() const
{
    double gain = 1;
    for (const Ramp& ramp : piece_->ramps) {
        const bool open = ramp.direction == Direction::in ? at_ >= ramp.to : at_ < ramp.from;
        gain *= open ? 1 : ramp.gain(at_);
    }
    return gain;
}

/// Fills with the file's sound, then with its tail, then with silence.
void ClipSound::Voice::fetch(std::span<float> stereo)
{
    std::size_t got = 0;
    if (reader_) {
        got = 2 * reader_->read(stereo);
        remember(stereo.first(got));
        if (got < stereo.size()) {
            at_ += static_cast<std::int64_t>(got / 2);
            go_on();
            at_ -= static_cast<std::int64_t>(got / 2);
        }
    }
    const std::size_t more = std::min(stereo.size() - got, tail_.size() - tail_taken_);
    std::copy_n(tail_.begin() + static_cast<std::ptrdiff_t>(tail_taken_), more, stereo.begin() + got);
    tail_taken_ += more;
    std::fill(stereo.begin() + static_cast<std::ptrdiff_t>(got + more), stereo.end(), 0.0F);
}

void ClipSound::Voice::remember(std::span<const float> stereo)
{
    history_.insert(history_.end(), stereo.begin(), stereo.end());
    if (history_.size() > 4 * k_history) {
        history_.erase(history_.begin(), history_.end() - 2 * static_cast<std::ptrdiff_t>(k_history));
    }
}

/// A file that ends at a cut has nothing to crossfade with, and a fade before the cut would leave a dip. So its
/// sound is carried over the cut by prediction. Where it ends earlier the same tail is its fade-out.
void ClipSound::Voice::go_on()
{
    reader_.reset();
    const bool early = at_ < piece_->end - k_join;
    const std::int64_t length = early ? k_join : piece_->until - at_;
    const std::size_t known = std::min(history_.size(), 2 * k_history);
    tail_ = continuation(std::span(history_).last(known), static_cast<std::size_t>(length));
    if (early) {
        const Ramp out{at_, at_ + length, Direction::out};
        for (std::size_t i = 0; i < tail_.size(); ++i) {
            tail_[i] *= static_cast<float>(out.gain(at_ + static_cast<std::int64_t>(i / 2)));
        }
    }
}

ClipSound::ClipSound(const Timeline& timeline) : pieces_(sound_pieces(timeline)) {}

ClipSound::~ClipSound() = default;
ClipSound::ClipSound(ClipSound&&) noexcept = default;
ClipSound& ClipSound::operator=(ClipSound&&) noexcept = default;

void ClipSound::read(std::span<float> stereo)
{
    std::fill(stereo.begin(), stereo.end(), 0.0F);
    const std::int64_t stop = at_ + static_cast<std::int64_t>(stereo.size() / 2);
    for (; next_ < pieces_.size() && pieces_[next_].begin < stop; ++next_) {
        const SoundPiece& piece = pieces_[next_];
        in_context(context(piece), [&] { voices_.push_back(std::make_unique<Voice>(piece)); });
    }
    for (const auto& voice : voices_) {
        in_context(voice->context(), [&] { voice->add(at_, stereo); });
    }
    std::erase_if(voices_, [](const auto& voice) { return voice->over(); });
    at_ = stop;
}

} // namespace longtake::render
