#include "pipeline/providers/local/morph.h"

#include "pipeline/providers/local/sampler.h"
#include "pipeline/providers/local/shot.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace longtake::local {

namespace {

constexpr int k_match_width = 640; ///< of the longer side, where the flow is searched
constexpr int k_grid_step = 4;     ///< samples of that, a grid point
constexpr double k_breath = 0.035;
constexpr double k_related = 0.35; ///< confidence from which on two pictures are of one scene
constexpr int k_solve_steps = 4;
constexpr float k_feather = 0.05F; ///< of the output's width: how far from its edge a picture fades into the other

Size grid_size(Size output)
{
    const double scale = std::min(1.0, static_cast<double>(k_match_width) / std::max(output.width, output.height));
    return {std::max(8, static_cast<int>(std::lround(output.width * scale))),
            std::max(8, static_cast<int>(std::lround(output.height * scale)))};
}

/// What the output shows of a picture that covers it, in grey and small.
cv::Mat thumbnail(const cv::Mat& bgr, Size output, Size size)
{
    const Extent extent = cover(bgr.size(), output);
    const double width = bgr.cols * output.width / (2 * extent.half_width);
    const double height = bgr.rows * output.height / (2 * extent.half_height);
    const cv::Rect shown(cvRound((bgr.cols - width) / 2), cvRound((bgr.rows - height) / 2), cvRound(width),
                         cvRound(height));
    cv::Mat small;
    cv::resize(bgr(shown & cv::Rect({}, bgr.size())), small, {size.width, size.height}, 0, 0, cv::INTER_AREA);
    cv::cvtColor(small, small, cv::COLOR_BGR2GRAY);
    return small;
}

cv::Mat coarser(const cv::Mat& flow, Size output)
{
    cv::Mat grid;
    cv::resize(flow, grid, {std::max(flow.cols / k_grid_step, 4), std::max(flow.rows / k_grid_step, 4)}, 0, 0,
               cv::INTER_AREA);
    const double scale = static_cast<double>(output.width) / flow.cols;
    return grid * scale;
}

image::Correspondence correspond(const cv::Mat& first, const cv::Mat& second, Size output)
{
    const Size size = grid_size(output);
    const image::Correspondence fine = image::match(thumbnail(first, output, size), thumbnail(second, output, size));
    return {coarser(fine.there, output), coarser(fine.back, output), fine.confidence, fine.aligned, fine.agreement};
}

/// A flow at a place between grid points; beyond the edge as on it.
cv::Vec2f flow_at(const cv::Mat& flow, float x, float y)
{
    x = std::clamp(x, 0.0F, static_cast<float>(flow.cols) - 1.001F);
    y = std::clamp(y, 0.0F, static_cast<float>(flow.rows) - 1.001F);
    const int ix = static_cast<int>(x);
    const int iy = static_cast<int>(y);
    const float fx = x - static_cast<float>(ix);
    const float fy = y - static_cast<float>(iy);
    const cv::Vec2f* upper = flow.ptr<cv::Vec2f>(iy) + ix;
    const cv::Vec2f* lower = flow.ptr<cv::Vec2f>(iy + 1) + ix;
    return (upper[0] * (1 - fx) + upper[1] * fx) * (1 - fy) + (lower[0] * (1 - fx) + lower[1] * fx) * fy;
}

/// The displacement d such that the point d away from a grid point, carried along `flow` for `share` of its way,
/// arrives there: d = -share * flow(point + d), found by iteration.
struct Origin {
    cv::Vec2f d;
    float miss; ///< of the last two steps: large where the iteration does not settle
};

Origin origin_of(const cv::Mat& flow, cv::Point point, float share, float points_per_pixel)
{
    const cv::Vec2f at(static_cast<float>(point.x), static_cast<float>(point.y));
    cv::Vec2f d = flow.at<cv::Vec2f>(point) * -share;
    cv::Vec2f before;
    for (int step = 0; step < k_solve_steps; ++step) {
        before = d;
        const cv::Vec2f from = at + d * points_per_pixel;
        d = flow_at(flow, from[0], from[1]) * -share;
    }
    return {d, static_cast<float>(cv::norm(d - before))};
}

/// 1 well inside the output, falling to almost nothing towards its edge and beyond.
float inside(cv::Vec2f grid_point, const cv::Mat& grid)
{
    const float edge = std::min({grid_point[0], grid_point[1], static_cast<float>(grid.cols - 1) - grid_point[0],
                                 static_cast<float>(grid.rows - 1) - grid_point[1]});
    const float x = std::clamp(edge / (k_feather * static_cast<float>(grid.cols)), 0.0F, 1.0F);
    return 1e-3F + x * x * (3 - 2 * x);
}

/// Where a frame's pixels come from in either picture, on the coarse grid (CV_32F).
struct Sources {
    explicit Sources(cv::Size size)
    {
        for (cv::Mat* field : {&first_x, &first_y, &second_x, &second_y, &share}) {
            field->create(size, CV_32F);
        }
    }

    cv::Mat first_x; ///< displacement, output pixels
    cv::Mat first_y;
    cv::Mat second_x;
    cv::Mat second_y;
    cv::Mat share; ///< of the second picture, 0..1
};

/// Each picture answers for both, its own flow being exact where its own points are. The answers are weighed by time,
/// by whether they lie in their picture and whether they settled; what one picture does not show comes from the other.
Sources sources(const image::Correspondence& flow, double time, Size output)
{
    const auto t = static_cast<float>(time);
    const float scale = static_cast<float>(flow.there.cols) / static_cast<float>(output.width);
    Sources found(flow.there.size());
    for (int y = 0; y < flow.there.rows; ++y) {
        for (int x = 0; x < flow.there.cols; ++x) {
            const cv::Vec2f at(static_cast<float>(x), static_cast<float>(y));
            const Origin a = origin_of(flow.there, {x, y}, t, scale);
            const Origin b = origin_of(flow.back, {x, y}, 1 - t, scale);
            const cv::Vec2f from_a = at + a.d * scale;
            const cv::Vec2f from_b = at + b.d * scale;
            const float trust_a = (1 - t) * inside(from_a, flow.there) / (1 + a.miss * a.miss);
            const float trust_b = t * inside(from_b, flow.back) / (1 + b.miss * b.miss);
            const float s = trust_b / (trust_a + trust_b);
            const cv::Vec2f first = a.d * (1 - s) + (b.d + flow_at(flow.back, from_b[0], from_b[1])) * s;
            const cv::Vec2f second = (a.d + flow_at(flow.there, from_a[0], from_a[1])) * (1 - s) + b.d * s;
            found.first_x.at<float>(y, x) = first[0];
            found.first_y.at<float>(y, x) = first[1];
            found.second_x.at<float>(y, x) = second[0];
            found.second_y.at<float>(y, x) = second[1];
            const float of_first = (1 - t) * inside(at + first * scale, flow.there);
            const float of_second = t * inside(at + second * scale, flow.there);
            found.share.at<float>(y, x) = of_second / (of_first + of_second);
        }
    }
    return found;
}

/// Reads a coarse field along an output plane's rows: each grid row is stretched to the plane's width once, rows
/// between are mixed of two.
class Stretched {
public:
    /// `to_grid`: from the plane's samples to grid points.
    Stretched(const cv::Mat& field, const Homography& to_grid, int width)
        : map_(to_grid), rows_(field.rows), width_(width), values_(static_cast<std::size_t>(width) * field.rows)
    {
        std::vector<int> left(width);
        std::vector<float> share(width);
        for (int x = 0; x < width; ++x) {
            const float at =
                std::clamp(static_cast<float>(map_[0] * x + map_[2]), 0.0F, static_cast<float>(field.cols) - 1.001F);
            left[x] = static_cast<int>(at);
            share[x] = at - static_cast<float>(left[x]);
        }
        for (int y = 0; y < rows_; ++y) {
            const float* row = field.ptr<float>(y);
            float* to = &values_[static_cast<std::size_t>(y) * width];
            for (int x = 0; x < width; ++x) {
                to[x] = row[left[x]] + (row[left[x] + 1] - row[left[x]]) * share[x];
            }
        }
    }

    /// base + step * i + scale * field along an output row.
    void line(int row, double base, double step, double scale, float* out) const
    {
        const float at =
            std::clamp(static_cast<float>(map_[4] * row + map_[5]), 0.0F, static_cast<float>(rows_) - 1.001F);
        const float* upper = &values_[static_cast<std::size_t>(at) * width_];
        const float* lower = upper + width_;
        const float share = at - std::floor(at);
        const auto from = static_cast<float>(base);
        const auto by = static_cast<float>(step);
        const auto times = static_cast<float>(scale);
        for (int i = 0; i < width_; ++i) {
            out[i] = from + by * static_cast<float>(i) + (upper[i] + (lower[i] - upper[i]) * share) * times;
        }
    }

private:
    Homography map_;
    int rows_;
    int width_;
    std::vector<float> values_;
};

/// One picture's planes of one raster, seen through a view and a displacement.
class Layer {
public:
    /// `view`: from the output plane's samples to output pixels from the centre; `to_grid`: from there to the grid.
    Layer(const Plane& plane, const Extent& extent, const Homography& view, const Homography& to_grid,
          const cv::Mat& shift_x, const cv::Mat& shift_y, int width)
        : scale_(to_samples(plane.width(), plane.height(), extent)), map_(scale_ * view),
          shift_x_(shift_x, to_grid * view, width), shift_y_(shift_y, to_grid * view, width), x_(width), y_(width),
          sums_(width + 4)
    {
        table_.shape(map_[0]);
    }

    void go_to(int row)
    {
        shift_x_.line(row, map_[2], map_[0], scale_[0], x_.data());
        shift_y_.line(row, map_[4] * row + map_[5], 0, scale_[4], y_.data());
    }

    std::vector<std::int32_t>& row_of(const Plane& plane)
    {
        sample_at(plane, table_, x_.data(), y_.data(), static_cast<int>(x_.size()), sums_.data());
        return sums_;
    }

private:
    Homography scale_;
    Homography map_;
    Stretched shift_x_;
    Stretched shift_y_;
    PhaseTable table_;
    std::vector<float> x_;
    std::vector<float> y_;
    std::vector<std::int32_t> sums_;
};

/// Dissolves `second` into `first` by each pixel's share; the result is left in `second`.
void mix(const std::vector<std::int32_t>& first, std::vector<std::int32_t>& second, const std::vector<float>& share)
{
    const int count = static_cast<int>(share.size());
    for (int i = 0; i < count; ++i) {
        const auto part = static_cast<std::int32_t>(share[i] * 4096 + 0.5F);
        second[i] = first[i] + ((second[i] >> 10) - (first[i] >> 10)) * part / 4; // 18 + 12 bits and a sign
    }
}

} // namespace

bool are_strangers(const cv::Mat& first, const cv::Mat& second, Size output)
{
    return correspond(first, second, output).confidence < k_related;
}

Morph::Morph(const cv::Mat& first, const cv::Mat& second, Size output)
    : output_(output), first_(first, output, 1), second_(second, output, 1), flow_(correspond(first, second, output))
{
}

void Morph::render(double time, const YuvView& out) const
{
    // Never quite still: a fifth of the way goes evenly, the rest eases in and out.
    const double t = 0.2 * time + 0.8 * time * time * (3 - 2 * time);
    const double half_wave = std::sin(std::numbers::pi * time);
    const double shrink = 1 / (1 + k_breath * half_wave * half_wave);
    const Homography breath = {shrink, 0, 0, 0, shrink, 0, 0, 0, 1};
    const Sources from = sources(flow_, t, output_);
    const Homography to_grid =
        to_samples(from.share.cols, from.share.rows, {output_.width / 2.0, output_.height / 2.0});
    for (const auto& planes : {std::vector<int>{0}, std::vector<int>{1, 2}}) {
        const int some = planes.front();
        const Size size = some == 0 ? output_ : Size{output_.width / 2, output_.height / 2};
        const Homography view = breath * from_output_plane(some, output_);
        Layer a(first_.planes[some], first_.extent, view, to_grid, from.first_x, from.first_y, size.width);
        Layer b(second_.planes[some], second_.extent, view, to_grid, from.second_x, from.second_y, size.width);
        const Stretched shares(from.share, to_grid * view, size.width);
        std::vector<float> share(size.width);
        for (int y = 0; y < size.height; ++y) {
            a.go_to(y);
            b.go_to(y);
            shares.line(y, 0, 0, 1, share.data());
            for (const int i : planes) {
                std::vector<std::int32_t>& mixed = b.row_of(second_.planes[i]);
                mix(a.row_of(first_.planes[i]), mixed, share);
                quantise(mixed.data(), size.width, y, out.plane[i] + static_cast<std::ptrdiff_t>(y) * out.stride[i]);
            }
        }
    }
}

} // namespace longtake::local
