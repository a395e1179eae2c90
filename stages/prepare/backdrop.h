#pragma once

#include "pipeline/model/rate.h"

#include <opencv2/core/mat.hpp>

#include <vector>

namespace longtake::stages::picture {

/// A picture's own blurred, darkened enlargement, filling a canvas. It is kept small and in float and only
/// quantised, with noise, once it meets the picture: a dark smooth gradient in 8 bits shows bands otherwise.
class Backdrop {
public:
    /// `picture`: 8-bit BGR, or BGRA with premultiplied alpha (what is transparent has no say in the colour).
    /// `shade`: darkened further (to -1: black) or lightened (to 1: white).
    Backdrop(const cv::Mat& picture, Size canvas, float shade = 0);

    /// One row of the canvas, BGR, 0..255, `canvas.width` triples.
    void row(int y, std::vector<float>& bgr) const;

private:
    Size canvas_;
    cv::Mat smooth_; ///< 32FC3, at most k_smooth_side on its longer side
};

/// Noise of nearly +-1/2, the same for the same place: added before rounding it spreads the error evenly instead of in
/// steps.
class Noise {
public:
    explicit Noise(int row) : state_(0x9E3779B97F4A7C15ULL * (static_cast<std::uint64_t>(row) + 1)) {}

    float next() noexcept
    {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        constexpr float k_unit = 0.998F / 65536;
        return static_cast<float>(state_ >> 48) * k_unit - 0.499F;
    }

private:
    std::uint64_t state_;
};

} // namespace longtake::stages::picture
