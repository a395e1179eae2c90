#include "pipeline/providers/local/easing.h"

#include "pipeline/base/smoothstep.h"

#include <algorithm>
#include <cmath>

namespace longtake::local {

namespace {

constexpr double k_ease_seconds = 1.0;
constexpr double k_turn_seconds = 2.0;
constexpr double k_swing_speed = 0.6; ///< of the move's mean speed, on the way back

/// Easing takes a second, or a quarter of a short move.
double ease_seconds(double seconds)
{
    return std::min(k_ease_seconds, seconds / 4);
}

/// The integral of smoothstep from 0 to x; a half at 1.
double smoothstep_area(double x)
{
    return x * x * x * (1 - x / 2);
}

/// How far a camera may go on in the direction it moves.
double room_ahead(const MoveState& state)
{
    return std::max(state.speed < 0 ? state.progress : k_farthest - state.progress, 0.0);
}

} // namespace

Easing::Easing(const Leg& leg) : now_(leg.start)
{
    if (leg.start.progress == 0 && leg.start.speed == 0) {
        open(leg);
    } else {
        extend(leg);
    }
}

MoveState Easing::at(double seconds) const
{
    if (stretches_.empty()) {
        return now_;
    }
    const auto after = std::upper_bound(stretches_.begin(), stretches_.end(), seconds,
                                        [](double time, const Stretch& s) { return time < s.begin; });
    const Stretch& stretch = after == stretches_.begin() ? stretches_.front() : *std::prev(after);
    const double time = std::max(seconds - stretch.begin, 0.0);
    if (stretch.seconds <= 0 || time > stretch.seconds) { // beyond the last stretch: on at its final speed
        const double over = time - stretch.seconds;
        const double end = stretch.progress + stretch.seconds * (stretch.from + stretch.to) / 2;
        return {std::clamp(end + over * stretch.to, 0.0, k_farthest), stretch.to};
    }
    const double x = time / stretch.seconds;
    const double change = stretch.to - stretch.from;
    const double progress = stretch.progress + time * stretch.from + stretch.seconds * change * smoothstep_area(x);
    return {std::clamp(progress, 0.0, k_farthest), stretch.from + change * smoothstep(x)};
}

/// Adds a stretch that ends at speed `to`.
void Easing::go(double seconds, double to)
{
    if (seconds <= 0) {
        return;
    }
    stretches_.push_back({clock_, seconds, now_.progress, now_.speed, to});
    clock_ += seconds;
    now_.progress += seconds * (now_.speed + to) / 2;
    now_.speed = to;
}

/// The whole move is planned even if this take is only its beginning, so that an extension that goes on
/// from the end state draws the very same curve.
void Easing::open(const Leg& leg)
{
    const double whole = std::max(leg.move_seconds, leg.seconds);
    const double ease = ease_seconds(whole);
    const bool ends_here = whole < leg.seconds + 1e-6;
    const double final_share = ends_here && !leg.comes_to_rest ? 1 : leg.idle_out;
    const double cruise = 1 / (whole - ease * (1 - leg.idle_in) / 2 - ease * (1 - final_share) / 2);
    now_.speed = leg.idle_in * cruise;
    go(ease, cruise);
    go(whole - 2 * ease, cruise);
    go(ease, final_share * cruise);
}

void Easing::extend(const Leg& leg)
{
    const double mean = 1 / std::max(leg.move_seconds, leg.seconds);
    // The way out is the planned one, so that a last take on plan draws the plan's curve; the way in takes what is
    // left.
    const double out = std::min(ease_seconds(1 / mean), 0.75 * leg.seconds);
    const double in = std::min(out, leg.seconds - out);
    const double left = 1 - leg.start.progress;
    const double speed = leg.start.speed;
    if (leg.comes_to_rest) {
        // Arrives at 1; on plan this cruise is the parent's own, and the first stretch no change at all.
        const double cruise = (left - speed * in / 2) / (leg.seconds - in / 2 - out * (1 - leg.idle_out) / 2);
        if (speed >= 0 && cruise > mean / 4) {
            const double bounded = std::min(cruise, 1.5 * std::max(speed, mean));
            go(in, bounded);
            go(leg.seconds - in - out, bounded);
            go(out, leg.idle_out * bounded);
            return;
        }
    } else if (speed > mean / 4 && speed * leg.seconds < left + 1e-6) {
        go(leg.seconds, speed);
        return;
    }
    swing(leg.seconds, mean);
    if (leg.comes_to_rest) {
        rest_at(leg.seconds, out);
    }
}

/// Runs to and fro between the move's start and `k_farthest`, resting nowhere.
void Easing::swing(double seconds, double mean)
{
    while (clock_ < seconds) {
        if (std::abs(now_.speed) < mean / 1000) {
            go(k_turn_seconds, now_.progress > 0.5 ? -k_swing_speed * mean : k_swing_speed * mean);
            continue;
        }
        const double room = room_ahead(now_);
        const double speed = std::abs(now_.speed);
        const double brake = std::min(k_turn_seconds, 2 * room / speed);
        go((room - speed * brake / 2) / speed, now_.speed);
        go(std::max(brake, 1e-3), 0);
    }
}

/// Replaces the end of the path by a brake, as long as `ease` where there is room for it.
void Easing::rest_at(double seconds, double ease)
{
    const double begin = seconds - ease;
    now_ = at(begin);
    std::erase_if(stretches_, [&](const Stretch& s) { return s.begin >= begin; });
    clock_ = begin;
    const double speed = std::abs(now_.speed);
    go(speed * ease / 2 > room_ahead(now_) ? 2 * room_ahead(now_) / speed : ease, 0);
}

} // namespace longtake::local
