#pragma once

#include <span>
#include <string>
#include <string_view>

namespace longtake {

enum class TransitionType {
    cut,
    dissolve,
    fade_black,
    fade_white,
    wipe_left,
    wipe_right,
    wipe_up,
    wipe_down,
    slide_left,
    slide_right,
    iris,
    morph,
};

/// What a kind of transition is, besides its picture (render/transitions.h): everything that planning, sound and
/// encoding ask of it. A new kind is a row here.
struct TransitionTraits {
    TransitionType type = TransitionType::cut;
    const char* name = "";             ///< in storyboards and on the command line
    bool eases = false;                ///< starts and ends slowly; else linear
    bool mixes_whole_pictures = false; ///< every pixel is a sum of both shots, which encoders take for motion
    bool through_silence = false;      ///< the sounds do not meet: one fades out before the other fades in
    bool always_holds = false;         ///< with timing "auto" into clips too
    /// Carries what moves over to where the other picture has it, as within one scene: takes more than two pictures,
    /// and held it sounds as the cut it hides.
    bool needs_motion = false;
};

/// Every kind, in the order of the enum.
std::span<const TransitionTraits> transition_kinds() noexcept;

const TransitionTraits& traits_of(TransitionType type) noexcept;

/// Whether the incoming shot stands still (`hold`) or moves (`overlap`) while a transition runs.
/// `automatic`: hold into generated shots and cards, overlap into clips; a morph always holds.
enum class Timing { automatic, hold, overlap };

/// How we come into a shot. A cut has no length.
struct Transition {
    TransitionType type = TransitionType::cut;
    double seconds = 0;
    Timing timing = Timing::automatic;
};

/// "fade_black", "auto", ...
std::string word(TransitionType type);
std::string word(Timing timing);

/// "dissolve", "dissolve:0.5", "cut". Without seconds a non-cut lasts 0.5 s. Throws Error(usage) naming the nearest
/// type.
Transition parse_transition(std::string_view text);
TransitionType parse_transition_type(std::string_view text);
Timing parse_timing(std::string_view text);

} // namespace longtake
