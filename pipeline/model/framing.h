#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace longtake {

/// A place in a picture, in shares of its width and height: 0..1, origin top-left.
struct PicturePoint {
    double x = 0.5, y = 0.5;

    friend bool operator==(const PicturePoint&, const PicturePoint&) = default;
};

/// What a window that shows part of a picture is to follow.
struct Focus {
    enum class On {
        track,  ///< faces, or what else stands out
        face,   ///< faces alone
        centre, ///< nothing: the middle
        point,  ///< nothing: a place that is given
    };
    On on = On::track;
    PicturePoint at{}; ///< of `point`

    friend bool operator==(const Focus&, const Focus&) = default;
};

/// How a window goes over the pictures of a clip. `points` pull its centre, as the control points of a uniform cubic
/// B-spline do: one every `step` frames, beginning at `first`; before the first and after the last the ends are
/// repeated. So no speed, acceleration or jerk is higher than the points' first, second and third differences say. A
/// single point is a window that stands still.
struct FramingPath {
    enum class Kind {
        still, ///< one place
        pan,   ///< one move, eased, from one place to another
        track, ///< whatever holds the subject
    };
    Kind kind = Kind::still;
    std::int64_t first = 0; ///< frame of the clip; a path that is moving already when its shot begins starts before it
    std::int64_t step = 1;  ///< frames, > 0
    std::vector<PicturePoint> points{PicturePoint{}};

    friend bool operator==(const FramingPath&, const FramingPath&) = default;
};

/// A window over a clip, as part of a film shows it.
struct FramedWindow {
    Size picture; ///< of the clip as displayed
    Size window;  ///< the part that is seen, in the same pixels
    FramingPath path;

    friend bool operator==(const FramedWindow&, const FramedWindow&) = default;
};

void to_json(nlohmann::json& json, const FramedWindow& framed);
void from_json(const nlohmann::json& json, FramedWindow& framed);

/// The window's centre at a frame. `path.points` must not be empty.
PicturePoint centre_at(const FramingPath& path, std::int64_t frame);

/// The largest window of an aspect (width / height) in a picture of this size: all its height or all its width.
Size window_size(Size picture, double aspect);

/// "still", "pan", "track"
std::string word(FramingPath::Kind kind);

/// "track", "face", "centre" or [x, y]. Throws Error(input) for anything else, also for places outside the picture.
void to_json(nlohmann::json& json, const Focus& focus);
void from_json(const nlohmann::json& json, Focus& focus);

/// `longtake/framing/1`. Read back it is the same, rounded to a millionth; throws Error(input) for another format or
/// version, and for paths that lead out of the picture.
void to_json(nlohmann::json& json, const FramingPath& path);
void from_json(const nlohmann::json& json, FramingPath& path);

} // namespace longtake
