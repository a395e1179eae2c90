#pragma once

#include "stages/assemble/seams.h"

#include <opencv2/core/mat.hpp>

#include <cstdint>
#include <vector>

namespace longtake::stages {

/// What is kept of a frame to compare it.
struct SeamPicture {
    cv::Mat luma; ///< CV_32F, made small by averaging: the encoder's noise goes, motion stays
    cv::Mat grey; ///< CV_8U, for the flow
    image::ColourStats colour;
    double detail = 0; ///< variance of the Laplacian over the variance of the luma
};

/// Up to `count` frames at the end or the head of a range, graded as they are shown.
std::vector<SeamPicture> tail_pictures(const Timeline& timeline, const Range& range, std::int64_t count);
std::vector<SeamPicture> head_pictures(const Timeline& timeline, const Range& range, std::int64_t count);

/// Fills in what the pictures tell: kind, margin, still, repeated, colour, motion, sharpness. Neither side empty.
///
/// Frames are compared by PSNR of the small lumas after the second was given the first's mean and deviation; the margin
/// is that of the join less the median of neighbours on either side. At 4 dB and above frames repeat, above -4 the
/// scene goes on, below -8 it is another shot: repeated frames of moving scenes measured 6.6 .. 21.8 dB with and
/// without drift of blur and colour, following ones -0.5 .. 1.9, unrelated shots -9.9 .. -21.9. A picture so far off in
/// which the flow still finds the scene (it trusts 0.9 and more there, 0.01 in unrelated shots) is no other shot. Where
/// neighbours agree to more than 50 dB the noise of two encodes is larger than the motion.
void compare_pictures(const std::vector<SeamPicture>& tail, const std::vector<SeamPicture>& head, Size size,
                      Seam& seam);

} // namespace longtake::stages
