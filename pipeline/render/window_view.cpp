#include "pipeline/render/window_view.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::render {
namespace {

int even(double value)
{
    return std::max(2, static_cast<int>(std::lround(value / 2)) * 2);
}

/// Along one side of a plane: sample i of what is shown is at `scale * i + offset` of what it is taken from.
struct Along {
    double scale = 1;
    double offset = 0;

    static Along luma(double scale, double begin) { return {scale, begin + (scale - 1) / 2}; }
    /// Chroma samples lie on every other luma sample (BT.709 4:2:0 as MPEG-2 has it: across), or between two (down).
    Along across() const { return {scale, offset / 2}; }
    Along down() const { return {scale, (offset + (scale - 1) / 2) / 2}; }
};

cv::Mat plane_of(const av::Frame& frame, int index)
{
    const Size size = frame.size();
    const int half = index == 0 ? 1 : 2;
    return cv::Mat(size.height / half, size.width / half, CV_8U, frame.plane(index),
                   static_cast<std::size_t>(frame.stride(index)));
}

void take(const av::Frame& from, const av::Frame& to, int index, const Along& across, const Along& down)
{
    const cv::Matx23d map(across.scale, 0, across.offset, 0, down.scale, down.offset);
    cv::Mat shown = plane_of(to, index);
    cv::warpAffine(plane_of(from, index), shown, map, shown.size(), cv::INTER_CUBIC | cv::WARP_INVERSE_MAP,
                   cv::BORDER_REPLICATE);
}

} // namespace

WindowView::WindowView(const FramedWindow& framed, Size to) : framed_(framed), to_(to)
{
    const double shrink = std::min(1.0, static_cast<double>(to.height) / framed.window.height);
    conformed_ = {even(framed.picture.width * shrink), even(framed.picture.height * shrink)};
}

av::Conform WindowView::conform(av::Conform to) const
{
    to.size = conformed_;
    return to;
}

av::Frame WindowView::show(const av::Frame& picture, std::int64_t frame) const
{
    const PicturePoint centre = centre_at(framed_.path, frame);
    const double width = static_cast<double>(framed_.window.width) * conformed_.width / framed_.picture.width;
    const double height = static_cast<double>(framed_.window.height) * conformed_.height / framed_.picture.height;
    const Along across = Along::luma(width / to_.width, centre.x * conformed_.width - width / 2);
    const Along down = Along::luma(height / to_.height, centre.y * conformed_.height - height / 2);
    av::Frame shown = av::Frame::yuv420(to_);
    take(picture, shown, 0, across, down);
    for (const int chroma : {1, 2}) {
        take(picture, shown, chroma, across.across(), down.down());
    }
    return shown;
}

} // namespace longtake::render
