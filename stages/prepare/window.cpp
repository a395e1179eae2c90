#include "stages/prepare/window.h"

#include "pipeline/image/faces.h"
#include "pipeline/image/saliency.h"
#include "stages/prepare/layout.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace longtake::stages::picture {
namespace {

constexpr int k_working_side = 256;

/// A stretch of the axis the window slides along.
struct Span {
    double first = 0, last = 0;

    bool inside(double start, double end) const { return first >= start && last <= end; }
    bool outside(double start, double end) const { return last <= start || first >= end; }
};

/// What is to be kept whole: the face, and if possible hair and chin.
struct Head {
    Span face, whole;
    double weight = 0;
};

/// Along one axis. What a window of this length cannot hold is what is in its middle.
Head head_of(double face, double length, double above, double below, double window, double picture)
{
    const auto span = [&](double first, double last) {
        const double excess = std::max(0.0, last - first - window) / 2;
        return Span{std::max(first + excess, 0.0), std::min(last - excess, picture)};
    };
    return {span(face, face + length), span(face - above * length, face + (1 + below) * length), length * length};
}

/// `step`: pixels of the picture for one of the result.
std::vector<Head> heads(const std::vector<Box>& faces, bool across, double window, Size picture, double step)
{
    std::vector<Head> heads;
    for (const Box& face : faces) {
        heads.push_back(across ? head_of(face.x / step, face.width / step, 0.25, 0.25, window, picture.width / step)
                               : head_of(face.y / step, face.height / step, 0.45, 0.25, window, picture.height / step));
    }
    return heads;
}

/// How well a window keeps them: a face in it counts, with all its head in full; a face cut through counts against it.
double kept(const std::vector<Head>& heads, double start, double length)
{
    constexpr double k_hair = 1e-6; // of rounding
    constexpr double k_face_only = 0.7, k_cut = -0.5;
    const double from = start - k_hair;
    const double to = start + length + k_hair;
    double sum = 0;
    for (const Head& head : heads) {
        const double share = head.whole.inside(from, to)   ? 1
                             : head.face.inside(from, to)  ? k_face_only
                             : head.face.outside(from, to) ? 0
                                                           : k_cut;
        sum += share * head.weight;
    }
    return sum;
}

/// Where a window may start: every half pixel of the profile, the middle, and where a face or head begins or ends.
std::vector<double> starts_of(const std::vector<Head>& heads, double length, double last)
{
    std::vector<double> starts{last / 2};
    for (double start = 0; start <= last; start += 0.5) {
        starts.push_back(start);
    }
    for (const Head& head : heads) {
        for (const double edge : {head.face.first, head.face.last, head.whole.first, head.whole.last}) {
            starts.push_back(std::clamp(edge, 0.0, last));
            starts.push_back(std::clamp(edge - length, 0.0, last));
        }
    }
    return starts;
}

/// The start that keeps the heads best; among those the one with the largest sum, if that is clearly larger than
/// that of the one nearest the middle.
double best_start(const std::vector<double>& profile, double length, const std::vector<Head>& heads)
{
    const auto seen = [&](double start) { return image::seen_in(profile, start, length); };
    const double last = static_cast<double>(profile.size()) - length;
    std::vector<double> starts = starts_of(heads, length, last);
    double most_kept = kept(heads, starts.front(), length);
    for (const double start : starts) {
        most_kept = std::max(most_kept, kept(heads, start, length));
    }
    std::erase_if(starts, [&](double start) { return kept(heads, start, length) < most_kept; });
    const auto from_middle = [&](double a, double b) { return std::abs(a - last / 2) < std::abs(b - last / 2); };
    const double middle = *std::min_element(starts.begin(), starts.end(), from_middle);
    const double best =
        *std::max_element(starts.begin(), starts.end(), [&](double a, double b) { return seen(a) < seen(b); });
    constexpr double k_clearly = 1.05;
    return seen(best) > seen(middle) * k_clearly ? best : middle;
}

/// Where the window starts along its axis, in pixels.
double best_place(const cv::Mat& bgr, Size window, bool across, const std::vector<Box>& faces)
{
    const double scale = std::min(1.0, double{k_working_side} / std::max(bgr.cols, bgr.rows));
    cv::Mat small;
    const auto side = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
    cv::resize(bgr, small, {side(bgr.cols), side(bgr.rows)}, 0, 0, cv::INTER_AREA);
    cv::Mat sums;
    cv::reduce(image::interest(small), sums, across ? 0 : 1, cv::REDUCE_SUM, CV_64F);
    const std::vector<double> profile(sums.begin<double>(), sums.end<double>());
    const double step = static_cast<double>(across ? bgr.cols : bgr.rows) / static_cast<double>(profile.size());
    const double length = (across ? window.width : window.height) / step;
    return best_start(profile, length, heads(faces, across, length, {bgr.cols, bgr.rows}, step)) * step;
}

/// Whether a face is whole in a window, but for a pixel of rounding.
bool holds(const Box& window, const Box& face, bool across)
{
    return across ? face.x + 1 >= window.x && face.x + face.width <= window.x + window.width + 1
                  : face.y + 1 >= window.y && face.y + face.height <= window.y + window.height + 1;
}

} // namespace

Window choose_window(const cv::Mat& bgr, Size size)
{
    Window window{centred({bgr.cols, bgr.rows}, size), 0};
    const bool across = size.width < bgr.cols;
    const int room = across ? bgr.cols - size.width : bgr.rows - size.height;
    const std::vector<Box> faces = image::find_faces(bgr);
    if (room > 2) {
        const double start = best_place(bgr, size, across, faces);
        (across ? window.x : window.y) = std::clamp(static_cast<int>(std::lround(start)), 0, room);
    }
    window.faces = static_cast<int>(
        std::count_if(faces.begin(), faces.end(), [&](const Box& face) { return holds(window, face, across); }));
    return window;
}

} // namespace longtake::stages::picture
