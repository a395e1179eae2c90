#include "pipeline/providers/local/aim.h"

#include "pipeline/image/faces.h"
#include "pipeline/image/saliency.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::local {
namespace {

constexpr double k_looked_at = 256; ///< pixels on the longer side, where what stands out is sought
constexpr double k_spot = 0.06;     ///< of that: how far what is there has a say
constexpr double k_peak = 0.7;      ///< of the most there is to see

PicturePoint middle_of(const std::vector<image::Box>& faces, cv::Size picture)
{
    cv::Rect all;
    for (const image::Box& face : faces) {
        const cv::Rect box(face.x, face.y, face.width, face.height);
        all = all.empty() ? box : all | box;
    }
    return {(all.x + all.width / 2.0) / picture.width, (all.y + all.height / 2.0) / picture.height};
}

/// The middle of what is nearly as much worth seeing as anything.
PicturePoint standing_out(const cv::Mat& bgr)
{
    const double scale = std::min(1.0, k_looked_at / std::max(bgr.cols, bgr.rows));
    const auto side = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
    cv::Mat small;
    cv::resize(bgr, small, {side(bgr.cols), side(bgr.rows)}, 0, 0, cv::INTER_AREA);
    cv::Mat interest = image::interest(small);
    cv::GaussianBlur(interest, interest, {}, k_spot * k_looked_at);
    double most = 0;
    cv::minMaxLoc(interest, nullptr, &most);
    if (most <= 0) {
        return {};
    }
    cv::threshold(interest, interest, k_peak * most, 0, cv::THRESH_TOZERO);
    const cv::Moments moments = cv::moments(interest);
    return {(moments.m10 / moments.m00 + 0.5) / interest.cols, (moments.m01 / moments.m00 + 0.5) / interest.rows};
}

} // namespace

PicturePoint aim_of(const cv::Mat& bgr, const Focus& focus)
{
    if (focus.on == Focus::On::point) {
        return {std::clamp(focus.at.x, 0.0, 1.0), std::clamp(focus.at.y, 0.0, 1.0)};
    }
    if (focus.on == Focus::On::centre) {
        return {};
    }
    if (const std::vector<image::Box> faces = image::find_faces(bgr); !faces.empty()) {
        return middle_of(faces, bgr.size());
    }
    return focus.on == Focus::On::face ? PicturePoint{} : standing_out(bgr);
}

} // namespace longtake::local
