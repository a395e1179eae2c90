#pragma once

#include "pipeline/image/subjects.h"

#include <opencv2/core/types.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace longtake::image {

/// One face over the looks at a clip.
struct FaceTrack {
    std::size_t first = 0;      ///< the look it is first seen in
    std::vector<cv::Rect2d> at; ///< from there, look by look, in shares of the picture; where it was missed: between
    double weight = 0;          ///< its area, summed over the looks

    std::size_t end() const noexcept { return first + at.size(); }
};

/// Faces that go on from look to look, the one that counts most first: what is seen in fewer than three looks (or in
/// not all of fewer) is a mistake and left out, and so is what counts less than a tenth of the first. A face may be
/// missed for six looks. Steadied: boxes shake from look to look by a few per cent.
std::vector<FaceTrack> face_tracks(const std::vector<Observation>& looks);

/// Those that a window of this length (a share of the side, across or down) can hold together with the first: where
/// they are seen at once, their heads lie within `room`.
std::vector<FaceTrack> that_fit(const std::vector<FaceTrack>& tracks, double room, bool across);

/// Where the heads of these faces begin and end at each look, along a side; empty where none is seen. A head is a
/// quarter of the face's width wider on each side, and goes on above it by 45 % of its height and below by a quarter.
std::vector<std::optional<cv::Vec2d>> heads_along(const std::vector<FaceTrack>& tracks, std::size_t looks, bool across);

} // namespace longtake::image
