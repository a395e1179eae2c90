#pragma once

#include "pipeline/model/rate.h"

#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include <opencv2/core.hpp>

namespace longtake::local {

/// One colour plane ready for sampling: 8-bit code values with `k_fraction` more bits below the point, its edges
/// repeated on all sides so that a sampler need not look where it is.
class Plane {
public:
    static constexpr int k_fraction = 6;
    static constexpr int k_border = 8;

    Plane() = default;

    /// From code values (CV_32F, 0..255).
    explicit Plane(const cv::Mat& values);

    int width() const noexcept { return width_; }
    int height() const noexcept { return height_; }
    int stride() const noexcept { return stride_; } ///< in samples

    /// The first sample of a row's left border; rows from -k_border to height + k_border - 1.
    const std::int16_t* row(int y) const { return &samples_[static_cast<std::size_t>(y + k_border) * stride_]; }

private:
    int width_ = 0;
    int height_ = 0;
    int stride_ = 0;
    std::vector<std::int16_t> samples_;
};

/// A JPEG or PNG as it was decoded: 8-bit BGR. Stills stand upright and are sRGB: EXIF and profiles are not looked at.
/// Throws Error(input) if the file is neither or damaged.
cv::Mat read_picture(const std::filesystem::path& file);

/// Half the picture's sides in output pixels, once it is enlarged or shrunk to just cover the output.
struct Extent {
    double half_width = 0;
    double half_height = 0;
};
Extent cover(cv::Size picture, Size output);

/// A picture in BT.709 limited-range YUV, luma at the density asked for and chroma at half of it (the output is 4:2:0).
/// sRGB's transfer function is taken for BT.709's, as video does.
struct Picture {
    Extent extent;
    std::array<Plane, 3> planes;

    /// `density`: samples of luma an output pixel, where the picture just covers the output.
    Picture(const cv::Mat& bgr, Size output, double density);
};

} // namespace longtake::local
