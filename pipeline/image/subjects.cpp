#include "pipeline/image/subjects.h"

#include "pipeline/image/faces.h"
#include "pipeline/image/saliency.h"
#include "pipeline/image/shrink.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <utility>

namespace longtake::image {
namespace {

constexpr std::size_t k_block = 10; ///< looks
constexpr int k_kept_side = 128;
constexpr int k_text_side = 400;

cv::Rect2d in_shares(const cv::Rect& at, const cv::Size& of)
{
    return {static_cast<double>(at.x) / of.width, static_cast<double>(at.y) / of.height,
            static_cast<double>(at.width) / of.width, static_cast<double>(at.height) / of.height};
}

cv::Rect rect_of(const Box& box)
{
    return {box.x, box.y, box.width, box.height};
}

cv::Rect in_pixels(const cv::Rect2d& at, const cv::Size& of)
{
    const auto whole = [](double length) { return static_cast<int>(std::lround(length)); };
    return cv::Rect(whole(at.x * of.width), whole(at.y * of.height), whole(at.width * of.width),
                    whole(at.height * of.height)) &
           cv::Rect(0, 0, of.width, of.height);
}

/// Whether a region is a line of writing by its shape: wide, not high, and full of upright edges.
bool is_line(const cv::Rect& region, const cv::Mat& edges)
{
    constexpr int k_lowest = 6;
    constexpr double k_highest = 0.15; ///< of the picture
    constexpr double k_full = 0.25;
    return region.height >= k_lowest && region.height <= k_highest * edges.rows && region.width >= 3 * region.height &&
           cv::countNonZero(edges(region)) >= k_full * region.area();
}

/// Lines that look like writing: upright edges close together, in wide and low regions. After the morphological
/// gradient of C. Wolf and J.-M. Jolion, "Extraction and recognition of artificial text in multimedia documents"
/// (2004).
std::vector<cv::Rect2d> text_lines(const cv::Mat& bgr)
{
    constexpr double k_strong = 96; ///< of Sobel's sum: a step of 24 code values
    cv::Mat grey, across, edges, joined;
    cv::cvtColor(shrunk(bgr, k_text_side), grey, cv::COLOR_BGR2GRAY);
    cv::Sobel(grey, across, CV_16S, 1, 0);
    edges = cv::abs(across) > k_strong;
    cv::morphologyEx(edges, joined, cv::MORPH_CLOSE, cv::Mat::ones(1, 11, CV_8U));
    cv::morphologyEx(joined, joined, cv::MORPH_OPEN, cv::Mat::ones(3, 11, CV_8U));
    std::vector<std::vector<cv::Point>> outlines;
    cv::findContours(joined, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
    std::vector<cv::Rect2d> lines;
    for (const std::vector<cv::Point>& outline : outlines) {
        const cv::Rect region = cv::boundingRect(outline);
        if (is_line(region, edges)) {
            lines.push_back(in_shares(region, grey.size()));
        }
    }
    return lines;
}

/// How much each pixel changed since the look before; empty where nothing did, or most of the picture: then it is the
/// camera that moves, or a cut.
cv::Mat motion_between(const cv::Mat& before, const cv::Mat& now)
{
    constexpr double k_moved = 12;                  ///< code values
    constexpr double k_least = 0.001, k_most = 0.4; ///< shares of the picture
    cv::Mat difference, grey, moved;
    cv::absdiff(before, now, difference);
    cv::cvtColor(difference, grey, cv::COLOR_BGR2GRAY);
    cv::threshold(grey, moved, k_moved, 0, cv::THRESH_TOZERO);
    const double share = static_cast<double>(cv::countNonZero(moved)) / static_cast<double>(moved.total());
    if (share < k_least || share > k_most) {
        return {};
    }
    moved.convertTo(moved, CV_32F);
    return moved / cv::sum(moved)[0];
}

/// The same where there is writing.
cv::Mat writing_in(const Observation& look)
{
    cv::Mat map = cv::Mat::zeros(look.small.size(), CV_32F);
    for (const cv::Rect2d& line : look.text) {
        map(in_pixels(line, map.size())).setTo(1);
    }
    return map;
}

} // namespace

void Observer::look(std::int64_t frame, const cv::Mat& bgr)
{
    seen_.push_back({frame, {}, {}, shrunk(bgr, k_kept_side)});
    if (!faces_) {
        return;
    }
    block_.push_back(bgr);
    if (block_.size() == k_block) {
        end_block();
    }
}

/// Where a face goes from one look to the others of the block, until it is lost; it goes on as it went.
void Observer::follow(const Box& face, std::ptrdiff_t from, int direction)
{
    Box at = face;
    cv::Point step;
    for (std::ptrdiff_t i = from + direction; i >= 0 && i < std::ssize(block_); i += direction) {
        const cv::Mat& picture = block_[static_cast<std::size_t>(i)];
        const auto again = find_face_near(picture, {at.x + step.x, at.y + step.y, at.width, at.height});
        if (!again || has_face(static_cast<std::size_t>(i), *again)) {
            return;
        }
        step = {again->x - at.x, again->y - at.y};
        at = *again;
        seen_at(static_cast<std::size_t>(i)).faces.push_back(in_shares(rect_of(at), picture.size()));
    }
}

/// Whether a face was seen there already.
bool Observer::has_face(std::size_t look, const Box& face) const
{
    const std::vector<cv::Rect2d>& faces = seen_[seen_.size() - block_.size() + look].faces;
    const cv::Rect2d box = in_shares(rect_of(face), block_[look].size());
    return std::any_of(faces.begin(), faces.end(), [&](const cv::Rect2d& other) {
        return (other & box).area() > 0.3 * std::min(other.area(), box.area());
    });
}

void Observer::seek_faces(std::size_t look)
{
    const int every = known_.empty() ? 1 : 2;
    if (blocks_ % every != 0) {
        return;
    }
    const cv::Mat& picture = block_[look];
    std::vector<Box> faces = find_large_faces(picture);
    if (blocks_ % 4 == 0) {
        const std::vector<Box> small = find_small_faces(picture);
        faces.insert(faces.end(), small.begin(), small.end());
    }
    for (const Box& face : faces) {
        if (!has_face(look, face)) {
            seen_at(look).faces.push_back(in_shares(rect_of(face), picture.size()));
            follow(face, static_cast<std::ptrdiff_t>(look), -1);
            follow(face, static_cast<std::ptrdiff_t>(look), 1);
        }
    }
}

void Observer::end_block()
{
    for (const Box& face : known_) {
        follow(face, -1, 1);
    }
    const std::size_t middle = block_.size() / 2;
    seek_faces(middle);
    known_.clear();
    for (const cv::Rect2d& face : seen_.back().faces) {
        const cv::Rect at = in_pixels(face, block_.back().size());
        known_.push_back({at.x, at.y, at.width, at.height});
    }
    if (seen_at(middle).faces.empty()) { // lines of writing stand longer than a block
        const std::vector<cv::Rect2d> lines = text_lines(block_[middle]);
        std::for_each(seen_.end() - std::ssize(block_), seen_.end(), [&](Observation& look) { look.text = lines; });
    }
    ++blocks_;
    block_.clear();
}

std::vector<Observation> Observer::finish()
{
    if (!block_.empty()) {
        end_block();
    }
    return std::move(seen_);
}

std::vector<cv::Mat> interest_over(const std::vector<Observation>& looks, const Box& active)
{
    constexpr double k_writing = 0.5, k_motion = 1; ///< beside 1 of saliency
    const cv::Rect part(active.x, active.y, active.width, active.height);
    std::vector<cv::Mat> maps;
    for (std::size_t i = 0; i < looks.size(); ++i) {
        const cv::Mat now = looks[i].small(part);
        cv::Mat map = interest(now);
        const cv::Mat motion = i == 0 ? cv::Mat() : motion_between(looks[i - 1].small(part), now);
        if (!motion.empty()) {
            map += k_motion * motion;
        }
        const cv::Mat writing = writing_in(looks[i])(part);
        if (const double total = cv::sum(writing)[0]; total > 0) {
            map += k_writing / total * writing;
        }
        maps.push_back(map / cv::sum(map)[0]);
    }
    return maps;
}

} // namespace longtake::image
