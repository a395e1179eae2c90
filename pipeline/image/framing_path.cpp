#include "pipeline/image/framing_path.h"

#include "pipeline/image/camera_move.h"
#include "pipeline/image/face_tracks.h"
#include "pipeline/image/interest_walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longtake::image {
namespace {

constexpr double k_same_shape = 0.01; ///< by which aspects may differ without a window being slid

/// The side a window is slid along, and the part of it that shows a picture, in shares of it.
struct Side {
    bool across = true;
    double start = 0, length = 1;
};

Side side_of(const FramedShot& shot)
{
    const Box& active = shot.active;
    const bool across = Size{active.width, active.height}.aspect() > shot.aspect;
    return across ? Side{true, static_cast<double>(active.x) / shot.picture.width,
                         static_cast<double>(active.width) / shot.picture.width}
                  : Side{false, static_cast<double>(active.y) / shot.picture.height,
                         static_cast<double>(active.height) / shot.picture.height};
}

Slide slide_of(const FramedShot& shot, const Side& side)
{
    const Size window = window_size({shot.active.width, shot.active.height}, shot.aspect);
    const double length = side.across ? static_cast<double>(window.width) / shot.picture.width
                                      : static_cast<double>(window.height) / shot.picture.height;
    return {length, side.start + length / 2, side.start + side.length - length / 2, shot.first, shot.frames, shot.rate};
}

/// A move along one side, as a path whose other coordinate is the middle of the picture.
FramingPath path_of(const CameraMove& move, const FramedShot& shot, const Side& side)
{
    const Box& active = shot.active;
    const PicturePoint middle{(active.x + active.width / 2.0) / shot.picture.width,
                              (active.y + active.height / 2.0) / shot.picture.height};
    FramingPath path{move.kind, move.first, move.step, {}};
    for (const double point : move.points) {
        path.points.push_back(side.across ? PicturePoint{point, middle.y} : PicturePoint{middle.x, point});
    }
    return path;
}

std::vector<Extent> heads_of(const std::vector<FaceTrack>& held, const std::vector<Observation>& looks, bool across)
{
    const auto heads = heads_along(held, looks.size(), across);
    std::vector<Extent> extents;
    for (std::size_t i = 0; i < looks.size(); ++i) {
        if (heads[i]) {
            extents.push_back({looks[i].frame, (*heads[i])[0], (*heads[i])[1]});
        }
    }
    return extents;
}

/// A part of the kept pictures.
Box on_small(const Box& active, Size picture, const cv::Mat& small)
{
    const auto scaled = [](int length, int from, int to) {
        return static_cast<int>(std::lround(static_cast<double>(length) * to / from));
    };
    const int x = scaled(active.x, picture.width, small.cols);
    const int y = scaled(active.y, picture.height, small.rows);
    return {x, y, std::clamp(scaled(active.width, picture.width, small.cols), 1, small.cols - x),
            std::clamp(scaled(active.height, picture.height, small.rows), 1, small.rows - y)};
}

/// What stands out, as a subject that fills half the window; nothing where nothing does.
std::vector<Extent> outstanding(const std::vector<Observation>& looks, const FramedShot& shot, const Side& side,
                                const Slide& slide)
{
    if (looks.empty()) {
        return {};
    }
    const auto maps = interest_over(looks, on_small(shot.active, shot.picture, looks.front().small));
    const InterestWalk walk = walk_of(maps, slide.length / side.length, side.across);
    std::vector<Extent> extents;
    for (std::size_t i = 0; walk.clear && i < looks.size(); ++i) {
        const double centre = side.start + walk.centres[i] * side.length;
        extents.push_back({looks[i].frame, centre - slide.length / 4, centre + slide.length / 4});
    }
    return extents;
}

/// What a window follows, and how to call it.
struct Followed {
    std::vector<Extent> extents;
    std::string note;
};

Followed followed(const std::vector<Observation>& looks, const FramedShot& shot, const Side& side, const Slide& slide)
{
    const std::vector<FaceTrack> faces = face_tracks(looks);
    const std::vector<FaceTrack> held = that_fit(faces, (1 - 2 * k_air) * slide.length, side.across);
    if (!held.empty()) {
        const std::string others =
            held.size() < faces.size() ? fmt::format("; {} more do not fit", faces.size() - held.size()) : "";
        return {heads_of(held, looks, side.across),
                fmt::format("follows {}{}", held.size() == 1 ? "a face" : "faces", others)};
    }
    if (shot.focus.on == Focus::On::face) {
        return {{}, "no face was found: the middle is guessed"};
    }
    std::vector<Extent> extents = outstanding(looks, shot, side, slide);
    const bool found = !extents.empty();
    return {std::move(extents),
            found ? "no face was found: follows what stands out"
                  : "no face was found, and nothing stands out more than the middle, which is guessed"};
}

} // namespace

FoundPath framing_path(const std::vector<Observation>& looks, const FramedShot& shot)
{
    const Side side = side_of(shot);
    const Slide slide = slide_of(shot, side);
    const bool fills = std::abs(Size{shot.active.width, shot.active.height}.aspect() / shot.aspect - 1) < k_same_shape;
    if (fills || shot.focus.on == Focus::On::centre) {
        return {path_of(camera_move({}, slide), shot, side), fills ? "the picture fills the window" : "the middle"};
    }
    if (shot.focus.on == Focus::On::point) {
        const double at = side.across ? shot.focus.at.x : shot.focus.at.y;
        return {path_of(camera_move({{shot.first, at, at}}, slide), shot, side), "the place that is given"};
    }
    const Followed found = followed(looks, shot, side, slide);
    return {path_of(camera_move(found.extents, slide), shot, side), found.note};
}

} // namespace longtake::image
