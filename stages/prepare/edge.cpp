#include "stages/prepare/edge.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::stages::picture {
namespace {

constexpr int k_deep = 2;        ///< rows of the picture its edge is the mean of: one row alone is noise
constexpr float k_spread = 1.5F; ///< how fast colours run together: pixels of blur for each pixel of distance

/// How far the blurring goes: a sixth of the edge, from where on hardly anything is left to see.
int levels_for(int length)
{
    return std::max(1, static_cast<int>(std::ceil(std::log2(length / 6.0 + 1))));
}

/// `edge`: one row, 32FC3. Row k of the result is it under a Gaussian of 2^k - 1 pixels.
cv::Mat run_of(const cv::Mat& edge)
{
    const int levels = levels_for(edge.cols);
    cv::Mat run(levels + 1, edge.cols, CV_32FC3);
    edge.copyTo(run.row(0));
    for (int level = 1; level <= levels; ++level) {
        const double sigma = std::exp2(level) - 1;
        const int radius = static_cast<int>(std::ceil(3 * sigma));
        cv::Mat blurred;
        cv::GaussianBlur(edge, blurred, {2 * radius + 1, 1}, sigma, sigma, cv::BORDER_REFLECT);
        blurred.copyTo(run.row(level));
    }
    return run;
}

cv::Mat run_of_rows(const cv::Mat& rows)
{
    cv::Mat edge;
    cv::reduce(rows, edge, 0, cv::REDUCE_AVG, CV_32F);
    return run_of(edge);
}

cv::Mat run_of_columns(const cv::Mat& columns)
{
    cv::Mat edge, across;
    cv::reduce(columns, edge, 1, cv::REDUCE_AVG, CV_32F);
    cv::transpose(edge, across);
    return run_of(across);
}

/// The colour at a place along an edge, `distance` pixels away from it.
cv::Vec3f colour_at(const cv::Mat& run, int along, int distance)
{
    const float level =
        std::min(std::log2(1 + k_spread * static_cast<float>(distance)), static_cast<float>(run.rows - 1));
    const int nearer = static_cast<int>(level);
    const float farther = level - static_cast<float>(nearer);
    const auto& one = run.at<cv::Vec3f>(nearer, along);
    return one + (run.at<cv::Vec3f>(std::min(nearer + 1, run.rows - 1), along) - one) * farther;
}

} // namespace

Edge::Edge(const cv::Mat& picture, const Box& place, Size canvas)
    : place_(place), canvas_(canvas), top_(run_of_rows(picture.rowRange(0, std::min(k_deep, picture.rows)))),
      bottom_(run_of_rows(picture.rowRange(std::max(0, picture.rows - k_deep), picture.rows))),
      left_(run_of_columns(picture.colRange(0, std::min(k_deep, picture.cols)))),
      right_(run_of_columns(picture.colRange(std::max(0, picture.cols - k_deep), picture.cols)))
{
}

void Edge::row(int y, std::vector<float>& bgr) const
{
    bgr.assign(static_cast<std::size_t>(canvas_.width) * 3, 0.0F);
    const auto put = [&](int x, const cv::Vec3f& colour) {
        std::copy_n(colour.val, 3, &bgr[static_cast<std::size_t>(x) * 3]);
    };
    const int end_x = place_.x + place_.width;
    const int end_y = place_.y + place_.height;
    if (y < place_.y || y >= end_y) {
        const bool above = y < place_.y;
        for (int x = 0; x < canvas_.width; ++x) {
            const int along = std::clamp(x - place_.x, 0, place_.width - 1);
            put(x, above ? colour_at(top_, along, place_.y - y) : colour_at(bottom_, along, y - end_y + 1));
        }
        return;
    }
    for (int x = 0; x < place_.x; ++x) {
        put(x, colour_at(left_, y - place_.y, place_.x - x));
    }
    for (int x = end_x; x < canvas_.width; ++x) {
        put(x, colour_at(right_, y - place_.y, x - end_x + 1));
    }
}

} // namespace longtake::stages::picture
