#include "pipeline/image/bars.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::image {
namespace {

constexpr int k_least_looks = 3;
constexpr int k_black = 24;        ///< of 255: black, with what encoders leave on it
constexpr int k_lit = 32;          ///< clearly not black
constexpr double k_specks = 0.005; ///< share of a row that may be brighter than black in a bar
constexpr double k_flat_bar = 3;   ///< a bar's largest deviation
constexpr double k_narrowest = 0.015;
constexpr double k_widest = 0.35;  ///< shares of the side, of one bar
constexpr double k_unequal = 0.1;  ///< share by which one may be wider than the other
constexpr double k_straight = 0.5; ///< share of the line where a bar ends that is lit

/// How many rows from the top are black; `lit` holds 255 where a pixel is brighter.
int black_rows(const cv::Mat& brighter)
{
    int row = 0;
    while (row < brighter.rows && cv::countNonZero(brighter.row(row)) <= k_specks * brighter.cols) {
        ++row;
    }
    return row;
}

/// Whether the rows above this one are as flat as a bar is.
bool is_flat(const cv::Mat& brightest, int rows)
{
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(brightest.rowRange(0, std::max(1, rows - 1)), mean, deviation); // ringing is in the last one
    return deviation[0] <= k_flat_bar;
}

/// Whether the picture begins all along a line, within two rows: not in one place, as a lamp in the dark does.
bool begins_straight(const cv::Mat& brightest, int row)
{
    cv::Mat line;
    cv::reduce(brightest.rowRange(row, std::min(brightest.rows, row + 3)), line, 0, cv::REDUCE_MAX);
    cv::Mat columns;
    cv::reduce(brightest, columns, 0, cv::REDUCE_MAX);
    return cv::countNonZero(line > k_lit) >= k_straight * std::max(1, cv::countNonZero(columns > k_black));
}

/// The rows of a bar at the top; 0: there is none.
int bar_at_top(const cv::Mat& brightest)
{
    const int rows = black_rows(brightest > k_black);
    const bool of_size = rows >= std::max(2.0, k_narrowest * brightest.rows) && rows <= k_widest * brightest.rows;
    return of_size && is_flat(brightest, rows) && begins_straight(brightest, rows) ? rows : 0;
}

/// The rows between bars above and below.
cv::Range between_bars(const cv::Mat& brightest)
{
    cv::Mat turned;
    cv::flip(brightest, turned, 0);
    const int above = bar_at_top(brightest);
    const int below = bar_at_top(turned);
    if (above == 0 || below == 0 || std::abs(above - below) > std::max(2.0, k_unequal * std::max(above, below))) {
        return {0, brightest.rows};
    }
    return {above + 1, brightest.rows - below - 1};
}

} // namespace

void BarFinder::look(const cv::Mat& bgr)
{
    cv::Mat grey;
    cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
    if (looks_++ == 0) {
        brightest_ = grey;
    } else {
        cv::max(brightest_, grey, brightest_);
    }
}

Box BarFinder::active() const
{
    if (looks_ < k_least_looks) {
        return {0, 0, brightest_.cols, brightest_.rows};
    }
    const cv::Range rows = between_bars(brightest_);
    const cv::Range columns = between_bars(brightest_.t());
    return {columns.start, rows.start, columns.size(), rows.size()};
}

} // namespace longtake::image
