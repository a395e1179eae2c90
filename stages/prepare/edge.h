#pragma once

#include "stages/prepare/prepare.h"

#include <opencv2/core/mat.hpp>

#include <vector>

namespace longtake::stages::picture {

/// A picture carried on beyond its edges: at the edge it has the edge's own colours, and the further from it the more
/// they run into each other, so that no streaks show. Kept in float, like a `Backdrop`.
class Edge {
public:
    /// `picture`: 8-bit BGR, as it stands at `place` on the canvas.
    Edge(const cv::Mat& picture, const Box& place, Size canvas);

    /// One row of the canvas, BGR, 0..255, `canvas.width` triples.
    void row(int y, std::vector<float>& bgr) const;

private:
    /// One side's colours, each row of it (32FC3) blurred twice as far as the one before.
    using Run = cv::Mat;

    Box place_;
    Size canvas_;
    Run top_, bottom_, left_, right_;
};

} // namespace longtake::stages::picture
