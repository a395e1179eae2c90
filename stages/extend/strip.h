#pragma once

#include "pipeline/av/picture_reader.h"
#include "pipeline/model/clip.h"

#include <opencv2/core/mat.hpp>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace longtake::stages {

/// A frame made small enough to compare quickly, and large enough to see it move.
struct Small {
    av::Frame rgb;
    cv::Mat luma; ///< CV_32F, 0..255
};

/// Consecutive frames.
using Strip = std::vector<Small>;

/// The size frames of this size are compared at.
Size small_size(Size size);

Small small(av::Frame rgb);

/// Up to `count` frames of a file from frame `first`.
Strip strip_of(const std::filesystem::path& file, std::int64_t first, std::size_t count, Size size);

/// Up to the last `count` frames of a piece of footage.
Strip tail_of(const Footage& footage, std::size_t count, Size size);

/// Mean squared difference of two lumas, code values squared, after the second was given the brightness and contrast
/// of the first: another encode or a drifted colour is no other picture.
double apart(const cv::Mat& one, const cv::Mat& two);

} // namespace longtake::stages
