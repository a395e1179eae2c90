#include "stages/plan/joins.h"

#include "pipeline/base/error.h"
#include "stages/plan/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace longtake::stages {
namespace {

constexpr std::int64_t k_no_end = std::numeric_limits<std::int64_t>::max();

/// Seconds for people: "26", "0.5", "4.167".
std::string seconds_text(double seconds)
{
    std::string words = fmt::format("{:.3f}", seconds);
    words.erase(words.find_last_not_of('0') + 1);
    if (words.back() == '.') {
        words.pop_back();
    }
    return words;
}

/// A clip's part in seconds; header lengths are off by a frame often enough to forgive one.
struct Part {
    double in = 0;
    double seconds = 0;
    double available = 0; ///< from `in` to the file's end
};

Part part_of(const Shot& shot, const InputInfo& facts, const Rate& rate)
{
    const std::string name = shot.clip->filename().string();
    const auto refuse = [&](const char* key, double found) {
        throw Error(Errc::usage, fmt::format("shot '{}': {} is {} s, and {} has only {} s", shot.id, key,
                                             seconds_text(found), name, seconds_text(facts.seconds)));
    };
    const double frame = rate.seconds(1);
    if (facts.seconds <= 0) {
        throw Error(Errc::input,
                    fmt::format("shot '{}': the length of {} is not known; remux it first", shot.id, name));
    }
    if (shot.in >= facts.seconds) {
        refuse("in", shot.in);
    }
    if (shot.out && *shot.out > facts.seconds + frame) {
        refuse("out", *shot.out);
    }
    const double out = std::min(shot.out.value_or(facts.seconds), facts.seconds);
    const double seconds = shot.seconds.value_or(out - shot.in);
    if (seconds > out - shot.in + frame) {
        throw Error(Errc::usage, fmt::format("shot '{}': seconds is {}, and {} has only {} s between in and out",
                                             shot.id, seconds_text(seconds), name, seconds_text(out - shot.in)));
    }
    return {shot.in, std::min(seconds, out - shot.in), facts.seconds - shot.in};
}

std::string in_words(const ShotPlan& shot, const Rate& rate)
{
    return fmt::format("{} frames ({} s)", shot.frames, seconds_text(rate.seconds(shot.frames)));
}

/// Whether the shot moves already while it appears: what costs nothing is rendered longer by the transition, and the
/// film keeps the length it has with a shot that stands still meanwhile.
bool moves_through(const ShotPlan& shot, const Plan& plan)
{
    return !plan.paid && shot.kind == ShotPlan::Kind::generated && shot.held &&
           shot.shot.settings.transition.timing == Timing::automatic && !traits_of(shot.transition).always_holds;
}

/// What the transitions at both ends take of shot `i`.
void check_room(const Plan& plan, std::size_t i)
{
    const ShotPlan& shot = plan.shots[i];
    const std::int64_t in = shot.held ? 0 : shot.transition_frames;
    const ShotPlan* next = i + 1 < plan.shots.size() ? &plan.shots[i + 1] : nullptr;
    const std::int64_t out = next == nullptr ? 0 : next->transition_frames;
    if (in + out <= shot.frames) {
        return;
    }
    if (in == 0) {
        throw Error(Errc::usage,
                    fmt::format("shot '{}': its {} of {} frames ({} s) is longer than shot '{}' before it: {}; "
                                "make it shorter",
                                next->shot.id, word(next->transition), out, seconds_text(plan.rate.seconds(out)),
                                shot.shot.id, in_words(shot, plan.rate)));
    }
    throw Error(Errc::usage, fmt::format("shot '{}': the transitions into and out of it take {} frames ({} + {}), "
                                         "and it has {}; make them shorter",
                                         shot.shot.id, in + out, in, out, in_words(shot, plan.rate)));
}

/// Of a clip that the film may show as it is.
Coding coding_in(const Plan& plan, const InputInfo& clip)
{
    return clip.size == plan.size && clip.rate == plan.rate && !clip.damaged ? clip.coding : Coding();
}

} // namespace

void lay_out_frames(Plan& plan, const Inputs& facts)
{
    double seconds = 0;
    for (ShotPlan& planned : plan.shots) {
        Shot& shot = planned.shot;
        std::int64_t most = k_no_end;
        if (shot.clip) {
            const Part part = part_of(shot, facts_of(facts, *shot.clip), plan.rate);
            planned.sound = facts_of(facts, *shot.clip).sound;
            planned.damaged = facts_of(facts, *shot.clip).damaged;
            planned.coding = coding_in(plan, facts_of(facts, *shot.clip));
            shot.out = part.in + part.seconds;
            most = std::max<std::int64_t>(1, plan.rate.frames(part.available));
            seconds += part.seconds;
        } else {
            seconds += *shot.seconds;
        }
        planned.frames = std::min(plan.rate.frames(seconds) - plan.frames, most);
        if (planned.frames < 1) {
            throw Error(Errc::usage, fmt::format("shot '{}': shorter than a frame at {} frames a second", shot.id,
                                                 plan.rate.text()));
        }
        plan.frames += planned.frames;
    }
}

void lay_out_transitions(Plan& plan)
{
    for (std::size_t i = 1; i < plan.shots.size(); ++i) {
        ShotPlan& planned = plan.shots[i];
        const Transition& transition = planned.shot.settings.transition;
        planned.transition = transition.type;
        if (transition.type == TransitionType::cut) {
            continue;
        }
        const bool into_clip = planned.kind == ShotPlan::Kind::clip;
        const bool holds = !into_clip || traits_of(transition.type).always_holds;
        planned.held = transition.timing == Timing::hold || (transition.timing == Timing::automatic && holds);
        planned.transition_frames = std::max<std::int64_t>(1, plan.rate.frames(transition.seconds));
        if (moves_through(planned, plan)) {
            planned.handle = planned.transition_frames;
        }
    }
    for (std::size_t i = 0; i < plan.shots.size(); ++i) {
        check_room(plan, i);
        plan.frames -= plan.shots[i].held ? 0 : plan.shots[i].transition_frames;
    }
}

} // namespace longtake::stages
