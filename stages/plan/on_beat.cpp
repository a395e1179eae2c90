#include "stages/plan/on_beat.h"

#include "pipeline/base/text.h"
#include "pipeline/render/music_bed.h"
#include "stages/plan/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace longtake::stages {
namespace {

constexpr std::string_view k_music = "music: ";
constexpr std::string_view k_on_beat = " on the beat";

constexpr double k_reach = 0.35;            ///< seconds a cut or a text is moved by at most
constexpr std::int64_t k_part = 4;          ///< a length changes by no more than a fourth of itself
constexpr double k_rounding_of_beat = 1e-6; ///< frames

using Frames = std::int64_t;

/// The beats of music that is looped under a film, in its frames and parts of them.
std::vector<double> beats_in(const Plan& plan, const Beats& beats)
{
    const double film = plan.rate.seconds(plan.frames);
    const double period = render::loop_period(beats.seconds);
    std::vector<double> all;
    for (double start = 0; start < film && period > 0; start += period) {
        for (const double beat : beats.times) {
            if (start + beat < film) {
                all.push_back((start + beat) * plan.rate.fps());
            }
        }
    }
    std::sort(all.begin(), all.end()); // where the music starts again its end is still heard
    return all;
}

/// From the nearest beat, frames.
double distance(const std::vector<double>& beats, double frame)
{
    const auto after = std::lower_bound(beats.begin(), beats.end(), frame);
    double nearest = std::numeric_limits<double>::max();
    if (after != beats.end()) {
        nearest = *after - frame;
    }
    if (after != beats.begin()) {
        nearest = std::min(nearest, frame - *std::prev(after));
    }
    return nearest;
}

bool is_on(const std::vector<double>& beats, double frame)
{
    return distance(beats, frame) <= 0.5 + k_rounding_of_beat;
}

Frames reach(const Plan& plan)
{
    return static_cast<Frames>(k_reach * plan.rate.fps());
}

/// Frames by which a shot may become shorter and longer.
struct Room {
    Frames shorter = 0;
    Frames longer = 0;
};

/// Frames of a shot that the next one's transition takes, and its own if it does not hold.
Frames in_transitions(const Plan& plan, std::size_t i)
{
    const ShotPlan& shot = plan.shots[i];
    const Frames out = i + 1 < plan.shots.size() ? plan.shots[i + 1].transition_frames : 0;
    return out + (shot.held ? 0 : shot.transition_frames);
}

/// How much of a shot can go so that every text over it is still seen for most of its time.
Frames spare(const Plan& plan, std::size_t i)
{
    const ShotPlan& shot = plan.shots[i];
    Frames spare = std::max<Frames>(0, shot.frames - in_transitions(plan, i) - 1);
    const Frames out = i + 1 < plan.shots.size() ? plan.shots[i + 1].transition_frames : 0;
    for (const OverlayWords& words : shot.shot.overlays) {
        const Frames seen = shot.frames - out - plan.rate.frames(words.from.value_or(0));
        spare = std::min(spare, std::max<Frames>(0, seen / k_part));
    }
    return spare;
}

/// Frames that a clip has after its shot's last one, up to where its author lets it end.
Frames left_of_clip(const Plan& plan, const ShotPlan& shot, const Shot& written, const InputInfo& clip)
{
    const double end = std::min(written.out.value_or(clip.seconds), clip.seconds);
    return std::max<Frames>(0, static_cast<Frames>((end - written.in) * plan.rate.fps()) - shot.frames);
}

Room room_of(const Plan& plan, std::size_t i, const Shot& written, const Inputs& facts)
{
    const ShotPlan& shot = plan.shots[i];
    const bool paid = plan.paid && shot.kind == ShotPlan::Kind::generated;
    if (shot.shot.as_long_as_voice || shot.shot.lip_sync || (paid && shot.shot.end_image)) {
        return {};
    }
    const Frames most = std::min(reach(plan), shot.frames / k_part);
    Room room{std::min(most, spare(plan, i)), paid ? 0 : most};
    if (shot.shot.as_long_as_text) {
        room.shorter = 0;
    }
    if (shot.kind == ShotPlan::Kind::clip) {
        room.longer = std::min(most, left_of_clip(plan, shot, written, facts_of(facts, *shot.shot.clip)));
    }
    return room;
}

/// Where in the film the shots begin, frames.
std::vector<Frames> starts_of(const Plan& plan)
{
    std::vector<Frames> starts;
    Frames end = 0;
    for (const ShotPlan& shot : plan.shots) {
        starts.push_back(shot.held ? end : end - shot.transition_frames);
        end = starts.back() + shot.frames;
    }
    return starts;
}

/// The cut into a shot, or the middle of its transition, in frames of the film.
double middle(const ShotPlan& shot, Frames start)
{
    return static_cast<double>(start) + static_cast<double>(shot.transition_frames) / 2;
}

/// How far each shot's start moves, so that as many cuts as can be are on a beat, and of such ways the one that moves
/// them least; the film's start and end stay. By dynamic programming over the cuts: each may move by every number of
/// frames within reach, and two neighbours by no more apart than the shot between them has room.
class Moves {
public:
    Moves(const Plan& plan, const std::vector<double>& beats, std::vector<Room> rooms)
        : plan_(plan), beats_(beats), rooms_(std::move(rooms)), reach_(reach(plan))
    {
    }

    std::vector<Frames> best()
    {
        const std::vector<Frames> starts = starts_of(plan_);
        std::vector<Cost> costs(width(), k_never);
        costs[index(0)] = 0;
        for (std::size_t i = 1; i <= plan_.shots.size(); ++i) {
            std::vector<Cost> next(width(), k_never);
            before_.emplace_back(width(), 0);
            const bool end = i == plan_.shots.size();
            for (Frames move = end ? 0 : -reach_; move <= (end ? 0 : reach_); ++move) {
                const Cost here = end ? 0 : cost(middle(plan_.shots[i], starts[i]), move);
                next[index(move)] = here + cheapest(costs, rooms_[i - 1], move);
            }
            costs = std::move(next);
        }
        return traced();
    }

private:
    using Cost = std::int64_t;
    static constexpr Cost k_never = std::numeric_limits<Cost>::max() / 4;
    static constexpr Cost k_off = 1'000'000'000; ///< of a cut that is on no beat; more than all moves of a film

    std::size_t width() const { return static_cast<std::size_t>(2 * reach_ + 1); }
    std::size_t index(Frames move) const { return static_cast<std::size_t>(move + reach_); }

    Cost cost(double at, Frames move) const
    {
        return move * move + (is_on(beats_, at + static_cast<double>(move)) ? 0 : k_off);
    }

    /// Of the ways to the shot's start that its end may follow by moving so far; remembers which.
    Cost cheapest(const std::vector<Cost>& costs, const Room& room, Frames move)
    {
        Cost best = k_never;
        const Frames from = std::max(-reach_, move - room.longer);
        const Frames to = std::min(reach_, move + room.shorter);
        for (Frames earlier = from; earlier <= to; ++earlier) {
            if (costs[index(earlier)] < best) {
                best = costs[index(earlier)];
                before_.back()[index(move)] = earlier;
            }
        }
        return best;
    }

    std::vector<Frames> traced() const
    {
        std::vector<Frames> moves(before_.size() + 1, 0);
        for (std::size_t i = before_.size(); i > 0; --i) {
            moves[i - 1] = before_[i - 1][index(moves[i])];
        }
        return moves;
    }

    const Plan& plan_;
    const std::vector<double>& beats_;
    std::vector<Room> rooms_;
    Frames reach_;
    std::vector<std::vector<Frames>> before_; ///< by cut and its move: the move of the cut before it
};

/// Gives a shot its new length.
void resize(const Plan& plan, ShotPlan& shot, Frames longer)
{
    if (longer == 0) {
        return;
    }
    shot.frames += longer;
    const double seconds = plan.rate.seconds(shot.frames);
    if (shot.kind == ShotPlan::Kind::clip) {
        shot.shot.out = shot.shot.in + seconds;
    } else if (!plan.paid || shot.kind == ShotPlan::Kind::card) {
        shot.shot.seconds = seconds;
    }
}

/// How many of how many are on a beat.
struct Tally {
    int on = 0;
    int all = 0;
};

Tally move_cuts(Plan& plan, const std::vector<double>& beats, const Storyboard& board, const Inputs& facts)
{
    std::vector<Room> rooms;
    for (std::size_t i = 0; i < plan.shots.size(); ++i) {
        rooms.push_back(room_of(plan, i, board.shots[i], facts));
    }
    const std::vector<Frames> moves = Moves(plan, beats, std::move(rooms)).best();
    for (std::size_t i = 0; i < plan.shots.size(); ++i) {
        resize(plan, plan.shots[i], moves[i + 1] - moves[i]);
    }
    const std::vector<Frames> starts = starts_of(plan);
    Tally tally{0, static_cast<int>(plan.shots.size()) - 1};
    for (std::size_t i = 1; i < plan.shots.size(); ++i) {
        tally.on += is_on(beats, middle(plan.shots[i], starts[i])) ? 1 : 0;
    }
    return tally;
}

/// Lets texts over frames [whole, to) of the film, seen from `seen` on, enter on a beat.
void move_entrances(std::vector<OverlayWords>& overlays, const Plan& plan, const std::vector<double>& beats,
                    Frames whole, Frames seen, Frames to, Tally& tally)
{
    for (OverlayWords& words : overlays) {
        const Frames from = std::max(seen, whole + plan.rate.frames(words.from.value_or(0)));
        const Frames until = words.to ? std::min(to, whole + plan.rate.frames(*words.to)) : to;
        const Frames most = std::min(reach(plan), (until - from) / k_part);
        Frames best = from;
        for (Frames move = 0; move <= most && !is_on(beats, static_cast<double>(best)); ++move) {
            const bool earlier = from - move >= seen && is_on(beats, static_cast<double>(from - move));
            const bool later = is_on(beats, static_cast<double>(from + move));
            best = earlier ? from - move : later ? from + move : from;
        }
        if (best != from) {
            words.from = plan.rate.seconds(best - whole);
        }
        tally.on += is_on(beats, static_cast<double>(best)) ? 1 : 0;
        ++tally.all;
    }
}

Tally move_texts(Plan& plan, const std::vector<double>& beats)
{
    const std::vector<Frames> starts = starts_of(plan);
    Tally tally;
    for (std::size_t i = 0; i < plan.shots.size(); ++i) {
        ShotPlan& shot = plan.shots[i];
        const Frames out = i + 1 < plan.shots.size() ? plan.shots[i + 1].transition_frames : 0;
        const Frames seen = starts[i] + (shot.held ? 0 : shot.transition_frames);
        move_entrances(shot.shot.overlays, plan, beats, starts[i], seen, starts[i] + shot.frames - out, tally);
    }
    move_entrances(plan.overlays, plan, beats, 0, 0, plan.frames, tally);
    return tally;
}

std::string text(const Tally& tally, const char* of)
{
    return fmt::format("{} of {} {}", tally.on, tally.all, of);
}

} // namespace

bool tells_of_beat(const std::string& note)
{
    return note.starts_with(k_music) && note.find(k_on_beat) != std::string::npos;
}

void put_on_beat(Plan& plan, const Storyboard& board, const Inputs& facts)
{
    if (!plan.audio.beat) {
        return;
    }
    const Beats& beats = facts_of(facts, *plan.audio.music).beats;
    if (beats.times.empty()) {
        plan.notes.push_back(
            fmt::format("music: no beats were found in {}; nothing is moved", plan.audio.music->filename().string()));
        return;
    }
    const std::vector<double> heard = beats_in(plan, beats);
    const Tally cuts = move_cuts(plan, heard, board, facts);
    const Tally texts = move_texts(plan, heard);
    std::vector<std::string> parts;
    if (cuts.all > 0) {
        parts.push_back(text(cuts, "cuts"));
    }
    if (texts.all > 0) {
        parts.push_back(text(texts, "texts"));
    }
    if (!parts.empty()) {
        plan.notes.push_back(fmt::format("{}{}{}, {:.0f} bpm", k_music, join(parts, " and "), k_on_beat, beats.tempo));
    }
}

} // namespace longtake::stages
