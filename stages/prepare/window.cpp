#include "stages/prepare/window.h"

#include "stages/prepare/layout.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

namespace longtake::stages::picture {
namespace {

constexpr int k_working_side = 256;

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

/// What there is to see at each pixel, summing to 1. The middle counts several times the rim, because that is where
/// photographers put what they mean, and a little above it more than below: heads are at the top.
cv::Mat interest(const cv::Mat& bgr)
{
    cv::Mat map = share(detail_of(bgr)) + share(outstanding_colour(bgr)) + share(skin(bgr));
    for (int y = 0; y < map.rows; ++y) {
        for (int x = 0; x < map.cols; ++x) {
            const double u = 2.0 * x / map.cols - 1;
            const double v = 2.0 * y / map.rows - 0.6;
            map.at<float>(y, x) *= static_cast<float>(1 + 3 * std::exp(-3 * (u * u + v * v)));
        }
    }
    return share(map);
}

/// Where the run of `length` with the largest sum starts; nullopt if none is clearly better than the middle one.
std::optional<double> best_start(const std::vector<double>& profile, double length)
{
    std::vector<double> sums(profile.size() + 1, 0.0);
    std::partial_sum(profile.begin(), profile.end(), sums.begin() + 1);
    const auto up_to = [&](double x) {
        const auto i = std::min(static_cast<std::size_t>(x), profile.size() - 1);
        return sums[i] + (x - static_cast<double>(i)) * profile[i];
    };
    const double last = static_cast<double>(profile.size()) - length;
    constexpr double k_clearly = 1.03;
    double most = (up_to(last / 2 + length) - up_to(last / 2)) * k_clearly;
    std::optional<double> best;
    for (double start = 0; start <= last; start += 0.5) {
        const double sum = up_to(start + length) - up_to(start);
        if (sum > most) {
            most = sum;
            best = start;
        }
    }
    return best;
}

} // namespace

Box choose_window(const cv::Mat& bgr, Size window)
{
    Box box = centred({bgr.cols, bgr.rows}, window);
    const bool across = window.width < bgr.cols;
    const int room = across ? bgr.cols - window.width : bgr.rows - window.height;
    if (room <= 2) {
        return box;
    }
    const double scale = std::min(1.0, double{k_working_side} / std::max(bgr.cols, bgr.rows));
    cv::Mat small;
    const auto side = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
    cv::resize(bgr, small, {side(bgr.cols), side(bgr.rows)}, 0, 0, cv::INTER_AREA);
    cv::Mat sums;
    cv::reduce(interest(small), sums, across ? 0 : 1, cv::REDUCE_SUM, CV_64F);
    const std::vector<double> profile(sums.begin<double>(), sums.end<double>());
    const double step = static_cast<double>(across ? bgr.cols : bgr.rows) / static_cast<double>(profile.size());
    if (const auto start = best_start(profile, (across ? window.width : window.height) / step)) {
        (across ? box.x : box.y) = std::clamp(static_cast<int>(std::lround(*start * step)), 0, room);
    }
    return box;
}

} // namespace longtake::stages::picture
