#pragma once

#include "stages/prepare/compose.h"

#include <opencv2/core/mat.hpp>

namespace longtake::stages::picture {

/// A picture with holes, and how well its ink can be told from what shows through them. "Can be told": a contrast of
/// 3:1, which WCAG 2.1 asks of graphics (1.4.11).
class CutOut {
public:
    /// `bgra`: 8 bits, straight alpha; looked at on a grid. Throws Error(input) if nothing of it can be seen at all.
    explicit CutOut(const cv::Mat& bgra);

    /// Whether a ground shows at more than its rounded corners.
    bool has_holes() const noexcept { return holes_; }

    /// The part of its ink, 0 to 1, that can be told from this ground.
    double seen_on(const Ground& ground) const;

    /// Whether that part is enough: nearly all of a graphic, half of a photograph, whose own light and shade show it.
    bool enough(double seen) const noexcept;

private:
    double seen_over(const cv::Mat& ground) const;

    cv::Mat sample_; ///< CV_8UC4, straight alpha
    int solid_ = 1;  ///< the alpha from which a pixel counts: rims that fade out do not
    bool holes_ = false;
    bool photograph_ = false;
};

/// The ground that shows a cut-out: the one given if it does, else the nearest to it that does, else the best there is.
/// What is blurred is darkened or lightened, a colour exchanged for white, black or grey.
Ground showing_ground(const CutOut& cut_out, const Ground& usual);

} // namespace longtake::stages::picture
