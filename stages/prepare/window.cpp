#include "stages/prepare/window.h"

#include "stages/prepare/faces.h"
#include "stages/prepare/layout.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
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

/// What is to be kept whole, on the axis the window slides along.
struct Span {
    double first = 0, last = 0;
    double weight = 0;
};

/// The head a face belongs to, hair and chin, if the window can hold it; else the face; else its middle.
Span span_of(double face, double length, double above, double below, double window)
{
    Span span{face - above * length, face + (1 + below) * length, length * length};
    if (span.last - span.first > window) {
        span = {face, face + length, span.weight};
    }
    if (const double excess = span.last - span.first - window; excess > 0) {
        span.first += excess / 2;
        span.last -= excess / 2;
    }
    return span;
}

std::vector<Span> heads(const std::vector<Box>& faces, bool across, double window, Size picture)
{
    std::vector<Span> spans;
    for (const Box& face : faces) {
        Span span =
            across ? span_of(face.x, face.width, 0.25, 0.25, window) : span_of(face.y, face.height, 0.45, 0.25, window);
        span.first = std::max(span.first, 0.0);
        span.last = std::min<double>(span.last, across ? picture.width : picture.height);
        spans.push_back(span);
    }
    return spans;
}

/// How well a window keeps the spans: those it holds count for it, those it cuts through half as much against it.
double kept(const std::vector<Span>& spans, double start, double length)
{
    constexpr double k_hair = 1e-6;
    double sum = 0;
    for (const Span& span : spans) {
        const bool whole = span.first >= start - k_hair && span.last <= start + length + k_hair;
        const bool outside = span.last <= start || span.first >= start + length;
        sum += whole ? span.weight : outside ? 0 : -span.weight / 2;
    }
    return sum;
}

/// Where a window may start: every half pixel of the profile, the middle, and where a span just fits.
std::vector<double> starts_of(const std::vector<Span>& spans, double length, double last)
{
    std::vector<double> starts{last / 2};
    for (double start = 0; start <= last; start += 0.5) {
        starts.push_back(start);
    }
    for (const Span& span : spans) {
        starts.push_back(std::clamp(span.first, 0.0, last));
        starts.push_back(std::clamp(span.last - length, 0.0, last));
    }
    return starts;
}

/// The start that keeps the spans best; among those the one with the largest sum, if that is clearly larger than
/// that of the one nearest the middle.
double best_start(const std::vector<double>& profile, double length, const std::vector<Span>& spans)
{
    std::vector<double> sums(profile.size() + 1, 0.0);
    std::partial_sum(profile.begin(), profile.end(), sums.begin() + 1);
    const auto up_to = [&](double x) {
        const auto i = std::min(static_cast<std::size_t>(x), profile.size() - 1);
        return sums[i] + (x - static_cast<double>(i)) * profile[i];
    };
    const auto seen = [&](double start) { return up_to(start + length) - up_to(start); };

    const double last = static_cast<double>(profile.size()) - length;
    std::vector<double> starts = starts_of(spans, length, last);
    double most_kept = kept(spans, starts.front(), length);
    for (const double start : starts) {
        most_kept = std::max(most_kept, kept(spans, start, length));
    }
    std::erase_if(starts, [&](double start) { return kept(spans, start, length) < most_kept; });
    const auto from_middle = [&](double a, double b) { return std::abs(a - last / 2) < std::abs(b - last / 2); };
    const double middle = *std::min_element(starts.begin(), starts.end(), from_middle);
    const double best =
        *std::max_element(starts.begin(), starts.end(), [&](double a, double b) { return seen(a) < seen(b); });
    constexpr double k_clearly = 1.03;
    return seen(best) > seen(middle) * k_clearly ? best : middle;
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
    cv::resize(bgr, small, {}, scale, scale, cv::INTER_AREA);
    cv::Mat sums;
    cv::reduce(interest(small), sums, across ? 0 : 1, cv::REDUCE_SUM, CV_64F);
    const std::vector<double> profile(sums.begin<double>(), sums.end<double>());
    const double step = static_cast<double>(across ? bgr.cols : bgr.rows) / static_cast<double>(profile.size());
    const double length = (across ? window.width : window.height) / step;
    std::vector<Span> spans = heads(find_faces(bgr), across, length * step, {bgr.cols, bgr.rows});
    for (Span& span : spans) {
        span.first /= step;
        span.last /= step;
    }
    const double start = best_start(profile, length, spans) * step;
    (across ? box.x : box.y) = std::clamp(static_cast<int>(std::lround(start)), 0, room);
    return box;
}

} // namespace longtake::stages::picture
