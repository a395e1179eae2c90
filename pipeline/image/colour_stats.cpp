#include "pipeline/image/colour_stats.h"

#include "pipeline/image/compare.h"
#include "pipeline/image/ycc.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace longtake::image {
namespace {

constexpr double k_band_side = 160; ///< pixels of the longer side that bands are taken from

using LabPixels = std::vector<std::pair<double, Lab>>; ///< each with what it is sorted by

ColourBands bands_of(LabPixels& pixels)
{
    std::stable_sort(pixels.begin(), pixels.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    ColourBands bands;
    for (std::size_t band = 0; band < bands.size(); ++band) {
        const std::size_t from = pixels.size() * band / bands.size();
        const std::size_t to = std::max(from + 1, pixels.size() * (band + 1) / bands.size());
        Lab& mean = bands[band];
        for (std::size_t i = from; i < std::min(to, pixels.size()); ++i) {
            const double weight = 1.0 / static_cast<double>(to - from);
            mean.l += weight * pixels[i].second.l;
            mean.a += weight * pixels[i].second.a;
            mean.b += weight * pixels[i].second.b;
        }
    }
    return bands;
}

Lab lab_of_ycc(const Ycc& ycc)
{
    const auto rgb = rgb_of(ycc);
    return lab_of(rgb[0], rgb[1], rgb[2]);
}

cv::Mat resized_to(const cv::Mat& from, cv::Size size)
{
    cv::Mat to;
    cv::resize(from, to, size, 0, 0, cv::INTER_AREA);
    return to;
}

ColourBands bands_of_yuv(const av::Frame& frame)
{
    const Size whole = frame.size();
    const double times = std::max(2.0, std::max(whole.width, whole.height) / k_band_side);
    const auto side = [&](int pixels) { return std::max(8, static_cast<int>(std::lround(pixels / times))); };
    const cv::Size size(side(whole.width), side(whole.height));
    const cv::Mat y = resized_to(plane_of(frame, 0), size);
    const cv::Mat cb = resized_to(plane_of(frame, 1), size);
    const cv::Mat cr = resized_to(plane_of(frame, 2), size);
    LabPixels pixels;
    pixels.reserve(y.total());
    for (std::size_t i = 0; i < y.total(); ++i) {
        const Ycc ycc = {static_cast<double>(y.data[i]), static_cast<double>(cb.data[i]),
                         static_cast<double>(cr.data[i])};
        pixels.emplace_back(ycc[0], lab_of_ycc(ycc));
    }
    return bands_of(pixels);
}

} // namespace

ColourStats colour_stats_of_rgb(const av::Frame& rgb)
{
    ColourStats stats;
    ColourMoments& moments = stats.moments;
    LabPixels pixels;
    pixels.reserve(static_cast<std::size_t>(rgb.size().width) * static_cast<std::size_t>(rgb.size().height));
    Ycc squares{};
    each_pixel(rgb, [&](const std::uint8_t* p) {
        const Ycc ycc = ycc_of(p);
        for (std::size_t i = 0; i < 3; ++i) {
            moments.mean[i] += ycc[i];
            squares[i] += ycc[i] * ycc[i];
        }
        pixels.emplace_back(ycc[0], lab_of(p[0], p[1], p[2]));
    });
    const auto count = static_cast<double>(pixels.size());
    for (std::size_t i = 0; i < 3; ++i) {
        moments.mean[i] /= count;
        moments.deviation[i] = std::sqrt(std::max(0.0, squares[i] / count - moments.mean[i] * moments.mean[i]));
    }
    stats.bands = bands_of(pixels);
    return stats;
}

ColourStats colour_stats_of_yuv(const av::Frame& frame)
{
    ColourStats stats;
    for (int i = 0; i < 3; ++i) {
        cv::Scalar mean;
        cv::Scalar deviation;
        cv::meanStdDev(plane_of(frame, i), mean, deviation);
        stats.moments.mean[static_cast<std::size_t>(i)] = mean[0];
        stats.moments.deviation[static_cast<std::size_t>(i)] = deviation[0];
    }
    stats.bands = bands_of_yuv(frame);
    return stats;
}

double difference(const ColourBands& one, const ColourBands& two)
{
    double sum = 0;
    for (std::size_t i = 0; i < one.size(); ++i) {
        sum += delta_e(one[i], two[i]);
    }
    return sum / static_cast<double>(one.size());
}

} // namespace longtake::image
