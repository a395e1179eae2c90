#include "stages/assemble/seam_pictures.h"

#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/base/error.h"
#include "pipeline/image/compare.h"
#include "pipeline/image/grade.h"
#include "pipeline/image/optical_flow.h"

#include <fmt/format.h>
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace longtake::stages {
namespace {

constexpr int k_small_side = 240;       ///< pixels of the longer side that frames are compared at
constexpr int k_most_shrunk = 4;        ///< times: beyond that motion goes too
constexpr int k_flow_side = 480;        ///< pixels of the longer side the flow is searched at
constexpr std::size_t k_neighbours = 5; ///< pairs on either side
constexpr std::size_t k_shifts = 4;     ///< frames of the head held against the tail's last
constexpr double k_repeats = 4;         ///< dB of margin
constexpr double k_goes_on = -4;
constexpr double k_another = -8;
constexpr double k_still = 50;       ///< dB between neighbours
constexpr double k_unlike = 30;      ///< dB: however still, no two encodes of one picture are so far apart
constexpr double k_same_scene = 0.5; ///< trust in the flow
constexpr double k_better = 1;       ///< dB by which a later frame of the head must match better
constexpr double k_least_mse = 1e-3;

cv::Size shrunk(Size size, double times)
{
    const auto side = [&](int pixels) { return std::max(8, static_cast<int>(std::lround(pixels / times))); };
    return {side(size.width), side(size.height)};
}

double longer(Size size)
{
    return std::max(size.width, size.height);
}

cv::Mat resized_to(const cv::Mat& from, cv::Size size)
{
    cv::Mat to;
    cv::resize(from, to, size, 0, 0, cv::INTER_AREA);
    return to;
}

SeamPicture picture_of(const av::Frame& frame)
{
    SeamPicture picture;
    const Size size = frame.size();
    const cv::Mat whole = image::plane_of(frame, 0);
    const double times = std::clamp(longer(size) / k_small_side, 1.0, static_cast<double>(k_most_shrunk));
    whole.convertTo(picture.luma, CV_32F);
    picture.luma = resized_to(picture.luma, shrunk(size, times));
    picture.grey = resized_to(whole, shrunk(size, std::max(1.0, longer(size) / k_flow_side)));
    picture.colour = image::colour_stats_of_yuv(frame);
    cv::Mat edges;
    cv::Laplacian(whole, edges, CV_32F);
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(edges, mean, deviation);
    const double contrast = picture.colour.moments.deviation[0];
    picture.detail = (deviation[0] * deviation[0] + 1e-3) / (contrast * contrast + 1e-3);
    return picture;
}

std::vector<SeamPicture> pictures(const Timeline& timeline, const Range& range, std::int64_t first, std::int64_t count)
{
    std::vector<SeamPicture> all;
    av::ConformedReader reader(range.file, av::conform_of(timeline, range), first);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto frame = reader.next();
        if (!frame) {
            throw Error(Errc::input,
                        fmt::format("{} ends before {:.3f} s, but {:.3f} s are asked for; shorten the shot",
                                    range.file.string(), timeline.rate.seconds(first + i),
                                    timeline.rate.seconds(range.first + range.frames)));
        }
        const bool plain = range.grade.empty();
        all.push_back(picture_of(plain ? frame->share() : image::graded(*frame, grade_at(range.grade, first + i))));
    }
    return all;
}

double psnr(double mse)
{
    return 10 * std::log10(255 * 255 / std::max(mse, k_least_mse));
}

/// The pairs of neighbours nearest to the join, as indices of their first.
template <class Work>
void each_pair(const std::vector<SeamPicture>& tail, const std::vector<SeamPicture>& head, Work&& work)
{
    for (std::size_t i = tail.size() - std::min(tail.size(), k_neighbours + 1); i + 1 < tail.size(); ++i) {
        work(tail[i], tail[i + 1]);
    }
    for (std::size_t i = 0; i + 1 < std::min(head.size(), k_neighbours + 1); ++i) {
        work(head[i], head[i + 1]);
    }
}

/// How alike neighbours are. A frame shown twice for the timeline's rate says nothing, unless all are.
double usual_psnr(const std::vector<SeamPicture>& tail, const std::vector<SeamPicture>& head)
{
    std::vector<double> found;
    each_pair(tail, head, [&](const SeamPicture& one, const SeamPicture& two) {
        const double mse = image::luma_mse(one.luma, two.luma);
        if (mse > 0) {
            found.push_back(psnr(mse));
        }
    });
    if (found.empty()) {
        return psnr(0);
    }
    const auto middle = found.begin() + static_cast<std::ptrdiff_t>(found.size() / 2);
    std::nth_element(found.begin(), middle, found.end());
    const double upper = *middle;
    return found.size() % 2 == 1 ? upper : (upper + *std::max_element(found.begin(), middle)) / 2;
}

void tell_kind(const std::vector<SeamPicture>& tail, const std::vector<SeamPicture>& head, Seam& seam)
{
    const double usual = usual_psnr(tail, head);
    const double first = psnr(image::luma_mse(tail.back().luma, head.front().luma));
    seam.margin = first - usual;
    seam.still = usual > k_still;
    if (seam.still) {
        seam.kind = first < k_unlike ? SeamKind::different : SeamKind::undecidable;
        return;
    }
    std::size_t shift = 0;
    double best = first;
    for (std::size_t i = 1; i < std::min({k_shifts, head.size(), tail.size()}); ++i) {
        const double alike = psnr(image::luma_mse(tail.back().luma, head[i].luma));
        const double begun = psnr(image::luma_mse(tail[tail.size() - 1 - i].luma, head.front().luma));
        if (alike > best + k_better && begun - usual >= k_repeats) {
            shift = i;
            best = alike;
        }
    }
    if (best - usual >= k_repeats) {
        seam.kind = SeamKind::duplicate;
        seam.repeated = static_cast<int>(shift) + 1;
        seam.margin = best - usual;
    } else {
        seam.kind = seam.margin > k_goes_on   ? SeamKind::continuous
                    : seam.margin < k_another ? SeamKind::different
                                              : SeamKind::undecidable;
    }
}

/// `moments` moved by a share of the way from one to another.
void move_on(image::ColourMoments& moments, const image::ColourMoments& from, const image::ColourMoments& to,
             double share)
{
    for (std::size_t i = 0; i < 3; ++i) {
        moments.mean[i] += (to.mean[i] - from.mean[i]) * share;
        moments.deviation[i] += (to.deviation[i] - from.deviation[i]) * share;
    }
}

void compare_colours(const std::vector<SeamPicture>& tail, const std::vector<SeamPicture>& head, Seam& seam)
{
    const SeamPicture& moment = head[static_cast<std::size_t>(std::max(0, seam.repeated - 1))];
    seam.colour.before = tail.back().colour.moments;
    seam.colour.after = moment.colour.moments;
    seam.colour.delta_e = image::difference(tail.back().colour.bands, moment.colour.bands);
    int pairs = 0;
    image::ColourMoments change;
    each_pair(tail, head, [&](const SeamPicture& one, const SeamPicture& two) {
        seam.colour.usual += image::difference(one.colour.bands, two.colour.bands);
        move_on(change, one.colour.moments, two.colour.moments, 1);
        ++pairs;
    });
    seam.colour.usual /= std::max(1, pairs);
    if (seam.kind == SeamKind::continuous && pairs > 0) {
        move_on(seam.colour.after, change, {}, 1.0 / pairs);
    }
}

cv::Mat flow(const SeamPicture& from, const SeamPicture& to)
{
    const auto search = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
    search->setUseSpatialPropagation(false); // with it the result depends on the number of threads
    cv::Mat found;
    search->calc(from.grey, to.grey, found);
    return found;
}

cv::Mat lengths(const cv::Mat& field)
{
    std::vector<cv::Mat> parts;
    cv::split(field, parts);
    cv::Mat length;
    cv::magnitude(parts[0], parts[1], length);
    return length;
}

/// How much each point's flow is worth: nothing where the picture is flat, for there any motion fits.
cv::Mat texture(const SeamPicture& picture)
{
    constexpr double k_plain = 4; // code values a pixel
    cv::Mat across;
    cv::Mat down;
    cv::Mat slope;
    cv::Sobel(picture.grey, across, CV_32F, 1, 0, 3, 1.0 / 8);
    cv::Sobel(picture.grey, down, CV_32F, 0, 1, 3, 1.0 / 8);
    cv::magnitude(across, down, slope);
    cv::GaussianBlur(slope, slope, {}, 4);
    cv::min(slope / k_plain, 1, slope);
    return slope + 1e-3;
}

double weighted_mean(const cv::Mat& field, const cv::Mat& weight)
{
    return cv::sum(lengths(field).mul(weight))[0] / std::max(1e-6, cv::sum(weight)[0]);
}

void compare_motion(const std::vector<SeamPicture>& tail, const std::vector<SeamPicture>& head, Size size, Seam& seam)
{
    const auto repeated = static_cast<std::size_t>(seam.repeated);
    if (tail.size() < repeated + 2 || head.size() < 2) {
        return;
    }
    const SeamPicture& last = tail[tail.size() - 1 - repeated];
    const cv::Mat before = flow(tail[tail.size() - 2 - repeated], last);
    const cv::Mat after = flow(head[0], head[1]);
    const image::Correspondence over = image::match(last.grey, head[0].grey);
    const double pixels = longer(size) / std::max(last.grey.cols, last.grey.rows);
    const cv::Mat telling = texture(last);
    seam.motion.before = weighted_mean(before, telling) * pixels;
    seam.motion.after = weighted_mean(after, texture(head[0])) * pixels;
    seam.motion.step = weighted_mean(after - before, telling) * pixels;
    seam.motion.jump = weighted_mean(over.there - (before + after) * 0.5, telling.mul(over.agreement)) * pixels;
    seam.motion.confidence = over.confidence;
    if (seam.kind == SeamKind::different && seam.motion.confidence >= k_same_scene) {
        seam.kind = SeamKind::undecidable; // what is far from where it was, and still found
    }
}

double detail_of(const SeamPicture* first, std::size_t count)
{
    return std::accumulate(first, first + count, 0.0, [](double sum, const SeamPicture& p) { return sum + p.detail; }) /
           static_cast<double>(count);
}

} // namespace

std::vector<SeamPicture> tail_pictures(const Timeline& timeline, const Range& range, std::int64_t count)
{
    count = std::min(count, range.frames);
    return pictures(timeline, range, range.first + range.frames - count, count);
}

std::vector<SeamPicture> head_pictures(const Timeline& timeline, const Range& range, std::int64_t count)
{
    return pictures(timeline, range, range.first, std::min(count, range.frames));
}

void compare_pictures(const std::vector<SeamPicture>& tail, const std::vector<SeamPicture>& head, Size size, Seam& seam)
{
    constexpr std::size_t k_sharpness_frames = 3; // one may be the encoder's poorest
    tell_kind(tail, head, seam);
    compare_colours(tail, head, seam);
    compare_motion(tail, head, size, seam);
    const std::size_t count = std::min({k_sharpness_frames, tail.size(), head.size()});
    seam.sharpness = detail_of(head.data(), count) / detail_of(&tail[tail.size() - count], count);
}

} // namespace longtake::stages
