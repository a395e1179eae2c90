#pragma once

#include "pipeline/model/still.h"
#include "pipeline/providers/local/picture.h"
#include "pipeline/providers/take_renderer.h"

namespace longtake::local {

/// A still whose picture stands on its own blurred enlargement: the picture comes nearer, or goes back to its place,
/// and what is behind it stands still.
class Inset {
public:
    /// `place`: of the picture on the still, which covers the output.
    Inset(const cv::Mat& still, const PicturePart& place, Size output, bool nearer);

    /// The frame at a progress of the move (0 .. k_farthest).
    void render(double progress, const YuvView& out) const;

private:
    /// Half the picture's sides and its middle, in output pixels from the frame's.
    struct Stand {
        double half_width = 0, half_height = 0, right = 0, down = 0;
    };

    void draw(int plane, double magnify, const YuvView& out) const;

    Size output_;
    bool nearer_;
    Stand stand_;
    Picture picture_;
    std::array<std::vector<std::uint8_t>, 3> ground_; ///< the planes of the still as the output shows it
};

} // namespace longtake::local
