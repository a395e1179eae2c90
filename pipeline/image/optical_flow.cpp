#include "pipeline/image/optical_flow.h"

#include "pipeline/image/align.h"

#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include <cmath>

namespace longtake::image {

namespace {

constexpr float k_tolerance = 1.5F;       ///< samples by which forward and backward may miss each other
constexpr float k_relative = 0.03F;       ///< and the share of the displacement
constexpr float k_grey_tolerance = 24.0F; ///< of 255, after a blur
constexpr double k_smooth = 4;            ///< samples; what is trusted fills in what is not over about this far
constexpr double k_around = 16;           ///< samples; over about this far most points must be trusted

cv::Vec2f place(int x, int y)
{
    return {static_cast<float>(x), static_cast<float>(y)};
}

/// The displacement an affine map gives every point.
cv::Mat displacement(const cv::Matx23f& map, cv::Size size)
{
    cv::Mat flow(size, CV_32FC2);
    for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) {
            const cv::Vec2f from = place(x, y);
            flow.at<cv::Vec2f>(y, x) = map * cv::Vec3f(from[0], from[1], 1) - from;
        }
    }
    return flow;
}

/// A field of the other grid, seen from this one through `flow`.
cv::Mat through(const cv::Mat& field, const cv::Mat& flow)
{
    const cv::Mat places = flow + displacement({0, 0, 0, 0, 0, 0}, flow.size()) * -1;
    cv::Mat seen;
    cv::remap(field, seen, places, {}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    return seen;
}

/// The flow that goes by `step` first and on by `then`.
cv::Mat chained(const cv::Mat& step, const cv::Mat& then)
{
    return step + through(then, step);
}

cv::Mat dense_flow(const cv::Mat& from, const cv::Mat& to)
{
    // Spatial propagation would make the result depend on the number of threads: stripes of the picture, one a
    // thread, do not see each other's patches.
    const auto search = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
    search->setUseSpatialPropagation(false);
    cv::Mat flow;
    search->calc(from, to, flow);
    return flow;
}

float bell(float x)
{
    return std::exp(-x * x);
}

/// 0..1 for each point of `from`: it stays in the picture, the way back leads home, and what is found looks alike.
cv::Mat confidence(const cv::Mat& flow, const cv::Mat& back, const cv::Mat& from, const cv::Mat& to)
{
    const cv::Mat home = through(back, flow);
    const cv::Mat found = through(to, flow);
    const cv::Rect2f inside(0, 0, static_cast<float>(flow.cols), static_cast<float>(flow.rows));
    cv::Mat trust(flow.size(), CV_32F);
    for (int y = 0; y < flow.rows; ++y) {
        for (int x = 0; x < flow.cols; ++x) {
            const cv::Vec2f& way = flow.at<cv::Vec2f>(y, x);
            const auto miss = static_cast<float>(cv::norm(way + home.at<cv::Vec2f>(y, x)));
            const float allowed = k_tolerance + k_relative * static_cast<float>(cv::norm(way));
            const auto grey = static_cast<float>(from.at<std::uint8_t>(y, x) - found.at<std::uint8_t>(y, x));
            const bool stays = inside.contains(cv::Point2f(place(x, y) + way));
            trust.at<float>(y, x) = stays ? bell(miss / allowed) * bell(grey / k_grey_tolerance) : 0;
        }
    }
    return trust;
}

/// 0 where few points around are trusted, 1 where most are.
cv::Mat sureness(const cv::Mat& trust)
{
    cv::Mat around;
    cv::GaussianBlur(trust, around, {}, k_around);
    around.forEach<float>([](float& share, const int*) {
        const float ramp = std::min(std::max((share - 0.4F) / 0.35F, 0.0F), 1.0F);
        share = ramp * ramp * (3 - 2 * ramp);
    });
    return around;
}

/// Smooths what a flow adds to `whole` by its confidence (a normalised convolution), and drops it by degrees where
/// not most points around are trusted.
cv::Mat settle(const cv::Mat& flow, const cv::Mat& whole, const cv::Mat& trust)
{
    cv::Mat weight;
    cv::merge(std::vector<cv::Mat>{trust, trust}, weight);
    cv::Mat sum;
    cv::Mat total;
    cv::GaussianBlur((flow - whole).mul(weight), sum, {}, k_smooth);
    cv::GaussianBlur(trust, total, {}, k_smooth);
    const cv::Mat sure = sureness(trust);
    cv::Mat settled = whole.clone();
    for (int y = 0; y < flow.rows; ++y) {
        for (int x = 0; x < flow.cols; ++x) {
            settled.at<cv::Vec2f>(y, x) +=
                sum.at<cv::Vec2f>(y, x) * sure.at<float>(y, x) / (total.at<float>(y, x) + 1e-3F);
        }
    }
    cv::GaussianBlur(settled - whole, settled, {}, k_smooth);
    return settled + whole;
}

cv::Mat soft(const cv::Mat& picture)
{
    cv::Mat blurred;
    cv::GaussianBlur(picture, blurred, {}, 2);
    return blurred;
}

} // namespace

Correspondence match(const cv::Mat& first, const cv::Mat& second)
{
    const auto map = align(first, second);
    const cv::Matx23f forward = map.value_or(cv::Matx23f(1, 0, 0, 0, 1, 0));
    cv::Matx23f backward;
    cv::invertAffineTransform(forward, backward);
    const cv::Mat whole_there = displacement(forward, first.size());
    const cv::Mat whole_back = displacement(backward, first.size());

    // The search sees only what alignment leaves: the second picture as it would look from the first's place.
    const cv::Mat seen = through(second, whole_there);
    const cv::Mat there = chained(dense_flow(first, seen), whole_there);
    const cv::Mat back = chained(whole_back, dense_flow(seen, first));
    const cv::Mat trust_there = confidence(there, back, soft(first), soft(second));
    const cv::Mat trust_back = confidence(back, there, soft(second), soft(first));
    return {settle(there, whole_there, trust_there), settle(back, whole_back, trust_back),
            (cv::mean(trust_there)[0] + cv::mean(trust_back)[0]) / 2, map.has_value(), sureness(trust_there)};
}

} // namespace longtake::image
