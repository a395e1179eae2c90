#pragma once

#include <opencv2/core/mat.hpp>

#include <functional>

namespace longtake::stages::picture {

/// A picture (8-bit; 1, 3 or 4 channels) made smaller with a Lanczos kernel three lobes wide, stretched so that nothing
/// above the new size's resolution is left to alias. From four times the size on, whole pixels are averaged first.
cv::Mat reduced(const cv::Mat& picture, cv::Size to);

/// A picture that is read from the top down and never held whole.
struct Rows {
    cv::Size size;
    int channels = 3;                               ///< 1, 3 or 4, 8 bits each
    std::function<void(cv::Mat rows)> next;         ///< fills `rows`, the next strip of it; may throw
    std::function<void(const cv::Mat& row)> made{}; ///< hears each row of the result, on another thread; must not throw
};

/// The same for a part of a picture (its edges may lie between pixels) while it is being read: a thread of its own
/// reduces what has come. Holds a few rows and the result. `part` is at least as large as `to`; without averaging, so
/// time goes up with the square of what it is more.
cv::Mat reduced(const Rows& rows, const cv::Rect2d& part, cv::Size to);

} // namespace longtake::stages::picture
