#pragma once

#include "pipeline/model/beats.h"
#include "pipeline/model/brand/style.h"
#include "pipeline/model/rate.h"
#include "pipeline/model/storyboard.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace longtake {

/// How the pictures of a clip are coded, where a film may show them as they are.
struct Coding {
    std::string codec;        ///< libavcodec's name; empty: they are turned, of other colours or of no constant rate
    std::string pixel_format; ///< libavutil's name

    friend bool operator==(const Coding&, const Coding&) = default;
};

/// What a look at an input file's header told, before anything is planned. Frames are claimed, not measured.
struct InputInfo {
    Size size; ///< as displayed (EXIF or matrix rotation applied, pixels made square)
    std::optional<Rate> rate;
    double seconds = 0;
    bool sound = false;
    bool interlaced = false;
    bool damaged = false;             ///< and to be shown as decoders show it
    Coding coding{};                  ///< of a clip
    std::int64_t bytes = 0;           ///< of a recording; 0: not asked
    std::vector<std::string> notes{}; ///< what of it is changed or left out in a film
    Beats beats{};                    ///< of music that cuts are to land on
};

/// By absolute path.
using Inputs = std::map<std::filesystem::path, InputInfo>;

/// One generation to be asked for.
struct PlannedTake {
    enum class Kind { open, extend, chain, lip_sync };
    Kind kind = Kind::open;
    int index = 0;         ///< 0 is the opening
    double seconds = 0;    ///< what is asked for (and billed)
    double guaranteed = 0; ///< the least it adds to the shot
    std::string prompt;
    bool end_frame = false;     ///< this take arrives at the shot's end image
    std::optional<double> cost; ///< USD; empty: the price is unknown
};

/// What is known of a recording of speech.
struct VoiceFacts {
    double seconds = 0;
    std::vector<std::pair<double, double>> spoken{}; ///< where it is not silent, seconds from its start, in order
};

/// What the camera does of its own accord, where a shot that is rendered here has no `camera`.
enum class Drift { in, out, left, right, up, down };

/// One shot with its numbers. `frames` is its exact length in the film at the plan's rate.
struct ShotPlan {
    enum class Kind { generated, clip, card };
    Kind kind = Kind::generated;
    Shot shot;
    std::string model; ///< canonical; generated only
    std::int64_t frames = 0;
    std::int64_t from = 0; ///< the first frame of its footage that is shown, at the plan's rate
    std::vector<PlannedTake> takes;
    double trimmed = 0; ///< planned seconds beyond the shot's length
    TransitionType transition = TransitionType::cut;
    std::int64_t transition_frames = 0;
    bool held = false;
    /// Frames that are rendered before its own, and seen moving in the transition, which lies where a held one does.
    /// For what costs nothing; 0: none.
    std::int64_t handle = 0;
    Drift drift = Drift::in; ///< generated only; in, out, left or right: see drift_on()
    Size picture{};          ///< generated only: of its picture as displayed; 0x0: it has none
    bool sound = false;      ///< clip only: it has sound
    bool damaged = false;    ///< clip only: and shown as decoders show it
    Coding coding{};         ///< clip only: empty where it is not of the film's size and rate
};

/// Every take to be paid for, size, rate and cost. Holds nothing that has happened.
struct Plan {
    std::string title;
    std::string provider;
    bool paid = false;
    Size size;
    Rate rate;
    std::string aspect_ratio; ///< "16:9": what stills are conformed to
    std::vector<ShotPlan> shots;
    AudioSettings audio;
    std::string brand{}; ///< as the storyboard names it
    std::vector<OverlayWords> overlays{};
    std::optional<CaptionSettings> captions{};
    std::vector<Caption> caption_list{}; ///< of the captions' file, in seconds of the film
    Ending ending = Ending::automatic;
    std::map<std::filesystem::path, VoiceFacts> voices{}; ///< by file
    std::map<std::string, Style> styles{};                ///< by reference; "": the film's own
    std::int64_t frames = 0;                              ///< of the film
    std::optional<double> cost;                           ///< USD; empty: some price is unknown
    std::string priced_on;
    std::vector<std::string> notes; ///< trimmed footage and the like, for the user
};

std::string word(PlannedTake::Kind kind);
std::string word(Drift drift);

/// Throws Error(usage) for another word.
Drift parse_drift(std::string_view text);

/// A shot's drift on a canvas: what would go aside goes up or down over a picture that is taller than the canvas.
Drift drift_on(const ShotPlan& shot, Size canvas);

/// The `takes` and `cost` members of `plan --json`'s result.
nlohmann::json takes_json(const Plan& plan);
nlohmann::json cost_json(const Plan& plan);

} // namespace longtake
