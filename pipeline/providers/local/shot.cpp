#include "pipeline/providers/local/shot.h"

#include "pipeline/providers/local/sampler.h"

#include <algorithm>
#include <cmath>

namespace longtake::local {

namespace {

constexpr double k_most_minified = 2.2; ///< samples an output pixel that the filters still render without aliasing

/// Dense enough for the closest pose, as far as the widest one can still be filtered.
double density(const Move& move)
{
    return std::min(move.tightest(), k_most_minified * move.widest());
}

bool is_aligned(const Homography& h)
{
    return h[1] == 0 && h[3] == 0 && h[6] == 0 && h[7] == 0;
}

/// What rendering a frame needs besides the picture; only its memory is kept from frame to frame, on each thread.
struct Workspace {
    GridSampler grid;
    Axis x;
    Axis y;
    PhaseTable table;
    std::vector<float> at_x;
    std::vector<float> at_y;
    std::vector<std::int32_t> sums;
};

Workspace& workspace(int width)
{
    thread_local Workspace work;
    work.sums.resize(width + 4);
    work.at_x.resize(width);
    work.at_y.resize(width);
    return work;
}

/// Distance of neighbouring output samples in the picture, at the middle of the frame.
double step_at_middle(const Homography& h, Size size)
{
    const double x = size.width / 2.0;
    const double y = size.height / 2.0;
    const double w = h[6] * x + h[7] * y + h[8];
    const double px = (h[0] * x + h[1] * y + h[2]) / w;
    const double py = (h[3] * x + h[4] * y + h[5]) / w;
    const double area = (h[0] - px * h[6]) * (h[4] - py * h[7]) - (h[1] - px * h[7]) * (h[3] - py * h[6]);
    return std::sqrt(std::abs(area)) / w;
}

void positions(const Homography& h, int row, int count, float* at_x, float* at_y)
{
    const auto f = [](double value) { return static_cast<float>(value); };
    const float x0 = f(h[1] * row + h[2]);
    const float y0 = f(h[4] * row + h[5]);
    const float w0 = f(h[7] * row + h[8]);
    const float dx = f(h[0]);
    const float dy = f(h[3]);
    const float dw = f(h[6]);
    for (int i = 0; i < count; ++i) {
        const float x = static_cast<float>(i);
        const float w = 1 / (w0 + dw * x);
        at_x[i] = (x0 + dx * x) * w;
        at_y[i] = (y0 + dy * x) * w;
    }
}

void render_projected(const Plane& plane, const Homography& h, Size size, std::uint8_t* out, int stride)
{
    Workspace& work = workspace(size.width);
    work.table.shape(step_at_middle(h, size));
    for (int y = 0; y < size.height; ++y) {
        positions(h, y, size.width, work.at_x.data(), work.at_y.data());
        sample_at(plane, work.table, work.at_x.data(), work.at_y.data(), size.width, work.sums.data());
        quantise(work.sums.data(), size.width, y, out + static_cast<std::ptrdiff_t>(y) * stride);
    }
}

Move plan_move(const std::optional<CameraMove>& camera, Size output, const Extent& extent, const Glide& glide)
{
    return {camera, output, extent.half_width, extent.half_height, glide};
}

} // namespace

void render_aligned(const Plane& plane, const Homography& h, Size size, std::uint8_t* out, int stride)
{
    Workspace& work = workspace(size.width);
    work.x.place(size.width, h[2] / h[8], h[0] / h[8], plane.width());
    work.y.place(size.height, h[5] / h[8], h[4] / h[8], plane.height());
    for (int y = 0; y < size.height; ++y) {
        work.grid.row(plane, work.x, work.y, y, work.sums.data());
        quantise(work.sums.data(), size.width, y, out + static_cast<std::ptrdiff_t>(y) * stride);
    }
}

Homography from_output_plane(int plane, Size output)
{
    const double x = output.width / 2.0;
    const double y = output.height / 2.0;
    if (plane == 0) {
        return {1, 0, 0.5 - x, 0, 1, 0.5 - y, 0, 0, 1};
    }
    return {2, 0, 0.5 - x, 0, 2, 1.0 - y, 0, 0, 1};
}

Homography to_samples(int width, int height, const Extent& extent)
{
    return {width / (2 * extent.half_width),
            0,
            width / 2.0 - 0.5,
            0,
            height / (2 * extent.half_height),
            height / 2.0 - 0.5,
            0,
            0,
            1};
}

Shot::Shot(const cv::Mat& bgr, const std::optional<CameraMove>& camera, Size output, const Glide& glide)
    : output_(output), move_(plan_move(camera, output, cover(bgr.size(), output), glide)),
      picture_(bgr, output, density(move_)),
      // Of the whole move, not of a pose: a turning camera that happens to stand level must not change filters.
      aligned_(is_aligned(move_.at(0.2)) && is_aligned(move_.at(0.9)))
{
}

void Shot::render(double progress, const YuvView& out) const
{
    const Homography pose = move_.at(progress);
    for (int i = 0; i < 3; ++i) {
        const Plane& plane = picture_.planes[i];
        const Homography h =
            to_samples(plane.width(), plane.height(), picture_.extent) * pose * from_output_plane(i, output_);
        const Size size = i == 0 ? output_ : Size{output_.width / 2, output_.height / 2};
        if (aligned_) {
            render_aligned(plane, h, size, out.plane[i], out.stride[i]);
        } else {
            render_projected(plane, h, size, out.plane[i], out.stride[i]);
        }
    }
}

} // namespace longtake::local
