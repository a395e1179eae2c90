#pragma once

#include <opencv2/core.hpp>

namespace longtake::local {

/// A plane (CV_32F) at another size by windowed sinc (Lanczos, three lobes, stretched when it shrinks so that nothing
/// aliases). Edges repeat. On one thread and in a fixed order: the same bits on every machine.
cv::Mat resample(const cv::Mat& plane, cv::Size to);

/// Enlarges a plane so that shrinking it again gives the original back: Lanczos, then iterated back-projection
/// (Irani and Peleg 1991), which restores detail that the interpolation softened.
cv::Mat enlarge(const cv::Mat& plane, cv::Size to);

} // namespace longtake::local
