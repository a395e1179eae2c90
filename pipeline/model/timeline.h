#pragma once

#include "pipeline/model/brand/overlay.h"
#include "pipeline/model/clip.h"
#include "pipeline/model/framing.h"
#include "pipeline/model/rate.h"
#include "pipeline/model/storyboard.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// Part of an item: frames of a media file shown at the timeline's rate, or a still held.
struct Range {
    enum class Kind { footage, still };
    Kind kind = Kind::footage;
    std::filesystem::path file;
    std::string sha256;                   ///< of the file: what the render depends on
    std::int64_t first = 0;               ///< first frame, counted on the file conformed to the timeline's rate
    std::int64_t frames = 0;              ///< > 0
    Fit fit = Fit::blur;                  ///< when the file has another aspect than the timeline
    bool sound = false;                   ///< the file has sound that belongs in the film
    GradeCurve grade{};                   ///< counted as `first` is
    std::string background{};             ///< "#rrggbb" under what is transparent; empty: black
    bool damaged = false;                 ///< and shown as decoders show it
    std::optional<FramedWindow> framed{}; ///< of footage: the part of it that is seen; its path counts as `first` does
    std::optional<StyleFile> lut{};       ///< how the brand grades it
};

/// How we come into an item, in frames. `held`: the incoming item's first frame stands still and the
/// transition lies before the item's start, over the tail of the one before. Otherwise both move and the
/// transition lies at the item's start, which overlaps the tail of the one before.
struct TimelineTransition {
    TransitionType type = TransitionType::cut;
    std::int64_t frames = 0; ///< 0 if and only if a cut
    bool held = false;
};

/// One shot's place in the film.
struct Item {
    std::string shot;
    std::int64_t start = 0;  ///< first frame on the timeline
    std::int64_t frames = 0; ///< sum of the ranges
    TimelineTransition transition;
    std::vector<Range> ranges;
    std::string title{}; ///< what viewers read; empty: the shot's id
};

/// Music under the film: looped to its length, trimmed, faded.
struct Music {
    std::filesystem::path file;
    std::string sha256;
    double gain_db = 0;
    double fade_in = 0;  ///< seconds
    double fade_out = 0; ///< seconds
    bool duck = true;
};

/// A recording of speech over the film, from its own start on. It is brought to k_voice_loudness before it is mixed.
struct Voice {
    std::filesystem::path file;
    std::string sha256;
    std::int64_t from = 0; ///< the frame it begins at
    std::int64_t to = 0;   ///< the frame by which it is silent
    double gain_db = 0;    ///< beyond that loudness
};

/// LUFS of speech under a programme of -14: what voices are brought to before music and clips are laid under them.
constexpr double k_voice_loudness = -16;

/// Clip ranges in order, in frames, with transitions and sound. No codecs, no bitrates.
struct Timeline {
    Rate rate;
    Size size;
    std::vector<Item> items; ///< ordered by start; a frame is covered by at most two
    std::optional<Music> music;
    std::vector<Voice> voices{};     ///< in order of `from`
    std::optional<double> loudness;  ///< LUFS asked for by the storyboard
    bool keep_levels = false;        ///< no loudness is aimed at: levels stay as they are
    std::vector<Overlay> overlays{}; ///< drawn in this order; captions that are burned in are among them
    std::optional<Captions> captions{};

    /// Length of the film.
    std::int64_t frames() const noexcept;

    /// Whether anything in it sounds.
    bool has_sound() const noexcept;
};

/// `longtake/timeline/1`. Read back it is the same; throws Error(input) for another format or version.
void to_json(nlohmann::json& json, const Timeline& timeline);
void from_json(const nlohmann::json& json, Timeline& timeline);

} // namespace longtake
