#pragma once

#include "pipeline/image/colour_stats.h"
#include "pipeline/model/timeline.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake::stages {

/// What two pieces of footage show at their join.
enum class SeamKind {
    duplicate,   ///< the new piece begins with frames the old one ends with
    continuous,  ///< it begins where the old one ends
    different,   ///< another shot
    undecidable, ///< hardly anything moves, so repeated and following frames look alike; or the scene jumps
};

/// How far the colours step. Of the same moment where the pictures repeat; elsewhere what usually changes from one
/// frame to the next is taken off.
struct SeamColour {
    image::ColourMoments before; ///< of the old piece's last frame
    image::ColourMoments after;  ///< what that frame would have to look like to join without a step
    double delta_e = 0;          ///< mean CIEDE2000 of five bands of the pixels by brightness: blind to motion
    double usual = 0;            ///< the same between neighbouring frames on either side

    double luma() const noexcept;   ///< step of the mean, code values; positive: brighter
    double chroma() const noexcept; ///< distance of the mean (Cb, Cr), code values
};

/// How what moves meets at the join; pixels of the timeline's size. Repeated frames left out.
struct SeamMotion {
    double before = 0; ///< mean length of the motion, a frame
    double after = 0;
    double step = 0; ///< mean length of the change of motion
    double jump = 0; ///< mean distance from where the motion leads to where things are, of what matches
    double confidence =
        0; ///< 0..1: share of the picture where forward and backward flow agree and join what looks alike
};

/// The sources' sound at the join, before any crossfade.
struct SeamSound {
    std::optional<double> before; ///< LUFS of the last 400 ms; -70: silence; empty: shorter, or no sound
    std::optional<double> after;  ///< of the first 400 ms
    /// The sharpest bend (second difference of the samples) where the two are put end to end, over the sharpest
    /// within 50 ms on either side, dB; 0 if not above those or below -60 dBFS. A jump of phase in a tone: 30 and
    /// more.
    double click = 0;

    double step() const noexcept; ///< LU; 0 where a side is not known
};

/// Points off the score of 100.
struct SeamPenalties {
    double repeat = 0;    ///< 15 for a repeated frame and 5 for each more
    double colour = 0;    ///< 6 for each CIEDE2000 beyond the usual and 0.5; at most 25
    double motion = 0;    ///< 8 for each thousandth of the longer side jumped beyond half of one and a quarter of the
                          ///< motion, 4 for each by which the motion changes beyond the same; at most 25
    double sharpness = 0; ///< 15 for each doubling or halving beyond 0.2 of one; at most 15
    double loudness = 0;  ///< 1.5 for each LU beyond 1; at most 15
    double click = 0;     ///< 0.5 for each dB beyond 6; at most 15

    double picture() const noexcept { return repeat + colour + motion + sharpness; }
    double sound() const noexcept { return loudness + click; }
};

/// One join of a timeline: footage that follows footage, item on item or range on range inside one.
struct Seam {
    std::size_t join = 0;   ///< its number, from 0
    std::size_t item = 0;   ///< index of the item the new piece is in
    std::size_t range = 0;  ///< index of the new piece in it; 0: the join of two items
    std::string before;     ///< shot
    std::string after;      ///< shot
    std::int64_t frame = 0; ///< of the timeline, where the new piece begins
    double seconds = 0;     ///< the same in seconds
    TimelineTransition transition;
    SeamKind kind = SeamKind::undecidable;
    double margin = 0;  ///< dB by which the pictures are more alike than neighbours usually are
    bool still = false; ///< hardly anything moves
    int repeated = 0;   ///< frames at the head of the new piece that the old one ends with, 0..4
    SeamColour colour;
    SeamMotion motion;
    double sharpness = 1;           ///< energy of the finest detail after over before, 1: the same
    std::optional<SeamSound> sound; ///< if both sides sound
    SeamPenalties penalties;

    /// 0..100: 100 less the penalties. What the picture does counts at cuts, unless the shots differ: there a step is
    /// meant. A click counts at cuts. A transition, a morph too, spreads the rest; only loudness counts there.
    double score() const noexcept;
};

/// Measures every join of a timeline on the frames and the sound of the sources, graded as the film shows them: up to 8
/// frames and half a second on either side. Footage that goes on in the same file is no join.
/// Several at a time. Throws Error(input) if a file is damaged or ends before its range does, Error(interrupted) when
/// stopped.
std::vector<Seam> measure_seams(const Timeline& timeline, std::stop_token stop = {});

/// "duplicate", "continuous", "different", "undecidable".
std::string word(SeamKind kind);

/// One line for people, without a line feed.
std::string text(const Seam& seam);

void to_json(nlohmann::json& json, const Seam& seam);

} // namespace longtake::stages
