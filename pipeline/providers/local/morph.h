#pragma once

#include "pipeline/image/optical_flow.h"
#include "pipeline/providers/local/picture.h"
#include "pipeline/providers/take_renderer.h"

namespace longtake::local {

/// Whether two pictures show different scenes, between which nothing travels.
bool are_strangers(const cv::Mat& first, const cv::Mat& second, Size output);

/// One picture turning into another: points that correspond travel from their place in the first to their place in the
/// second, the rest dissolves. A slight push in and out on the way keeps it alive where nothing travels.
class Morph {
public:
    Morph(const cv::Mat& first, const cv::Mat& second, Size output);

    /// The frame at `time`: 0 is the first picture, 1 the second.
    void render(double time, const YuvView& out) const;

    const image::Correspondence& correspondence() const noexcept { return flow_; }

private:
    Size output_;
    Picture first_;
    Picture second_;
    image::Correspondence flow_; ///< on a coarse grid over the output, in output pixels
};

} // namespace longtake::local
