#include "stages/prepare/cut_out.h"

#include "pipeline/base/error.h"
#include "pipeline/model/rgb.h"
#include "stages/prepare/backdrop.h"
#include "stages/prepare/content.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace longtake::stages::picture {
namespace {

constexpr double k_told_apart = 3; // WCAG 2.1, 1.4.11

/// Every so-manieth pixel as it is: means of several would make thin strokes paler than they are.
cv::Mat grid_of(const cv::Mat& bgra)
{
    constexpr int k_side = 256;
    const double scale = std::min(1.0, double{k_side} / std::max(bgra.cols, bgra.rows));
    const auto side = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
    cv::Mat grid;
    cv::resize(bgra, grid, {side(bgra.cols), side(bgra.rows)}, 0, 0, cv::INTER_NEAREST);
    return grid;
}

/// How many pixels have each alpha.
std::vector<int> alphas_of(const cv::Mat& bgra)
{
    std::vector<int> count(256, 0);
    for (int y = 0; y < bgra.rows; ++y) {
        for (int x = 0; x < bgra.cols; ++x) {
            ++count[bgra.at<cv::Vec4b>(y, x)[3]];
        }
    }
    return count;
}

int count_from(const std::vector<int>& alphas, int least)
{
    int sum = 0;
    for (std::size_t alpha = static_cast<std::size_t>(least); alpha < alphas.size(); ++alpha) {
        sum += alphas[alpha];
    }
    return sum;
}

bool nothing_to_see(const cv::Mat& bgra)
{
    constexpr int k_seen = 3; // of 255
    double most = 0;
    cv::Mat alpha;
    cv::extractChannel(bgra, alpha, 3);
    cv::minMaxLoc(alpha, nullptr, &most);
    return most < k_seen;
}

double luminance_of(const cv::Vec3f& bgr)
{
    const auto value = [](float channel) { return cv::saturate_cast<std::uint8_t>(channel); };
    return relative_luminance({value(bgr[2]), value(bgr[1]), value(bgr[0])});
}

/// What is blurred behind a picture, at the picture's own size.
cv::Mat blurred_behind(const cv::Mat& bgra, float shade)
{
    const Size size{bgra.cols, bgra.rows};
    const Backdrop backdrop(premultiplied(bgra), size, shade);
    cv::Mat ground(bgra.size(), CV_32FC3);
    std::vector<float> row;
    for (int y = 0; y < ground.rows; ++y) {
        backdrop.row(y, row);
        std::copy(row.begin(), row.end(), ground.ptr<float>(y));
    }
    return ground;
}

/// Whether the ink has many tones, as photographs have even when they are reduced to a palette.
bool many_tones(const cv::Mat& sample, int solid)
{
    constexpr std::size_t k_steps = 16;  // of lightness, by its cube root
    constexpr double k_counts = 0.03;    // of the ink
    constexpr std::ptrdiff_t k_many = 5; // a logo has two or three
    std::vector<int> tones(k_steps, 0);
    int ink = 0;
    for (int y = 0; y < sample.rows; ++y) {
        for (int x = 0; x < sample.cols; ++x) {
            const auto& pixel = sample.at<cv::Vec4b>(y, x);
            if (pixel[3] >= solid) {
                const double lightness = std::cbrt(relative_luminance({pixel[2], pixel[1], pixel[0]}));
                ++tones[std::min(k_steps - 1, static_cast<std::size_t>(lightness * k_steps))];
                ++ink;
            }
        }
    }
    return std::count_if(tones.begin(), tones.end(), [&](int tone) { return tone > k_counts * ink; }) >= k_many;
}

} // namespace

CutOut::CutOut(const cv::Mat& bgra) : sample_(grid_of(bgra))
{
    if (nothing_to_see(bgra)) {
        throw Error(Errc::input, "every pixel of it is transparent: there is nothing to see; export it again with its "
                                 "layers shown");
    }
    constexpr double k_corners = 0.02; // of the area; a twelfth of the side as radius takes 0.6 % of it
    constexpr int k_solid = 192;
    const std::vector<int> alphas = alphas_of(sample_);
    const int ink = count_from(alphas, 1);
    holes_ = count_from(alphas, 0) - count_from(alphas, 128) > k_corners * static_cast<double>(sample_.total());
    solid_ = 5 * count_from(alphas, k_solid) >= ink ? k_solid : 1;
    photograph_ = content_of(bgra) == Content::photograph || many_tones(sample_, solid_);
}

double CutOut::seen_over(const cv::Mat& ground) const
{
    double seen = 0;
    double all = 0;
    for (int y = 0; y < sample_.rows; ++y) {
        for (int x = 0; x < sample_.cols; ++x) {
            const auto& ink = sample_.at<cv::Vec4b>(y, x);
            if (ink[3] < solid_) {
                continue;
            }
            const auto& behind = ground.at<cv::Vec3f>(y, x);
            const float part = static_cast<float>(ink[3]) / 255;
            cv::Vec3f shown;
            for (int c = 0; c < 3; ++c) {
                shown[c] = static_cast<float>(ink[c]) * part + behind[c] * (1 - part);
            }
            all += part;
            seen += contrast_ratio(luminance_of(shown), luminance_of(behind)) >= k_told_apart ? part : 0;
        }
    }
    return all > 0 ? seen / all : 0;
}

double CutOut::seen_on(const Ground& ground) const
{
    if (ground.colour) {
        const cv::Vec3b& colour = *ground.colour;
        return seen_over({sample_.size(), CV_32FC3, cv::Scalar(colour[0], colour[1], colour[2])});
    }
    return seen_over(blurred_behind(sample_, ground.shade));
}

bool CutOut::enough(double seen) const noexcept
{
    constexpr double k_graphic = 0.9, k_photograph = 0.5;
    return seen >= (photograph_ ? k_photograph : k_graphic);
}

Ground showing_ground(const CutOut& cut_out, const Ground& usual)
{
    std::vector<Ground> grounds{usual};
    const auto add = [&](std::optional<cv::Vec3b> colour, float shade) {
        grounds.push_back(usual);
        grounds.back().colour = colour;
        grounds.back().shade = shade;
        if (colour && usual.bars == Ground::Bars::blurred) { // one ground, not a plain one in a blurred one
            grounds.back().bars = Ground::Bars::colour;
        }
    };
    if (!usual.colour) {
        for (const float shade : {-0.35F, -0.6F, 0.85F, -1.0F, 1.0F}) {
            add(std::nullopt, shade);
        }
    }
    constexpr uchar k_grey = 0x76; // as far from black as from white: 4.5:1
    for (const uchar level : {uchar{255}, uchar{0}, k_grey}) {
        add(cv::Vec3b::all(level), 0);
    }
    const Ground* best = nullptr;
    double most = -1;
    for (const Ground& ground : grounds) {
        const double seen = cut_out.seen_on(ground);
        if (cut_out.enough(seen)) {
            return ground;
        }
        if (seen > most) {
            most = seen;
            best = &ground;
        }
    }
    return *best;
}

} // namespace longtake::stages::picture
