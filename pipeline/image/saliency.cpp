#include "pipeline/image/saliency.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::image {
namespace {

/// Detail: how much the picture changes from pixel to pixel.
cv::Mat detail_of(const cv::Mat& bgr)
{
    cv::Mat gray, dx, dy, detail;
    cv::cvtColor(bgr, gray, cv::COLOR_BGR2GRAY);
    cv::Sobel(gray, dx, CV_32F, 1, 0);
    cv::Sobel(gray, dy, CV_32F, 0, 1);
    cv::magnitude(dx, dy, detail);
    return detail;
}

/// OpenCV 4.6 fills its tables for Lab at the first use, and not safely from several threads.
void fill_lab_tables()
{
    static const bool filled = [] {
        cv::Mat lab;
        cv::cvtColor(cv::Mat::zeros(1, 1, CV_32FC3), lab, cv::COLOR_BGR2Lab);
        return true;
    }();
    static_cast<void>(filled);
}

/// Distance of each pixel's colour from the picture's mean colour, after Achanta et al., "Frequency-tuned
/// salient region detection" (CVPR 2009).
cv::Mat outstanding_colour(const cv::Mat& bgr)
{
    fill_lab_tables();
    cv::Mat lab, scaled;
    bgr.convertTo(scaled, CV_32F, 1.0 / 255);
    cv::cvtColor(scaled, lab, cv::COLOR_BGR2Lab);
    cv::GaussianBlur(lab, lab, {}, 1.5);
    const cv::Scalar mean = cv::mean(lab);
    std::vector<cv::Mat> planes;
    cv::split(lab, planes);
    cv::Mat sum = cv::Mat::zeros(lab.size(), CV_32F);
    for (int i = 0; i < 3; ++i) {
        cv::Mat off = planes[static_cast<std::size_t>(i)] - mean[i];
        sum += off.mul(off);
    }
    cv::sqrt(sum, sum);
    return sum;
}

/// Nearness to the hue of human skin, which is much the same for all of us and differs in brightness; the direction in
/// RGB is the one smartcrop.js uses.
cv::Mat skin(const cv::Mat& bgr)
{
    const cv::Vec3f tone(0.44F, 0.57F, 0.78F); // BGR
    const float length = static_cast<float>(cv::norm(tone));
    cv::Mat map(bgr.size(), CV_32F);
    for (int y = 0; y < bgr.rows; ++y) {
        for (int x = 0; x < bgr.cols; ++x) {
            const cv::Vec3f pixel = bgr.at<cv::Vec3b>(y, x);
            const float bright = static_cast<float>(cv::norm(pixel));
            const float nearness = pixel.dot(tone) / std::max(bright * length, 1.0F);
            constexpr float k_near = 0.985F;
            constexpr float k_dark = 90;
            map.at<float>(y, x) = bright > k_dark && nearness > k_near ? (nearness - k_near) / (1 - k_near) : 0.0F;
        }
    }
    return map;
}

cv::Mat share(const cv::Mat& map)
{
    const double total = cv::sum(map)[0];
    return total > 0 ? cv::Mat(map / total) : cv::Mat(cv::Mat::ones(map.size(), CV_32F) / double(map.total()));
}

} // namespace

cv::Mat interest(const cv::Mat& bgr)
{
    cv::Mat map = share(detail_of(bgr)) + share(outstanding_colour(bgr)) + share(skin(bgr));
    for (int y = 0; y < map.rows; ++y) {
        for (int x = 0; x < map.cols; ++x) {
            const double u = 2.0 * x / map.cols - 1;
            const double v = 2.0 * y / map.rows - 0.9;
            map.at<float>(y, x) *= static_cast<float>(1 + 3 * std::exp(-3 * (u * u + v * v)));
        }
    }
    return share(map);
}

double seen_in(const std::vector<double>& profile, double start, double length)
{
    double sum = 0;
    for (auto i = static_cast<std::size_t>(start); i < profile.size() && static_cast<double>(i) < start + length; ++i) {
        const double from = std::max(static_cast<double>(i), start);
        const double to = std::min(static_cast<double>(i + 1), start + length);
        const double off = ((from + to) / 2 - start) / length * 2 - 1; // -1 to 1
        sum += (1 - off * off / 2) * (to - from) * profile[i];
    }
    return sum;
}

} // namespace longtake::image
