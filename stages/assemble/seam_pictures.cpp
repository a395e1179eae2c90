#include "stages/assemble/seam_pictures.h"

#include "pipeline/av/conformed_reader.h"
#include "pipeline/av/delta_e.h"
#include "pipeline/av/grade.h"
#include "pipeline/base/error.h"
#include "pipeline/providers/local/flow.h"

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
constexpr double k_most_gain = 1.25; ///< when contrast is matched

cv::Mat plane(const av::Frame& frame, int index)
{
    const Size size = frame.size();
    const int half = index == 0 ? 1 : 2;
    return {(size.height + half - 1) / half, (size.width + half - 1) / half, CV_8U, frame.plane(index),
            static_cast<std::size_t>(frame.stride(index))};
}

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

av::Lab lab_of_code(double y, double cb, double cr)
{
    const double light = (y - 16) / 219;
    const double b = light + 1.8556 * (cb - 128) / 224;
    const double r = light + 1.5748 * (cr - 128) / 224;
    const double g = (light - 0.2126 * r - 0.0722 * b) / 0.7152;
    const auto code = [](double v) { return static_cast<std::uint8_t>(std::clamp(std::lround(v * 255), 0L, 255L)); };
    return av::lab_of(code(r), code(g), code(b));
}

/// A camera may move over a scene and leave the spread of its colours as it is.
std::array<std::array<double, 3>, 5> colour_bands(const av::Frame& frame)
{
    const cv::Size size = shrunk(frame.size(), std::max(2.0, longer(frame.size()) / 160));
    const cv::Mat y = resized_to(plane(frame, 0), size);
    const cv::Mat cb = resized_to(plane(frame, 1), size);
    const cv::Mat cr = resized_to(plane(frame, 2), size);
    std::vector<int> order(y.total());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return y.data[a] < y.data[b]; });
    std::array<std::array<double, 3>, 5> bands{};
    for (std::size_t band = 0; band < bands.size(); ++band) {
        const std::size_t from = order.size() * band / bands.size();
        const std::size_t to = order.size() * (band + 1) / bands.size();
        for (std::size_t i = from; i < to; ++i) {
            const int at = order[i];
            const av::Lab lab = lab_of_code(y.data[at], cb.data[at], cr.data[at]);
            const double weight = 1.0 / static_cast<double>(to - from);
            bands[band][0] += weight * lab.l;
            bands[band][1] += weight * lab.a;
            bands[band][2] += weight * lab.b;
        }
    }
    return bands;
}

SeamPicture picture_of(const av::Frame& frame)
{
    SeamPicture picture;
    const Size size = frame.size();
    const cv::Mat whole = plane(frame, 0);
    const double times = std::clamp(longer(size) / k_small_side, 1.0, static_cast<double>(k_most_shrunk));
    whole.convertTo(picture.luma, CV_32F);
    picture.luma = resized_to(picture.luma, shrunk(size, times));
    picture.grey = resized_to(whole, shrunk(size, std::max(1.0, longer(size) / k_flow_side)));
    for (int i = 0; i < 3; ++i) {
        cv::Scalar mean;
        cv::Scalar deviation;
        cv::meanStdDev(plane(frame, i), mean, deviation);
        picture.tone.mean[static_cast<std::size_t>(i)] = mean[0];
        picture.tone.deviation[static_cast<std::size_t>(i)] = deviation[0];
    }
    picture.bands = colour_bands(frame);
    cv::Mat edges;
    cv::Laplacian(whole, edges, CV_32F);
    cv::Scalar mean;
    cv::Scalar deviation;
    cv::meanStdDev(edges, mean, deviation);
    const double contrast = picture.tone.deviation[0];
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
        all.push_back(picture_of(plain ? frame->share() : av::graded(*frame, grade_at(range.grade, first + i))));
    }
    return all;
}

/// Mean squared difference, the second given the mean and deviation of the first.
double apart(const SeamPicture& one, const SeamPicture& two)
{
    cv::Scalar mean_one;
    cv::Scalar mean_two;
    cv::Scalar deviation_one;
    cv::Scalar deviation_two;
    cv::meanStdDev(one.luma, mean_one, deviation_one);
    cv::meanStdDev(two.luma, mean_two, deviation_two);
    const double gain = std::clamp((deviation_one[0] + 1) / (deviation_two[0] + 1), 1 / k_most_gain, k_most_gain);
    cv::Mat matched;
    two.luma.convertTo(matched, CV_32F, gain, mean_one[0] - gain * mean_two[0]);
    return cv::norm(one.luma, matched, cv::NORM_L2SQR) / static_cast<double>(one.luma.total());
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
        const double mse = apart(one, two);
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
    const double first = psnr(apart(tail.back(), head.front()));
    seam.margin = first - usual;
    seam.still = usual > k_still;
    if (seam.still) {
        seam.kind = first < k_unlike ? SeamKind::different : SeamKind::undecidable;
        return;
    }
    std::size_t shift = 0;
    double best = first;
    for (std::size_t i = 1; i < std::min({k_shifts, head.size(), tail.size()}); ++i) {
        const double alike = psnr(apart(tail.back(), head[i]));
        const double begun = psnr(apart(tail[tail.size() - 1 - i], head.front()));
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

double band_step(const SeamPicture& one, const SeamPicture& two)
{
    double sum = 0;
    for (std::size_t i = 0; i < one.bands.size(); ++i) {
        const auto& a = one.bands[i];
        const auto& b = two.bands[i];
        sum += av::delta_e({a[0], a[1], a[2]}, {b[0], b[1], b[2]}) / static_cast<double>(one.bands.size());
    }
    return sum;
}

/// `tone` moved by a share of the way from one to another.
void move_on(Tone& tone, const Tone& from, const Tone& to, double share)
{
    for (std::size_t i = 0; i < 3; ++i) {
        tone.mean[i] += (to.mean[i] - from.mean[i]) * share;
        tone.deviation[i] += (to.deviation[i] - from.deviation[i]) * share;
    }
}

void compare_colours(const std::vector<SeamPicture>& tail, const std::vector<SeamPicture>& head, Seam& seam)
{
    const SeamPicture& moment = head[static_cast<std::size_t>(std::max(0, seam.repeated - 1))];
    seam.colour.before = tail.back().tone;
    seam.colour.after = moment.tone;
    seam.colour.delta_e = band_step(tail.back(), moment);
    int pairs = 0;
    Tone change;
    each_pair(tail, head, [&](const SeamPicture& one, const SeamPicture& two) {
        seam.colour.usual += band_step(one, two);
        move_on(change, one.tone, two.tone, 1);
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
    const local::Correspondence over = local::match(last.grey, head[0].grey);
    const double pixels = longer(size) / std::max(last.grey.cols, last.grey.rows);
    const cv::Mat telling = texture(last);
    seam.motion.before = weighted_mean(before, telling) * pixels;
    seam.motion.after = weighted_mean(after, texture(head[0])) * pixels;
    seam.motion.step = weighted_mean(after - before, telling) * pixels;
    seam.motion.jump = weighted_mean(over.there - (before + after) * 0.5, telling.mul(over.sure)) * pixels;
    seam.motion.trust = over.trust;
    if (seam.kind == SeamKind::different && seam.motion.trust >= k_same_scene) {
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
