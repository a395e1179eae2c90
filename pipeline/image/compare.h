#pragma once

#include "pipeline/av/frame.h"

#include <opencv2/core/mat.hpp>

namespace longtake::image {

/// A frame made small enough to compare quickly, and large enough to see it move.
struct Thumbnail {
    av::Frame rgb;
    cv::Mat luma; ///< CV_32F, 0..255
};

/// The size frames of this size are compared at.
Size thumbnail_size(Size size);

/// Of an RGB frame that has that size already.
Thumbnail thumbnail_of(av::Frame rgb);

/// A plane of an 8-bit 4:2:0 frame as a matrix over the frame's own memory, which must outlive it.
cv::Mat plane_of(const av::Frame& frame, int index);

/// Mean squared difference of two lumas of one size, code values squared, after the second was given the mean and the
/// deviation of the first (a gain of at most 1.25): another encode or a drifted colour is no other picture.
double luma_mse(const cv::Mat& one, const cv::Mat& two);

} // namespace longtake::image
