#include "stages/prepare/card.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/model/rgb.h"
#include "stages/prepare/codecs/codecs.h"

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace longtake::stages {
namespace {

av::TextStyle style_of(const Card& card, const SafeBox& box)
{
    av::TextStyle style;
    style.font = card.font;
    style.colour = card.colour;
    style.left = box.left;
    style.right = box.right;
    style.top = box.top;
    style.bottom = box.bottom;
    return style;
}

double luminance_of(const std::string& colour)
{
    const auto rgb = rgb_of(colour);
    if (!rgb) {
        throw Error(Errc::usage, "'" + colour + "' is no colour; write it like #20140c");
    }
    return relative_luminance(*rgb);
}

void note_contrast(const Card& card, double em, Size size, std::vector<std::string>& notes)
{
    // Large is 18 points, 24 CSS pixels: where a film is seen smallest, on a phone of 390 pixels across, 6 % of it.
    constexpr double k_large = 0.06;
    const bool large = em >= k_large * std::min(size.width, size.height);
    const double least = large ? 3 : 4.5;
    const double contrast = contrast_ratio(luminance_of(card.colour), luminance_of(card.background));
    if (contrast < least) {
        notes.push_back(fmt::format("the text's {} on {} has a contrast of {:.1f}:1, hard to read below {}:1 (WCAG)",
                                    card.colour, card.background, std::floor(10 * contrast) / 10, least));
    }
}

Still stored(const cv::Mat& bgr, const std::filesystem::path& stills)
{
    const std::string bytes = picture::encode_png(bgr);
    Still still;
    still.sha256 = sha256_of(bytes);
    still.file = stills / (still.sha256 + ".png");
    still.size = {bgr.cols, bgr.rows};
    still.format = "png";
    still.actions = {"card"};
    write_atomic(still.file, bytes);
    return still;
}

/// A colour in each of `rows` rows, its lightness falling evenly by twice `difference`; BGR, 0..1.
cv::Mat falling_lightness(const Rgb& colour, int rows, double difference)
{
    cv::Mat column(rows, 1, CV_32FC3, cv::Scalar(colour.b / 255.0, colour.g / 255.0, colour.r / 255.0));
    cv::cvtColor(column, column, cv::COLOR_BGR2Lab);
    for (int y = 0; y < rows; ++y) {
        float& lightness = column.at<cv::Vec3f>(y)[0];
        const double down = rows > 1 ? 2.0 * y / (rows - 1) - 1 : 0;
        lightness = static_cast<float>(std::clamp(lightness - down * difference, 0.0, 100.0));
    }
    cv::cvtColor(column, column, cv::COLOR_Lab2BGR);
    return column;
}

/// Rounds to eight bits by a Bayer matrix, so that a slow gradient shows no steps.
cv::Mat dithered(const cv::Mat& column, int width)
{
    constexpr std::array<std::array<int, 4>, 4> k_bayer = {
        {{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}}};
    cv::Mat picture(column.rows, width, CV_8UC3);
    for (int y = 0; y < picture.rows; ++y) {
        const cv::Vec3f& colour = column.at<cv::Vec3f>(y);
        for (int x = 0; x < width; ++x) {
            const auto threshold = static_cast<float>((k_bayer[y % 4][x % 4] + 0.5) / 16);
            for (int i = 0; i < 3; ++i) {
                picture.at<cv::Vec3b>(y, x)[i] = cv::saturate_cast<uchar>(std::floor(255 * colour[i] + threshold));
            }
        }
    }
    return picture;
}

} // namespace

av::SetText set_card(const Card& card, Size size, const SafeBox& box)
{
    av::SetText set = av::set_text(size, card.text, style_of(card, box));
    note_contrast(card, set.em, size, set.notes);
    return set;
}

Still prepare_card(const Card& card, Size size, const SafeBox& box, const std::filesystem::path& stills)
{
    av::Picture picture = av::plain_picture(size, card.background);
    av::draw_text(picture, card.text, style_of(card, box));

    const cv::Mat rgb(size.height, size.width, CV_8UC3, picture.rgb.data());
    cv::Mat bgr;
    cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
    Still still = stored(bgr, stills);
    still.warnings = set_card(card, size, box).notes;
    return still;
}

Still prepare_ground(const Style& style, Size size, const std::filesystem::path& stills)
{
    constexpr double k_difference = 6; // CIE L*
    const Rgb colour = rgb_of(style.ground).value_or(Rgb{});
    if (!style.gradient) {
        return stored(cv::Mat(size.height, size.width, CV_8UC3, cv::Scalar(colour.b, colour.g, colour.r)), stills);
    }
    return stored(dithered(falling_lightness(colour, size.height, k_difference), size.width), stills);
}

} // namespace longtake::stages
