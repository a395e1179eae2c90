#pragma once

#include "pipeline/providers/take_renderer.h"

#include <vector>

namespace longtake::local {

/// A move may run this far past its planned end before it has to turn round; the picture is placed to cover it.
inline constexpr double k_farthest = 1.1;

/// The share of its cruising speed a film's first move begins at and its last ends at: a picture that quite stands
/// still looks frozen.
inline constexpr double k_idle = 0.35;

/// What one take is to do of a move.
struct Leg {
    MoveState start{};         ///< zero: the move's opening
    double seconds = 0;        ///< length of the take
    double move_seconds = 0;   ///< length of the whole move, at least that of the take for an opening
    bool comes_to_rest = true; ///< the take ends at rest
    double idle_in = 0;        ///< speed at the move's beginning, as a share of its cruising speed, 0..1
    double idle_out = 0;       ///< the same at its end
};

/// Progress along a move through one take. The speed is continuous, made of constant stretches joined by smoothsteps,
/// so that position is exact in closed form. An opening eases from its idle speed to a cruise that reaches 1 at the end
/// of the whole move. An extension picks up the parent's position and speed. One that nobody planned, at or beyond
/// the end already, brakes before `k_farthest` and swings back rather than stand still.
class Easing {
public:
    explicit Easing(const Leg& leg);

    /// Position and speed `seconds` after the take's first frame.
    MoveState at(double seconds) const;

private:
    /// A stretch of the take over which the speed goes from `from` to `to` as a smoothstep.
    struct Stretch {
        double begin = 0;
        double seconds = 0;
        double progress = 0; ///< at its beginning
        double from = 0;
        double to = 0;
    };

    void go(double seconds, double to);
    void open(const Leg& leg);
    void extend(const Leg& leg);
    void swing(double seconds, double mean);
    void rest_at(double seconds, double ease);

    std::vector<Stretch> stretches_;
    double clock_ = 0;
    MoveState now_; ///< at clock_
};

} // namespace longtake::local
