#pragma once

#include "pipeline/providers/local/move.h"
#include "pipeline/providers/local/picture.h"
#include "pipeline/providers/take_renderer.h"

namespace longtake::local {

/// From the samples of an output plane (0 luma, 1 and 2 chroma) to output pixels from the frame's centre.
/// Chroma is 4:2:0 sited left: sample (i, j) lies at luma (2i, 2j + 0.5).
Homography from_output_plane(int plane, Size output);

/// From picture coordinates (from the centre, in output pixels) to the samples of a raster spread over the picture.
Homography to_samples(int width, int height, const Extent& extent);

/// A plane of the output, of `size` samples, seen through a map from there to the samples of `plane` that zooms and
/// shifts and does nothing else.
void render_aligned(const Plane& plane, const Homography& h, Size size, std::uint8_t* out, int stride);

/// A camera moving over one picture.
class Shot {
public:
    Shot(const cv::Mat& bgr, const std::optional<CameraMove>& camera, Size output, const Glide& glide = {});

    /// The frame at a progress of the move (0 .. k_farthest).
    void render(double progress, const YuvView& out) const;

    const Move& move() const noexcept { return move_; }

private:
    Size output_;
    Move move_;
    Picture picture_;
    bool aligned_; ///< zoom and translation only
};

} // namespace longtake::local
