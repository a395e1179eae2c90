#pragma once

#include "pipeline/base/error.h"
#include "stages/prepare/prepare.h"
#include "tests/support/photos.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace longtake::test {

inline std::string bytes_of(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes)
{
    std::ofstream(file, std::ios::binary) << bytes;
}

/// A TIFF directory with an orientation and, if asked for, a GPS directory of two entries.
inline std::string exif(int orientation, bool gps = false)
{
    std::string tiff("MM\0*\0\0\0\x08", 8);
    tiff += std::string("\0", 1) + static_cast<char>(gps ? 2 : 1);
    tiff += std::string("\x01\x12\0\x03\0\0\0\x01\0", 9) + static_cast<char>(orientation) + std::string("\0\0", 2);
    if (gps) {
        tiff += std::string("\x88\x25\0\x04\0\0\0\x01\0\0\0\x26", 12);
    }
    tiff += std::string(4, '\0');
    if (gps) {
        tiff += std::string("\0\x02\0\0\0\x01\0\0\0\x04\2\3\0\0\0\1\0\x02\0\0\0\x02N\0\0\0\0\0\0\0", 30);
    }
    return tiff;
}

/// A JPEG with an APP1 segment put in behind its start-of-image marker.
inline std::string with_app1(const std::string& jpeg, const std::string& payload)
{
    const auto length = payload.size() + 2;
    return jpeg.substr(0, 2) + "\xFF\xE1" + static_cast<char>(length >> 8) + static_cast<char>(length & 0xFF) +
           payload + jpeg.substr(2);
}

inline std::string with_exif(const std::string& jpeg, int orientation, bool gps = false)
{
    return with_app1(jpeg, std::string("Exif\0\0", 6) + exif(orientation, gps));
}

/// CRC-32 of PNG chunks (ISO 3309), bit by bit.
inline std::string png_chunk(const std::string& type, const std::string& body)
{
    const auto big = [](std::uint32_t n) {
        return std::string{static_cast<char>(n >> 24), static_cast<char>(n >> 16), static_cast<char>(n >> 8),
                           static_cast<char>(n)};
    };
    std::uint32_t crc = 0xFFFFFFFFU;
    for (const char c : type + body) {
        crc ^= static_cast<unsigned char>(c);
        for (int i = 0; i < 8; ++i) {
            crc = (crc & 1U) != 0 ? crc >> 1 ^ 0xEDB88320U : crc >> 1;
        }
    }
    return big(static_cast<std::uint32_t>(body.size())) + type + body + big(~crc);
}

/// A PNG with a chunk put in behind its header chunk.
inline std::string with_chunk(const std::string& png, const std::string& type, const std::string& body)
{
    constexpr std::size_t k_behind_header = 8 + 25;
    return png.substr(0, k_behind_header) + png_chunk(type, body) + png.substr(k_behind_header);
}

inline std::string encoded(const cv::Mat& picture, const char* extension, const std::vector<int>& parameters = {})
{
    std::vector<uchar> bytes;
    cv::imencode(extension, picture, bytes, parameters);
    return {bytes.begin(), bytes.end()};
}

/// A large smooth picture with a red top-left, green top-right, blue bottom-left and white bottom-right quarter.
inline cv::Mat quarters(int width = 480, int height = 320)
{
    cv::Mat picture(height, width, CV_8UC3, cv::Scalar(255, 255, 255));
    const cv::Size half(width / 2, height / 2);
    picture(cv::Rect({0, 0}, half)) = cv::Scalar(0, 0, 255);
    picture(cv::Rect({width / 2, 0}, half)) = cv::Scalar(0, 255, 0);
    picture(cv::Rect({0, height / 2}, half)) = cv::Scalar(255, 0, 0);
    return picture;
}

/// Mean absolute difference of two pictures of one size.
inline double difference(const cv::Mat& a, const cv::Mat& b)
{
    return a.size() == b.size() ? cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * a.channels()) : 1e9;
}

/// An upright picture as a camera with this EXIF orientation would have stored them.
inline cv::Mat stored_as(int orientation, const cv::Mat& upright)
{
    cv::Mat out;
    switch (orientation) {
    case 2: cv::flip(upright, out, 1); break;
    case 3: cv::rotate(upright, out, cv::ROTATE_180); break;
    case 4: cv::flip(upright, out, 0); break;
    case 5: cv::transpose(upright, out); break;
    case 6: cv::rotate(upright, out, cv::ROTATE_90_COUNTERCLOCKWISE); break;
    case 7: cv::rotate(upright.t(), out, cv::ROTATE_180); break;
    case 8: cv::rotate(upright, out, cv::ROTATE_90_CLOCKWISE); break;
    default: out = upright.clone();
    }
    return out;
}

class PrepareTest : public ::testing::Test {
protected:
    std::filesystem::path file(const std::string& name, const std::string& bytes)
    {
        write_bytes(dir_ / name, bytes);
        return dir_ / name;
    }
    std::filesystem::path file(const std::string& name, const cv::Mat& picture)
    {
        cv::imwrite((dir_ / name).string(), picture);
        return dir_ / name;
    }
    Still prepare(const stages::PictureRequest& request) { return stages::prepare(request, dir_ / "stills"); }

    /// The message of the Error(input) that preparing this file gives, or what happened instead.
    std::string refusal(const std::filesystem::path& picture)
    {
        stages::PictureRequest request;
        request.file = picture;
        try {
            prepare(request);
        } catch (const Error& error) {
            return error.code() == Errc::input ? error.what() : std::string("not an input error: ") + error.what();
        }
        return "nothing was refused";
    }

    TempDir dir_;
};

inline cv::Mat pixels(const Still& still)
{
    return cv::imread(still.file.string(), cv::IMREAD_UNCHANGED);
}

inline stages::PictureRequest request_for(const std::filesystem::path& file, std::optional<double> aspect = {},
                                          Fit fit = Fit::blur)
{
    stages::PictureRequest request;
    request.file = file;
    request.aspect = aspect;
    request.fit = fit;
    return request;
}

/// The same for a service that takes PNG only: the pixels come out as they were composed.
inline stages::PictureRequest lossless_request(const std::filesystem::path& file, std::optional<double> aspect = {},
                                               Fit fit = Fit::blur)
{
    stages::PictureRequest request = request_for(file, aspect, fit);
    request.rules.formats = {"png"};
    return request;
}

inline bool mentions(const std::vector<std::string>& list, const std::string& words)
{
    for (const std::string& line : list) {
        if (line.find(words) != std::string::npos) {
            return true;
        }
    }
    return false;
}

} // namespace longtake::test
