#include "pipeline/image/align.h"

#include "pipeline/image/shrink.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include <cmath>

namespace longtake::image {

namespace {

constexpr int k_search_width = 96; ///< of the longer side, for the first guess
constexpr int k_refine_width = 240;
constexpr double k_core = 0.8;           ///< share of the smaller picture that is looked for in the other
constexpr double k_least_guess = 0.55;   ///< correlation
constexpr double k_least_refined = 0.75; ///< correlation

struct Guess {
    double correlation = -1;
    double scale = 1; ///< from the large picture to the other
    cv::Point2d shift{};
};

/// Looks for the middle of `wanted`, shrunk by `scale`, in `where`. The map is from `where` to `wanted`.
Guess look_for(const cv::Mat& wanted, const cv::Mat& where, double scale)
{
    cv::Mat small;
    cv::resize(wanted, small, {}, 1 / scale, 1 / scale, cv::INTER_AREA);
    const cv::Rect core(cvRound(small.cols * (1 - k_core) / 2), cvRound(small.rows * (1 - k_core) / 2),
                        cvRound(small.cols * k_core), cvRound(small.rows * k_core));
    cv::Mat score;
    cv::matchTemplate(where, small(core), score, cv::TM_CCOEFF_NORMED);
    Guess guess{.scale = scale};
    cv::Point best;
    cv::minMaxLoc(score, nullptr, &guess.correlation, nullptr, &best);
    guess.shift = scale * cv::Point2d(core.x - best.x, core.y - best.y);
    return guess;
}

std::optional<cv::Matx23f> first_guess(const cv::Mat& first, const cv::Mat& second)
{
    Guess nearer; // the second shows part of the first
    Guess further;
    for (double scale = 1; scale < 2.1; scale *= 1.12) {
        const Guess in = look_for(second, first, scale);
        const Guess out = look_for(first, second, scale);
        nearer = in.correlation > nearer.correlation ? in : nearer;
        further = out.correlation > further.correlation ? out : further;
    }
    if (std::max(nearer.correlation, further.correlation) < k_least_guess) {
        return std::nullopt;
    }
    const auto f = [](double value) { return static_cast<float>(value); };
    if (nearer.correlation >= further.correlation) {
        return cv::Matx23f(f(nearer.scale), 0, f(nearer.shift.x), 0, f(nearer.scale), f(nearer.shift.y));
    }
    const double scale = 1 / further.scale;
    return cv::Matx23f(f(scale), 0, f(-further.shift.x * scale), 0, f(scale), f(-further.shift.y * scale));
}

} // namespace

std::optional<cv::Matx23f> align(const cv::Mat& first, const cv::Mat& second)
{
    const cv::Mat small = shrunk(first, k_search_width);
    auto map = first_guess(small, shrunk(second, k_search_width));
    if (!map) {
        return std::nullopt;
    }
    const cv::Mat middle = shrunk(first, k_refine_width);
    cv::Mat warp(*map);
    warp.col(2) *= static_cast<double>(middle.cols) / small.cols;
    try {
        const cv::TermCriteria enough(cv::TermCriteria::COUNT + cv::TermCriteria::EPS, 60, 1e-5);
        const double correlation = cv::findTransformECC(middle, shrunk(second, k_refine_width), warp, cv::MOTION_AFFINE,
                                                        enough, cv::noArray(), 5);
        if (correlation < k_least_refined) {
            return std::nullopt;
        }
    } catch (const cv::Exception&) { // it did not converge
        return std::nullopt;
    }
    warp.col(2) *= static_cast<double>(first.cols) / middle.cols;
    return cv::Matx23f(warp);
}

} // namespace longtake::image
