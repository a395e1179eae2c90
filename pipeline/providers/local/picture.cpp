#include "pipeline/providers/local/picture.h"

#include "pipeline/av/picture/picture_decoder.h"
#include "pipeline/base/error.h"
#include "pipeline/providers/local/resample.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

namespace longtake::local {

namespace {

/// BT.709-6, items 3.2 to 3.5: code values of luma and the two colour differences from R'G'B' of 0..255.
std::array<cv::Mat, 3> to_yuv(const cv::Mat& bgr)
{
    std::array<cv::Mat, 3> yuv;
    for (cv::Mat& plane : yuv) {
        plane.create(bgr.size(), CV_32F);
    }
    for (int y = 0; y < bgr.rows; ++y) {
        const std::uint8_t* in = bgr.ptr<std::uint8_t>(y);
        float* luma = yuv[0].ptr<float>(y);
        float* cb = yuv[1].ptr<float>(y);
        float* cr = yuv[2].ptr<float>(y);
        for (int x = 0; x < bgr.cols; ++x) {
            const float b = in[3 * x] / 255.0F;
            const float r = in[3 * x + 2] / 255.0F;
            const float grey = 0.2126F * r + 0.7152F * (in[3 * x + 1] / 255.0F) + 0.0722F * b;
            luma[x] = 16 + 219 * grey;
            cb[x] = 128 + 224 * (b - grey) / 1.8556F;
            cr[x] = 128 + 224 * (r - grey) / 1.5748F;
        }
    }
    return yuv;
}

cv::Mat fit(const cv::Mat& plane, cv::Size to)
{
    return to.width > plane.cols ? enlarge(plane, to) : resample(plane, to);
}

} // namespace

Plane::Plane(const cv::Mat& values)
    : width_(values.cols), height_(values.rows), stride_((values.cols + 2 * k_border + 15) / 16 * 16),
      samples_(static_cast<std::size_t>(stride_) * (height_ + 2 * k_border) + 16)
{
    for (int y = -k_border; y < height_ + k_border; ++y) {
        const float* in = values.ptr<float>(std::clamp(y, 0, height_ - 1));
        std::int16_t* out = &samples_[static_cast<std::size_t>(y + k_border) * stride_];
        for (int x = 0; x < width_; ++x) {
            const float value = std::clamp(in[x], 0.0F, 255.0F);
            out[x + k_border] = static_cast<std::int16_t>(value * (1 << k_fraction) + 0.5F);
        }
        std::fill_n(out, k_border, out[k_border]);
        std::fill(out + k_border + width_, out + stride_, out[k_border + width_ - 1]);
    }
}

cv::Mat read_picture(const std::filesystem::path& file)
{
    const auto refuse = [&](const std::string& why) -> Error {
        return {Errc::input, "picture '" + file.string() + "': " + why + "; give a JPEG or PNG file"};
    };
    std::ifstream in(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const bool png = bytes.starts_with("\x89PNG");
    if (!png && !bytes.starts_with("\xFF\xD8\xFF")) {
        throw refuse("cannot be decoded");
    }
    try {
        const auto decoded = av::decode_picture(bytes, png ? av::PictureCodec::png : av::PictureCodec::jpeg);
        const cv::Mat rgb(decoded.frame.size().height, decoded.frame.size().width,
                          CV_MAKETYPE(decoded.bits == 16 ? CV_16U : CV_8U, decoded.alpha ? 4 : 3),
                          decoded.frame.plane(0), static_cast<std::size_t>(decoded.frame.stride(0)));
        cv::Mat bgr;
        cv::cvtColor(rgb, bgr, decoded.alpha ? cv::COLOR_RGBA2BGR : cv::COLOR_RGB2BGR);
        bgr.convertTo(bgr, CV_8U, decoded.bits == 16 ? 1.0 / 257 : 1);
        return bgr;
    } catch (const Error& failure) {
        throw refuse(std::string("cannot be decoded (") + failure.what() + ")");
    }
}

Extent cover(cv::Size picture, Size output)
{
    const double scale = std::max(static_cast<double>(output.width) / picture.width,
                                  static_cast<double>(output.height) / picture.height);
    return {picture.width * scale / 2, picture.height * scale / 2};
}

Picture::Picture(const cv::Mat& bgr, Size output, double density) : extent(cover(bgr.size(), output))
{
    const cv::Size luma(std::max(2, cvRound(2 * extent.half_width * density)),
                        std::max(2, cvRound(2 * extent.half_height * density)));
    const cv::Size chroma((luma.width + 1) / 2, (luma.height + 1) / 2);
    cv::Mat near = bgr;
    if (bgr.cols > 2 * luma.width &&
        bgr.rows > 2 * luma.height) { // the rest is cheaper, and as good, from twice the size
        cv::resize(bgr, near, luma * 2, 0, 0, cv::INTER_AREA);
    }
    const std::array<cv::Mat, 3> yuv = to_yuv(near);
    planes[0] = Plane(fit(yuv[0], luma));
    planes[1] = Plane(resample(yuv[1], chroma));
    planes[2] = Plane(resample(yuv[2], chroma));
}

} // namespace longtake::local
