#include "stages/prepare/compose.h"

#include "stages/prepare/backdrop.h"
#include "stages/prepare/edge.h"
#include "stages/prepare/enlarge.h"
#include "stages/prepare/reduce.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::stages::picture {
namespace {

cv::Rect rect(const Box& box)
{
    return {box.x, box.y, box.width, box.height};
}

/// Lanczos; where nothing is scaled the pixels are the picture's own.
cv::Mat scaled(const cv::Mat& picture, const Box& place)
{
    if (picture.cols == place.width && picture.rows == place.height) {
        return picture;
    }
    if (place.width < picture.cols || place.height < picture.rows) {
        return reduced(picture, {place.width, place.height});
    }
    return enlarged(picture, {place.width, place.height});
}

/// A canvas of rows made in float, rounded with noise of +-`grain` levels so that slow gradients show no bands.
template <class Rows>
cv::Mat dithered(Size size, const Rows& rows, float grain)
{
    cv::Mat canvas(size.height, size.width, CV_8UC3);
    cv::parallel_for_(cv::Range(0, canvas.rows), [&](const cv::Range& range) {
        std::vector<float> row;
        for (int y = range.start; y < range.end; ++y) {
            rows.row(y, row);
            Noise noise(y);
            const float* in = row.data();
            auto* out = canvas.ptr<cv::Vec3b>(y);
            for (int x = 0; x < size.width; ++x, in += 3) {
                const float n = 2 * grain * noise.next();
                out[x] = {cv::saturate_cast<uchar>(in[0] + n), cv::saturate_cast<uchar>(in[1] + n),
                          cv::saturate_cast<uchar>(in[2] + n)};
            }
        }
    });
    return canvas;
}

/// `whole`: the picture, `shown`: the part of it that stands on the canvas, at its scale there.
cv::Mat filled(const Placement& placement, const Ground& ground, const cv::Mat& whole, const cv::Mat& shown)
{
    const Size size = placement.still;
    switch (ground.bars) {
    case Ground::Bars::colour:
        return {size.height, size.width, CV_8UC3, cv::Scalar(ground.colour.value_or(cv::Vec3b()))};
    case Ground::Bars::edge: return dithered(size, Edge(shown, placement.place, size), k_rounding);
    case Ground::Bars::blurred: break;
    }
    return dithered(size, Backdrop(whole, size, ground.shade), ground.grain);
}

void blend(const cv::Mat& bgra, cv::Mat canvas)
{
    for (int y = 0; y < bgra.rows; ++y) {
        const auto* in = bgra.ptr<cv::Vec4b>(y);
        auto* out = canvas.ptr<cv::Vec3b>(y);
        for (int x = 0; x < bgra.cols; ++x) {
            const int through = 255 - in[x][3];
            for (int c = 0; c < 3; ++c) {
                out[x][c] = cv::saturate_cast<uchar>(in[x][c] + (out[x][c] * through + 127) / 255);
            }
        }
    }
}

} // namespace

cv::Mat premultiplied(const cv::Mat& bgra)
{
    cv::Mat out(bgra.size(), CV_8UC4);
    for (int y = 0; y < bgra.rows; ++y) {
        const auto* in = bgra.ptr<cv::Vec4b>(y);
        auto* to = out.ptr<cv::Vec4b>(y);
        for (int x = 0; x < bgra.cols; ++x) {
            for (int c = 0; c < 3; ++c) {
                to[x][c] = static_cast<uchar>((in[x][c] * in[x][3] + 127) / 255);
            }
            to[x][3] = in[x][3];
        }
    }
    return out;
}

cv::Mat compose(const cv::Mat& picture, const Placement& placement, const Ground& ground)
{
    cv::Mat whole = picture.channels() == 4 ? premultiplied(picture) : picture;
    if (whole.channels() == 4 && ground.colour) {
        cv::Mat flat(whole.size(), CV_8UC3, cv::Scalar(*ground.colour));
        blend(whole, flat);
        whole = flat;
    }
    cv::Mat shown = scaled(whole(rect(placement.source)), placement.place);
    const bool covers = shown.cols == placement.still.width && shown.rows == placement.still.height;
    if (covers && shown.channels() == 3) {
        return shown;
    }
    cv::Mat canvas = filled(placement, ground, whole, shown);
    cv::Mat target = canvas(rect(placement.place));
    if (shown.channels() == 4) {
        blend(shown, target);
    } else {
        shown.copyTo(target);
    }
    return canvas;
}

cv::Mat compose_mask(const cv::Mat& mask, const Placement& placement)
{
    const cv::Mat opaque = mask.channels() == 4 ? cv::Mat(mask.size(), CV_8UC3, cv::Scalar::all(0)) : mask;
    if (mask.channels() == 4) {
        blend(premultiplied(mask), opaque);
    }
    cv::Mat shown;
    cv::resize(opaque(rect(placement.source)), shown, {placement.place.width, placement.place.height}, 0, 0,
               cv::INTER_NEAREST);
    cv::Mat canvas(placement.still.height, placement.still.width, CV_8UC3, cv::Scalar::all(0));
    shown.copyTo(canvas(rect(placement.place)));
    return canvas;
}

} // namespace longtake::stages::picture
