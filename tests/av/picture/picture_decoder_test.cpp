#include "pipeline/av/picture/picture_decoder.h"

#include "pipeline/base/error.h"

#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

namespace longtake::av {
namespace {

std::string photo_bytes(const std::string& name)
{
    std::ifstream in(std::string(LONGTAKE_SOURCE_DIR) + "/tests/data/photos/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string encoded_as(const char* extension, const cv::Mat& picture)
{
    std::vector<uchar> bytes;
    cv::imencode(extension, picture, bytes);
    return {bytes.begin(), bytes.end()};
}

cv::Mat bgr_of(const DecodedPicture& decoded)
{
    const cv::Mat rgb(decoded.frame.size().height, decoded.frame.size().width,
                      CV_MAKETYPE(decoded.bits == 16 ? CV_16U : CV_8U, decoded.alpha ? 4 : 3), decoded.frame.plane(0),
                      static_cast<std::size_t>(decoded.frame.stride(0)));
    cv::Mat bgr;
    cv::cvtColor(rgb, bgr, decoded.alpha ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
    return bgr;
}

double mean_difference(const cv::Mat& one, const cv::Mat& two)
{
    return cv::norm(one, two, cv::NORM_L1) / static_cast<double>(one.total() * one.channels());
}

TEST(PictureDecoder, ReadsPngsExactly)
{
    const std::string bytes = photo_bytes("coffee.png");
    const cv::Mat expected = cv::imdecode(std::vector<uchar>(bytes.begin(), bytes.end()), cv::IMREAD_COLOR);
    EXPECT_EQ(mean_difference(bgr_of(decode_picture(bytes, PictureCodec::png)), expected), 0);

    cv::Mat deep(30, 40, CV_16UC4);
    cv::randu(deep, 0, 65536);
    const DecodedPicture decoded = decode_picture(encoded_as(".png", deep), PictureCodec::png);
    EXPECT_EQ(decoded.bits, 16);
    EXPECT_TRUE(decoded.alpha);
    EXPECT_EQ(mean_difference(bgr_of(decoded), deep), 0);
}

TEST(PictureDecoder, ReadsJpegsInTheirOwnRangeMatrixAndChromaSite)
{
    for (const char* name : {"rocket.jpg", "hubble_deep_field.jpg"}) {
        const std::string bytes = photo_bytes(name);
        const cv::Mat expected = cv::imdecode(std::vector<uchar>(bytes.begin(), bytes.end()), cv::IMREAD_COLOR);
        EXPECT_LT(mean_difference(bgr_of(decode_picture(bytes, PictureCodec::jpeg)), expected), 1) << name;
    }
}

TEST(PictureDecoder, RefusesDamageAndBombs)
{
    const std::string png = encoded_as(".png", cv::Mat(30, 40, CV_8UC3, cv::Scalar(1, 2, 3)));
    EXPECT_THROW(decode_picture(png.substr(0, 60), PictureCodec::png), Error);
    EXPECT_THROW(decode_picture("no picture at all, but some bytes", PictureCodec::jpeg), Error);

    // One pixel on a canvas that is stated in its header alone.
    std::string gif("GIF89a\1\0\1\0\x80\0\0\0\0\0\xFF\xFF\xFF,\0\0\0\0\1\0\1\0\0\2\2D\1\0;", 35);
    EXPECT_EQ(decode_picture(gif, PictureCodec::gif).frame.size(), (Size{1, 1}));
    gif.replace(6, 4, "\xE0\x2E\xE0\x2E"); // 12000 x 12000
    EXPECT_THROW(decode_picture(gif, PictureCodec::gif), Error);
}

} // namespace
} // namespace longtake::av
