#include "pipeline/render/morph_transition.h"

#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/image/compare.h"
#include "pipeline/image/optical_flow.h"
#include "pipeline/render/range_grade.h"
#include "pipeline/render/transitions.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace longtake::render {
namespace {

constexpr int k_flow_side = 640;   ///< of the longer side, where the flow is searched
constexpr double k_even = 16;      ///< samples of that: motion is taken to be even over about this far
constexpr int k_places = 4;        ///< steps that find which point arrives at a pixel
constexpr float k_feather = 0.04F; ///< of the width: how far from its edge a picture gives way to the other

cv::Size flow_size(Size size)
{
    const double scale = std::min(1.0, static_cast<double>(k_flow_side) / std::max(size.width, size.height));
    const auto side = [&](int pixels) { return std::max(8, static_cast<int>(std::lround(pixels * scale))); };
    return {side(size.width), side(size.height)};
}

cv::Mat grey(const av::Frame& frame)
{
    cv::Mat small;
    cv::resize(image::plane_of(frame, 0), small, flow_size(frame.size()), 0, 0, cv::INTER_AREA);
    return small;
}

/// A field weighted point by point.
cv::Mat weighted(const cv::Mat& field, const cv::Mat& weight)
{
    cv::Mat both;
    cv::merge(std::vector<cv::Mat>{weight, weight}, both);
    return field.mul(both);
}

/// How far a flow goes for each point. Where one map explains the scene it also says where those go that leave the
/// picture; else nothing that is not sure may move.
cv::Mat reach_of(const image::Correspondence& found)
{
    return found.aligned ? cv::Mat::ones(found.agreement.size(), CV_32F) : found.agreement;
}

/// How things move from one frame to the next, evened out; zero where that is not sure.
cv::Mat motion(const av::Frame& from, const av::Frame& to)
{
    const image::Correspondence found = image::match(grey(from), grey(to));
    const cv::Mat sure = reach_of(found);
    cv::Mat even;
    cv::Mat total;
    cv::GaussianBlur(weighted(found.there, sure), even, {}, k_even);
    cv::GaussianBlur(sure, total, {}, k_even);
    cv::Mat share = total + 1e-3;
    cv::divide(sure, share, share);
    return weighted(even, share);
}

/// The last frames of a range, as the film shows them.
std::vector<av::Frame> last_frames(const Timeline& timeline, const Range& range, std::int64_t count)
{
    std::vector<av::Frame> frames;
    const std::int64_t first = range.first + range.frames - count;
    const RangeGrade grade(range);
    av::ConformedReader reader(range.file, av::conform_of(timeline, range), first);
    for (std::int64_t i = 0; i < count; ++i) {
        auto frame = reader.next();
        if (!frame) {
            break; // the composer, which reads it too, says what is missing
        }
        frames.push_back(grade.apply(std::move(*frame), first + i));
    }
    return frames;
}

/// A field seen from the points `away` of the grid's own; beyond the edge as on it.
cv::Mat seen_from(const cv::Mat& field, const cv::Mat& away)
{
    cv::Mat places = away.clone();
    places.forEach<cv::Vec2f>([](cv::Vec2f& place, const int* at) {
        place += cv::Vec2f(static_cast<float>(at[1]), static_cast<float>(at[0]));
    });
    cv::Mat seen;
    cv::remap(field, seen, places, {}, cv::INTER_LINEAR, cv::BORDER_REPLICATE);
    return seen;
}

/// Where the pixels of a frame between come from in the old picture and in the new: displacements on the flow's grid.
struct Sources {
    cv::Mat old_picture;
    cv::Mat new_picture;
};

/// `way`: from the old picture to the new; `travel`: the part of it each of the old picture's points has come.
Sources sources_of(const cv::Mat& way, const cv::Mat& travel)
{
    cv::Mat back = -travel;
    for (int step = 0; step < k_places; ++step) {
        back = -seen_from(travel, back);
    }
    return {back, back + seen_from(way, back)};
}

/// 1 where a displaced point lies well inside the picture, falling to almost 0 towards its edge and beyond; on the
/// flow's grid. Where both pictures have the same edge their shares are as if it were none.
cv::Mat inside(const cv::Mat& away)
{
    cv::Mat share(away.size(), CV_32F);
    const auto width = static_cast<float>(away.cols - 1);
    const auto height = static_cast<float>(away.rows - 1);
    share.forEach<float>([&](float& value, const int* at) {
        const cv::Vec2f& by = away.at<cv::Vec2f>(at[0], at[1]);
        const float x = static_cast<float>(at[1]) + by[0];
        const float y = static_cast<float>(at[0]) + by[1];
        const float in = std::clamp((1 + std::min({x, y, width - x, height - y})) / (k_feather * width), 0.0F, 1.0F);
        value = 1e-3F + in * in * (3 - 2 * in);
    });
    return share;
}

/// The new picture's share of each point, where either is known.
cv::Mat share_of_new(const Sources& from, double progress)
{
    cv::Mat of_old = inside(from.old_picture) * (1 - progress);
    cv::Mat of_new = inside(from.new_picture) * progress;
    cv::Mat share;
    cv::divide(of_new, of_old + of_new, share);
    return share;
}

/// A plane pulled to where the displacements say.
cv::Mat pulled(const cv::Mat& plane, const cv::Mat& away)
{
    cv::Mat places;
    cv::resize(away, places, plane.size(), 0, 0, cv::INTER_LINEAR);
    const float scale_x = static_cast<float>(plane.cols) / static_cast<float>(away.cols);
    const float scale_y = static_cast<float>(plane.rows) / static_cast<float>(away.rows);
    places.forEach<cv::Vec2f>([&](cv::Vec2f& place, const int* at) {
        place = {static_cast<float>(at[1]) + place[0] * scale_x, static_cast<float>(at[0]) + place[1] * scale_y};
    });
    cv::Mat out;
    cv::remap(plane, out, places, {}, cv::INTER_CUBIC, cv::BORDER_REPLICATE);
    return out;
}

void mix(const cv::Mat& old_plane, const cv::Mat& new_plane, const cv::Mat& share, cv::Mat out)
{
    cv::Mat weight;
    cv::resize(share, weight, out.size(), 0, 0, cv::INTER_LINEAR);
    out.forEach<std::uint8_t>([&](std::uint8_t& value, const int* at) {
        const auto a = static_cast<float>(old_plane.at<std::uint8_t>(at[0], at[1]));
        const auto b = static_cast<float>(new_plane.at<std::uint8_t>(at[0], at[1]));
        value = static_cast<std::uint8_t>(a + (b - a) * weight.at<float>(at[0], at[1]) + 0.5F);
    });
}

} // namespace

MorphTransition::MorphTransition(const Timeline& timeline, std::size_t into)
    : transition_(timeline.items.at(into).transition)
{
    const Range& last = timeline.items.at(into - 1).ranges.back();
    if (!transition_.held || last.kind == Range::Kind::still || last.frames < 2) {
        return;
    }
    const std::vector<av::Frame> end = last_frames(timeline, last, 2);
    if (end.size() == 2) {
        onward_ = motion(end[0], end[1]);
    }
}

av::Frame MorphTransition::frame(const av::Frame& from, const av::Frame& to, std::int64_t index) const
{
    const double progress = render::transition_progress(transition_.type, index, transition_.frames);
    const image::Correspondence found = image::match(grey(from), grey(to));
    cv::Mat gap = found.there.clone(); // which an assignment would write into
    if (!onward_.empty()) {
        // By itself the old shot would come this far until the new one starts.
        gap = found.there - onward_ * static_cast<double>(transition_.frames - index);
    }
    const Sources sources = sources_of(found.there, weighted(gap, reach_of(found)) * progress);
    const cv::Mat share = share_of_new(sources, progress);
    av::Frame out = av::Frame::yuv420(from.size());
    for (int i = 0; i < 3; ++i) {
        mix(pulled(image::plane_of(from, i), sources.old_picture), pulled(image::plane_of(to, i), sources.new_picture),
            share, image::plane_of(out, i));
    }
    return out;
}

} // namespace longtake::render
