#pragma once

#include "pipeline/model/delivery/accepts.h"
#include "pipeline/model/dynamic_range.h"
#include "pipeline/model/rate.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// A delivery preset (`presets/delivery/<group>/<name>.json`, `longtake/delivery/1`): what one platform wants.
struct Preset {
    struct Video {
        std::string codec;   ///< "h264", "hevc", "av1", "vp9", "prores", "dnxhd", "ffv1", ...
        std::string encoder; ///< libavcodec name: "libx264", "libsvtav1", "prores_ks"
        std::string profile; ///< "high", "main", "hq"; empty: the encoder's choice
        std::string pixel_format = "yuv420p";
        std::optional<double> crf;               ///< constant quality
        std::optional<std::int64_t> max_bitrate; ///< bits/s, VBV ceiling (buffer = 2 x)
        std::string encoder_preset;              ///< libx264's "medium", SVT-AV1's "8"
        std::string tune;                        ///< libx264: "film", "animation", "grain"; empty: anything
        double gop_seconds = 2;                  ///< keyframe interval, closed GOP
        int bframes = 2;
        nlohmann::json options = nlohmann::json::object(); ///< more private options, passed by name
    };
    struct Audio {
        std::string codec;        ///< "aac", "opus", "pcm_s24le"; "none": silent
        std::int64_t bitrate = 0; ///< bits/s; 0 for PCM
        int sample_rate = 48000;
        int channels = 2;
        double loudness = -14;            ///< LUFS integrated, EBU R128
        double true_peak = -1;            ///< dBTP ceiling of the delivered file
        double tolerance = 1;             ///< LU by which the delivered file may miss `loudness`
        std::optional<double> short_term; ///< LUFS, ceiling of the short-term loudness
    };
    struct Limits {
        std::optional<double> min_seconds;
        std::optional<double> max_seconds;
        std::optional<std::int64_t> max_bytes;
        bool fill = false; ///< the bit rate is what just fits into max_bytes
    };
    /// A size for films up to a length.
    struct LengthStep {
        double up_to = 0;   ///< seconds
        int short_side = 0; ///< pixels
    };
    /// A sheet of small pictures of the film, instead of the film.
    struct Sprites {
        double interval = 2;         ///< seconds from one to the next, at least
        Size tile{320, 180};         ///< pixels, the box that each is fitted in
        int columns = 10, rows = 10; ///< of a full sheet; there is one
    };
    /// How a timeline of another aspect is brought to the preset's size.
    enum class Reframe { blur, pad, crop };
    /// Which footage of the output's codec, size and rate is copied instead of being encoded again, H.264 beside
    /// libx264, HEVC beside libx265 and AV1 beside SVT-AV1: none; what keeps the profile, keyframe interval and bit
    /// rate that are asked for; any.
    enum class Copies { none, within_limits, any };

    /// What is delivered: one file, or a stream in several sizes for players that choose: HLS, DASH, or both of the
    /// same files.
    enum class Package { file, hls, dash, cmaf };

    std::string name; ///< "youtube/1080p30"
    std::string description;
    std::string container;             ///< "mp4", "mov", "webm", "matroska", "mxf", "gif", "webp", "avif", "jpeg"
    std::string extension;             ///< ".mp4"
    std::optional<Size> size;          ///< empty: the master's
    int short_side = 0;                ///< pixels, of a film of any aspect, where there is no `size`; 0: the master's
    std::vector<LengthStep> by_length; ///< where `short_side` depends on the film's length, in order
    bool never_upscale = false;
    std::optional<double> first_seconds; ///< of the film alone; empty: all of it
    bool interlaced = false;             ///< two moments a frame, the upper field first; `fps` counts fields
    std::optional<Rate> fps;             ///< forced rate; empty: the master's, within min/max
    std::optional<Rate> max_fps;
    std::optional<Rate> min_fps;
    DynamicRange dynamic_range = DynamicRange::sdr;
    Reframe reframe = Reframe::blur;
    Copies copies = Copies::none;
    Package package = Package::file;
    double segment_seconds = 6; ///< of a stream: the longest that players fetch at once
    /// Of a stream: its sizes, each as the changes that make this preset into that of one file (see changed_preset()).
    std::vector<nlohmann::json> ladder;
    bool edit_list = true;          ///< false: MP4 without edit lists, as YouTube and Meta ask ("edit_list" in JSON)
    std::optional<Sprites> sprites; ///< container "jpeg" alone; without them it is a poster
    Video video;
    Audio audio;
    Limits limits;
    std::optional<Accepts> accepts; ///< what the platform takes of others, too; empty: it says nothing
    nlohmann::json safe_box;        ///< {"x":[0..1,0..1],"y":[0..1,0..1]} where text may stand; null if unknown
    std::string source;             ///< where the facts come from
    std::string checked;            ///< YYYY-MM-DD
    std::string note;
    /// The whole of it in the format of its file: `extends` resolved, defaults filled in, changes applied.
    nlohmann::json resolved = nlohmann::json::object();
};

/// Where presets are looked for, most important first (user's own, then the program's).
using PresetDirs = std::vector<std::filesystem::path>;

/// Reads, resolves `extends`, and checks one preset. `name` is "group/name" or a path to a .json file.
/// Throws Error(usage): unknown name (with the nearest), or what breaks the schema.
Preset load_preset(const PresetDirs& dirs, const std::string& name);

/// The same with its JSON after `extends` is resolved (`longtake presets show`).
nlohmann::json resolved_preset(const PresetDirs& dirs, const std::string& name);

/// A preset with some members changed, in the format of its file, object by object; null removes a member (RFC 7396).
Preset changed_preset(const Preset& preset, const nlohmann::json& changes);

/// The sizes of a stream that a film of this size fills, from the largest, as presets of silent tracks named "720p",
/// "720p-2000k" where a size is there twice; at least the smallest.
std::vector<Preset> rungs_of(const Preset& preset, Size film);
/// The preset as it is for a film so many seconds long: `by_length` resolved to a `short_side`.
Preset preset_for_length(const Preset& preset, double seconds);

/// Everything in a preset that can shape a file: `resolved` without the words about it (description, source, dates).
nlohmann::json shape_of(const Preset& preset);

/// Every delivery preset found, sorted by name; a broken file is reported by load_preset, not here.
std::vector<std::string> preset_names(const PresetDirs& dirs);

/// The preset for a plain master: H.264 High, CRF 18, medium, the timeline's own size and rate, loudness -14 LUFS.
Preset master_preset();

/// The same as HEVC, for films of nothing but HEVC clips, which are then copied: Main by libx265 at CRF 20, or Main 10
/// for pictures of 10 bits. `pixel_format`: theirs, yuv420p or yuv420p10le.
Preset hevc_master_preset(const std::string& pixel_format);

/// The same as AV1, for films of nothing but AV1 clips: by SVT-AV1 at preset 8 and CRF 16, which on moving photographs
/// comes out as near to them as libx265 at CRF 20 (SSIM 0.9841 and 0.9838 at 720p), in 14 percent fewer bits and 30
/// percent less CPU.
Preset av1_master_preset(const std::string& pixel_format);

} // namespace longtake
