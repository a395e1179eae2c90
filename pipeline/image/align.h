#pragma once

#include <opencv2/core.hpp>

#include <optional>

namespace longtake::image {

/// The affine map from points of one greyscale picture (CV_8U) to those of another of the same size that shows the same
/// thing from nearer, further or elsewhere; empty if no such map explains most of what they share.
std::optional<cv::Matx23f> align(const cv::Mat& first, const cv::Mat& second);

} // namespace longtake::image
