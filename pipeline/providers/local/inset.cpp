#include "pipeline/providers/local/inset.h"

#include "pipeline/providers/local/easing.h"
#include "pipeline/providers/local/shot.h"

#include <algorithm>
#include <cmath>

namespace longtake::local {
namespace {

constexpr double k_nearer = 1.03; ///< all the way: more would carry the picture's edges out of the frame

cv::Rect pixels_of(const PicturePart& part, cv::Size still)
{
    const cv::Rect2d exact(part.x * still.width, part.y * still.height, part.width * still.width,
                           part.height * still.height);
    return cv::Rect(cvRound(exact.x), cvRound(exact.y), cvRound(exact.width), cvRound(exact.height)) &
           cv::Rect({}, still);
}

Size plane_size(int plane, Size output)
{
    return plane == 0 ? output : Size{output.width / 2, output.height / 2};
}

/// How much of each of `count` samples lies between two edges: `origin` and `step` place them.
std::vector<float> coverage(int count, double origin, double step, double first, double last)
{
    std::vector<float> shares(count);
    for (int i = 0; i < count; ++i) {
        const double at = origin + i * step;
        shares[i] = static_cast<float>(std::clamp(std::min(at - first, last - at) / step + 0.5, 0.0, 1.0));
    }
    return shares;
}

void blend_row(const std::uint8_t* below, const std::uint8_t* above, const std::vector<float>& shares, float share,
               std::uint8_t* out)
{
    for (std::size_t i = 0; i < shares.size(); ++i) {
        const float mixed = below[i] + (static_cast<float>(above[i]) - below[i]) * shares[i] * share;
        out[i] = static_cast<std::uint8_t>(mixed + 0.5F);
    }
}

} // namespace

Inset::Inset(const cv::Mat& still, const PicturePart& place, Size output, bool nearer)
    : output_(output), nearer_(nearer), stand_([&] {
          const Extent all = cover(still.size(), output);
          return Stand{place.width * all.half_width, place.height * all.half_height,
                       (2 * place.x + place.width - 1) * all.half_width,
                       (2 * place.y + place.height - 1) * all.half_height};
      }()),
      picture_(still(pixels_of(place, still.size())),
               {std::max(2, cvRound(2 * stand_.half_width)), std::max(2, cvRound(2 * stand_.half_height))}, k_nearer)
{
    const Picture whole(still, output, 1);
    for (int i = 0; i < 3; ++i) {
        const Plane& plane = whole.planes[i];
        const Size size = plane_size(i, output);
        ground_[i].resize(static_cast<std::size_t>(size.width) * size.height);
        render_aligned(plane, to_samples(plane.width(), plane.height(), whole.extent) * from_output_plane(i, output),
                       size, ground_[i].data(), size.width);
    }
}

void Inset::render(double progress, const YuvView& out) const
{
    const double magnify = std::pow(k_nearer, (nearer_ ? progress : k_farthest - progress));
    for (int i = 0; i < 3; ++i) {
        draw(i, magnify, out);
    }
}

void Inset::draw(int plane, double magnify, const YuvView& out) const
{
    const Plane& samples = picture_.planes[plane];
    const Size size = plane_size(plane, output_);
    const Homography view = from_output_plane(plane, output_);
    const double shrink = 1 / magnify;
    const Homography nearer = {shrink, 0, -stand_.right * shrink, 0, shrink, -stand_.down * shrink, 0, 0, 1};
    std::vector<std::uint8_t> above(static_cast<std::size_t>(size.width) * size.height);
    render_aligned(
        samples, to_samples(samples.width(), samples.height(), {stand_.half_width, stand_.half_height}) * nearer * view,
        size, above.data(), size.width);
    const double right = stand_.half_width * magnify;
    const double down = stand_.half_height * magnify;
    const auto across = coverage(size.width, view[2], view[0], stand_.right - right, stand_.right + right);
    const auto along = coverage(size.height, view[5], view[4], stand_.down - down, stand_.down + down);
    for (int y = 0; y < size.height; ++y) {
        const std::size_t row = static_cast<std::size_t>(y) * size.width;
        blend_row(&ground_[plane][row], &above[row], across, along[y],
                  out.plane[plane] + static_cast<std::ptrdiff_t>(y) * out.stride[plane]);
    }
}

} // namespace longtake::local
