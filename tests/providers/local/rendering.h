#pragma once

#include "pipeline/providers/take_renderer.h"
#include "tests/support/photos.h"
#include "tests/support/temp_dir.h"

#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <cmath>
#include <string>
#include <vector>

namespace longtake::test {

/// One rendered frame; its planes are views of its memory.
struct Rendered {
    explicit Rendered(Size given)
        : size(given), luma(given.height, given.width, CV_8U), cb(given.height / 2, given.width / 2, CV_8U),
          cr(given.height / 2, given.width / 2, CV_8U)
    {
    }

    local::YuvView view()
    {
        return {{luma.data, cb.data, cr.data},
                {static_cast<int>(luma.step), static_cast<int>(cb.step), static_cast<int>(cr.step)},
                size};
    }

    Size size;
    cv::Mat luma;
    cv::Mat cb;
    cv::Mat cr;
};

inline Rendered render(const local::TakeRenderer& renderer, Size size, std::int64_t index)
{
    Rendered frame(size);
    renderer.render(index, frame.view());
    return frame;
}

inline double greatest_difference(const Rendered& a, const Rendered& b)
{
    return std::max({cv::norm(a.luma, b.luma, cv::NORM_INF), cv::norm(a.cb, b.cb, cv::NORM_INF),
                     cv::norm(a.cr, b.cr, cv::NORM_INF)});
}

/// Bright soft dots on grey, `pitch` apart.
inline cv::Mat dots(int width, int height, int pitch, double radius)
{
    cv::Mat picture(height, width, CV_8UC3);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const double dx = std::remainder(x - width / 2.0, pitch);
            const double dy = std::remainder(y - height / 2.0, pitch);
            const auto value = static_cast<std::uint8_t>(60 + 180 * std::exp(-(dx * dx + dy * dy) / (radius * radius)));
            picture.at<cv::Vec3b>(y, x) = {value, value, value};
        }
    }
    return picture;
}

/// The centre of the bright dot near a place: the weighted mean in a window that follows it.
inline cv::Point2d dot_near(const cv::Mat& luma, cv::Point2d place, int reach)
{
    for (int pass = 0; pass < 20; ++pass) {
        double sum = 0;
        cv::Point2d centre;
        for (int y = static_cast<int>(place.y) - reach - 1; y <= place.y + reach + 1; ++y) {
            for (int x = static_cast<int>(place.x) - reach - 1; x <= place.x + reach + 1; ++x) {
                const double distance = std::hypot(x - place.x, y - place.y) / reach;
                const double window = distance < 1 ? (1 - distance * distance) * (1 - distance * distance) : 0;
                const double weight = window * std::max(0.0, luma.at<std::uint8_t>(y, x) - 70.0);
                sum += weight;
                centre += weight * cv::Point2d(x, y);
            }
        }
        place = centre / sum;
    }
    return place;
}

} // namespace longtake::test
