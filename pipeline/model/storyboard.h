#pragma once

#include "pipeline/model/brand/overlay.h"
#include "pipeline/model/framing.h"
#include "pipeline/model/rate.h"
#include "pipeline/model/speech/caption.h"
#include "pipeline/model/transition.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// How a picture of another aspect is brought to the plan's.
enum class Fit { automatic, blur, pad, crop, reject };

/// How a shot grows beyond its first take.
enum class Continuation { automatic, extend, last_frame };

/// Kling's camera control: six axes from -10 to 10, or a named move.
/// Signs: horizontal - left, vertical - down, pan - left, tilt - down, roll - counter-clockwise,
/// zoom - narrower view (push in), + wider (pull out).
struct CameraMove {
    std::string type = "simple"; ///< simple | down_back | forward_up | right_turn_forward | left_turn_forward
    double horizontal = 0;
    double vertical = 0;
    double pan = 0;
    double tilt = 0;
    double roll = 0;
    double zoom = 0;
};

/// One moving region of the motion brush; points in pixels of the picture, origin bottom-left.
struct DynamicMask {
    struct Point {
        int x = 0;
        int y = 0;
    };
    std::filesystem::path mask;
    std::vector<Point> trajectory;
};

/// One part of a take that shows several shots (V3 multi-shot).
struct ShotPart {
    std::string prompt;
    double seconds = 0; ///< whole seconds, 1 or more
};

/// One of the service's effects, played on the shot's picture or pictures. The names change monthly and are passed on.
struct Effect {
    std::string scene;
};

/// A file a take is made from, spoken of in its prompt by name: "@mug stands on a table".
struct Reference {
    enum class Kind { picture, film, sound };
    Kind kind = Kind::picture;
    std::string name;           ///< letters, digits, - and _
    std::filesystem::path file; ///< absolute once loaded
};

/// Speech laid on the lips of the finished take: a recording, or text for one of the service's voices.
struct LipSync {
    std::optional<std::filesystem::path> audio; ///< absolute once loaded
    std::string text;
    std::string voice;           ///< the service's voice id; with `text`
    std::string language = "en"; ///< "zh" or "en"; with `text`
    double speed = 1;            ///< 0.8 .. 2; with `text`
};

/// How a film ends. fade: its picture goes to black; cut: it stops; automatic: a fade where it is long enough to be
/// watched as a film and its last shot was generated.
enum class Ending { automatic, fade, cut };

/// How the colours of a chained take are kept from drifting.
/// handoff: the handed-over frame is graded toward the shot's first take before it is sent; anchor: every continuation
/// is graded toward it; off.
enum class MatchColour { handoff, anchor, off };

/// Text on a plain ground: one paragraph in its own colours, or texts by what they are for, set in a style.
struct Card {
    std::string text;
    std::string background = "#101010";
    std::string colour = "#f5f0e8";
    std::string font = "Noto Sans";
    std::vector<RoleText> texts{}; ///< of a styled card, whose other members mean nothing
    std::string style{};           ///< as load_style() takes it; empty: the film's brand

    bool styled() const noexcept { return !texts.empty(); }
};

/// What an author may say for one shot or for all (`defaults`); the shot's own word wins.
struct ShotSettings {
    std::string model;                       ///< empty: the provider's default model
    std::string mode = "std";                ///< std | pro | 4k
    std::string resolution;                  ///< "720p", "1080p", "4k": the mode that gives it; empty: `mode` says
    std::optional<std::string> aspect_ratio; ///< "16:9", "9:16", "1:1", "21:9", "4:3", "3:4"; empty: from the pictures
    bool hdr = false;                        ///< asks for ten bits, BT.2020
    double cfg_scale = 0.5;
    std::string negative_prompt;
    Fit fit = Fit::automatic;
    Focus focus{};           ///< what a crop keeps in view
    std::string background;  ///< "#rrggbb" for fit pad and flattened alpha, or "edge"; empty: by fit
    bool lenient = false;    ///< of clips: damage is shown as decoders show it
    bool each_field = false; ///< of interlaced clips: every field becomes a picture
    Continuation continuation = Continuation::automatic;
    Transition transition;
    std::optional<CameraMove> camera;
    bool sound = false;
    std::vector<std::string> voices; ///< the service's voice ids, spoken of as <<<voice_1>>>; needs `sound`
    bool watermark = false;
    std::string callback_url; ///< passed on to the service; empty: none
    MatchColour match_colour = MatchColour::handoff;
    double max_drift = 0; ///< CIEDE2000 between a chain's end and its first take; 0: no guard
};

/// One shot in the author's words: a picture to generate from, a prompt alone, an existing clip, or a card.
struct Shot {
    std::string id;
    std::string title; ///< what viewers read; empty: the id
    std::string prompt;
    std::vector<std::string> extend_prompts;
    std::optional<std::filesystem::path> image;     ///< absolute once loaded
    std::optional<std::filesystem::path> end_image; ///< absolute once loaded
    std::optional<std::filesystem::path> clip;      ///< absolute once loaded
    std::optional<Card> card;
    std::optional<std::filesystem::path> static_mask;
    std::vector<DynamicMask> dynamic_masks;
    std::vector<std::filesystem::path> images;    ///< reference pictures of a multi-image take, 1 to 4; absolute
    std::vector<std::filesystem::path> keyframes; ///< pictures in order between image and end_image; absolute
    std::vector<Reference> references;
    std::optional<std::filesystem::path> edit; ///< a film that the prompt changes; absolute once loaded
    std::vector<ShotPart> multi_shot;          ///< replaces the prompt; the parts' seconds sum to `seconds`
    std::optional<Effect> effect;
    std::optional<LipSync> lip_sync;
    std::optional<double> seconds;                ///< required unless `clip` or `edit`
    bool as_long_as_voice = false;                ///< `seconds` is the voice's length and a breath
    bool as_long_as_text = false;                 ///< `seconds` is what its texts take to be read
    std::optional<std::filesystem::path> voice{}; ///< a recording spoken over the shot; absolute once loaded
    std::string caption{};                        ///< read over the shot; with a voice, what it says
    double in = 0;                                ///< clip only, seconds
    std::optional<double> out;                    ///< clip only, seconds
    std::vector<OverlayWords> overlays{};
    ShotSettings settings; ///< defaults and the shot's own keys, merged
};

/// The film's sound beside what the clips bring.
struct AudioSettings {
    std::optional<std::filesystem::path> music;
    double music_db = -16;                        ///< gain of the music, dB
    double fade_in = 0;                           ///< seconds
    std::optional<double> fade_out;               ///< seconds; empty: so that it ends by itself
    bool duck = true;                             ///< lower the music under voices and clip sound
    bool beat = false;                            ///< cuts and entrances of overlays are moved to its beats
    bool clips = true;                            ///< whether clips and takes are heard at all
    std::optional<double> loudness;               ///< LUFS; overrides the delivery preset's
    bool keep_levels = false;                     ///< nobody's loudness: levels stay as they are ("loudness": "keep")
    std::optional<std::filesystem::path> voice{}; ///< a recording spoken over the film from its start
    double voice_db = 0;                          ///< gain of all voices beyond k_voice_loudness, dB
};

/// `longtake/storyboard/1`: shots in the author's words. Knows no provider's protocol, pixel or output path.
struct Storyboard {
    std::string title;
    std::string provider = "local";
    std::optional<Size> size; ///< empty: auto
    std::optional<Rate> fps;  ///< empty: auto
    std::vector<Shot> shots;
    AudioSettings audio;
    std::string brand{}; ///< as load_style() takes it; empty: none
    std::vector<OverlayWords> overlays{};
    std::optional<CaptionSettings> captions{};
    Ending ending = Ending::automatic;
    std::vector<std::string> deliver; ///< preset names
    std::filesystem::path file;       ///< where it was read from; empty if made on the command line
};

/// A storyboard from its JSON, checked against the schema first; relative paths resolve against `base_dir`.
/// `origin` names the text in messages (a file name, or "command line").
/// Throws Error(usage): every problem on a line of its own, each with JSON pointer, what was found, what is
/// allowed and the nearest name.
Storyboard storyboard_from_json(const nlohmann::json& json, const std::filesystem::path& base_dir,
                                const std::string& origin);

/// Reads and checks a storyboard file (JSON, comments allowed).
/// Throws Error(usage) if it does not exist, is not JSON, or breaks the schema.
Storyboard load_storyboard(const std::filesystem::path& file);

/// Every file a shot is made of.
std::vector<std::filesystem::path> files_of(const Shot& shot);

/// Every recording of speech over its film, each once.
std::vector<std::filesystem::path> voice_files(const Storyboard& board);

/// The words of the enums as they stand in JSON ("blur", "last-frame", ...).
std::string word(Fit fit);
std::string word(Continuation continuation);
std::string word(Reference::Kind kind);
std::string word(MatchColour match);

Fit parse_fit(std::string_view text);

void to_json(nlohmann::json& json, const CameraMove& move);
void from_json(const nlohmann::json& json, CameraMove& move);
void to_json(nlohmann::json& json, const Card& card);

} // namespace longtake
