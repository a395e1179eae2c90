#include "pipeline/image/face_tracks.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace longtake::image {
namespace {

constexpr std::size_t k_least_seen = 3;
constexpr std::size_t k_most_missed = 6; ///< looks
constexpr double k_least_weight = 0.1;   ///< of the first
constexpr double k_together = 0.05;      ///< share of the looks two faces share in which they need not fit

/// A track while it is put together.
struct OpenTrack {
    std::vector<std::size_t> looks;
    std::vector<cv::Rect2d> boxes;
};

cv::Point2d box_middle(const cv::Rect2d& box)
{
    return {box.x + box.width / 2, box.y + box.height / 2};
}

/// How far a face lies from a track's last, in widths of it; infinite if it cannot be the same.
double distance_to(const OpenTrack& track, std::size_t look, const cv::Rect2d& face)
{
    constexpr double k_size = 1.6;                    ///< by which it may have grown or shrunk
    constexpr double k_step = 0.8, k_step_more = 0.2; ///< widths, in one look and in each that was missed
    const cv::Rect2d& last = track.boxes.back();
    const std::size_t missed = look - track.looks.back() - 1;
    const double grown = face.width / last.width;
    const cv::Point2d way = box_middle(face) - box_middle(last);
    const double widths = std::hypot(way.x / last.width, way.y / last.height);
    const bool same = track.looks.back() < look && missed <= k_most_missed && grown < k_size && grown > 1 / k_size &&
                      widths < k_step + k_step_more * static_cast<double>(missed);
    return same ? widths : std::numeric_limits<double>::infinity();
}

/// Puts each face of a look on the track it lies nearest to, or on one of its own.
void link(std::vector<OpenTrack>& tracks, std::size_t look, const std::vector<cv::Rect2d>& faces)
{
    for (const cv::Rect2d& face : faces) {
        const auto nearest =
            std::min_element(tracks.begin(), tracks.end(), [&](const OpenTrack& a, const OpenTrack& b) {
                return distance_to(a, look, face) < distance_to(b, look, face);
            });
        if (nearest == tracks.end() || std::isinf(distance_to(*nearest, look, face))) {
            tracks.push_back({{look}, {face}});
        } else {
            nearest->looks.push_back(look);
            nearest->boxes.push_back(face);
        }
    }
}

cv::Rect2d between(const cv::Rect2d& a, const cv::Rect2d& b, double share)
{
    const auto mix = [&](double from, double to) { return from + share * (to - from); };
    return {mix(a.x, b.x), mix(a.y, b.y), mix(a.width, b.width), mix(a.height, b.height)};
}

/// A box for every look from a track's first to its last.
std::vector<cv::Rect2d> without_gaps(const OpenTrack& track)
{
    std::vector<cv::Rect2d> boxes{track.boxes.front()};
    for (std::size_t i = 1; i < track.looks.size(); ++i) {
        const std::size_t gap = track.looks[i] - track.looks[i - 1];
        for (std::size_t j = 1; j <= gap; ++j) {
            boxes.push_back(
                between(track.boxes[i - 1], track.boxes[i], static_cast<double>(j) / static_cast<double>(gap)));
        }
    }
    return boxes;
}

/// The values around one, as many on either side: fewer toward the ends, so that what moves evenly stays where it is.
template <class Of>
std::vector<double> around(const std::vector<cv::Rect2d>& boxes, std::size_t i, std::size_t reach, Of of)
{
    reach = std::min({reach, i, boxes.size() - 1 - i});
    std::vector<double> values;
    for (std::size_t j = i - reach; j <= i + reach; ++j) {
        values.push_back(of(boxes[j]));
    }
    return values;
}

template <class Of>
double median_around(const std::vector<cv::Rect2d>& boxes, std::size_t i, std::size_t reach, Of of)
{
    std::vector<double> values = around(boxes, i, reach, of);
    const auto middle = values.begin() + std::ssize(values) / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Sizes change slowly, places are the median of three looks.
std::vector<cv::Rect2d> steadied(const std::vector<cv::Rect2d>& boxes)
{
    std::vector<cv::Rect2d> steady;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const double x = median_around(boxes, i, 1, [](const cv::Rect2d& box) { return box_middle(box).x; });
        const double y = median_around(boxes, i, 1, [](const cv::Rect2d& box) { return box_middle(box).y; });
        const double width = median_around(boxes, i, 3, [](const cv::Rect2d& box) { return box.width; });
        const double height = median_around(boxes, i, 3, [](const cv::Rect2d& box) { return box.height; });
        steady.emplace_back(x - width / 2, y - height / 2, width, height);
    }
    return steady;
}

cv::Vec2d head_along(const cv::Rect2d& face, bool across)
{
    return across ? cv::Vec2d(face.x - 0.25 * face.width, face.x + 1.25 * face.width)
                  : cv::Vec2d(face.y - 0.45 * face.height, face.y + 1.25 * face.height);
}

} // namespace

std::vector<FaceTrack> face_tracks(const std::vector<Observation>& looks)
{
    std::vector<OpenTrack> open;
    for (std::size_t look = 0; look < looks.size(); ++look) {
        link(open, look, looks[look].faces);
    }
    std::vector<FaceTrack> tracks;
    for (const OpenTrack& track : open) {
        if (track.looks.size() >= std::min(k_least_seen, looks.size())) {
            tracks.push_back({track.looks.front(), steadied(without_gaps(track)), 0});
            for (const cv::Rect2d& box : track.boxes) {
                tracks.back().weight += box.area();
            }
        }
    }
    std::stable_sort(tracks.begin(), tracks.end(),
                     [](const FaceTrack& a, const FaceTrack& b) { return a.weight > b.weight; });
    std::erase_if(tracks, [&, most = tracks.empty() ? 0 : tracks.front().weight](const FaceTrack& track) {
        return track.weight < k_least_weight * most;
    });
    return tracks;
}

std::vector<FaceTrack> that_fit(const std::vector<FaceTrack>& tracks, double room, bool across)
{
    std::vector<FaceTrack> held;
    for (const FaceTrack& track : tracks) {
        std::size_t shared = 0;
        std::size_t too_wide = 0;
        const auto others = heads_along(held, track.end(), across);
        for (std::size_t look = track.first; look < track.end(); ++look) {
            if (!held.empty() && others[look]) {
                const cv::Vec2d head = head_along(track.at[look - track.first], across);
                const double all = std::max(head[1], (*others[look])[1]) - std::min(head[0], (*others[look])[0]);
                ++shared;
                too_wide += all > room ? 1 : 0;
            }
        }
        if (static_cast<double>(too_wide) <= k_together * static_cast<double>(shared)) {
            held.push_back(track);
        }
    }
    return held;
}

std::vector<std::optional<cv::Vec2d>> heads_along(const std::vector<FaceTrack>& tracks, std::size_t looks, bool across)
{
    std::vector<std::optional<cv::Vec2d>> heads(looks);
    for (const FaceTrack& track : tracks) {
        for (std::size_t look = track.first; look < std::min(track.end(), looks); ++look) {
            const cv::Vec2d head = head_along(track.at[look - track.first], across);
            std::optional<cv::Vec2d>& all = heads[look];
            all = all ? cv::Vec2d(std::min((*all)[0], head[0]), std::max((*all)[1], head[1])) : head;
        }
    }
    return heads;
}

} // namespace longtake::image
