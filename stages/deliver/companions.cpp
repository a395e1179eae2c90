#include "stages/deliver/companions.h"

#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/av/picture/to_rgb.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"

#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace longtake::stages {
namespace {

constexpr const char* k_poster_format = "yuv420p";
constexpr int k_poster_quality = 3; ///< libavcodec's quantiser, of 1 (best) to 31

av::Frame frame_at(const render::Rendition& rendition, std::int64_t k)
{
    auto frame = rendition.read(k, k_poster_format).next();
    if (!frame) {
        throw Error(Errc::internal, "the film has no frame for its poster");
    }
    return std::move(*frame);
}

/// Variance of the Laplacian of its light (J. L. Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy",
/// 2000): how much fine detail it has.
double sharpness(const av::Frame& frame)
{
    const cv::Mat luma(frame.size().height, frame.size().width, CV_8U, frame.plane(0),
                       static_cast<std::size_t>(frame.stride(0)));
    cv::Mat edges;
    cv::Laplacian(luma, edges, CV_16S);
    cv::Scalar mean, deviation;
    cv::meanStdDev(edges, mean, deviation);
    return deviation[0] * deviation[0];
}

/// Frames of each shot where it is seen alone: its middle; where there are few shots, also a fifth of that stretch
/// before and after it, for a picture may be blurred by motion just there. In the rendition's frames.
std::vector<std::int64_t> middles(const render::Rendition& rendition, bool cards)
{
    constexpr std::size_t k_few = 4;
    const Timeline& timeline = rendition.timeline();
    std::vector<std::int64_t> frames;
    for (std::size_t i = 0; i < timeline.items.size(); ++i) {
        const Item& item = timeline.items[i];
        const bool card = item.ranges.front().kind == Range::Kind::still;
        const TimelineTransition& in = item.transition;
        const std::int64_t out = i + 1 < timeline.items.size() ? timeline.items[i + 1].transition.frames : 0;
        const std::int64_t from = item.start + (in.held ? 0 : in.frames);
        const std::int64_t to = item.start + item.frames - out;
        if (card == cards && to > from) {
            const std::int64_t aside = timeline.items.size() <= k_few ? (to - from) / 5 : 0;
            for (const std::int64_t at : {(from + to) / 2, (from + to) / 2 - aside, (from + to) / 2 + aside}) {
                if (frames.empty() || frames.back() != rendition.frame_at(at)) {
                    frames.push_back(rendition.frame_at(at));
                }
            }
        }
    }
    return frames;
}

struct Chosen {
    std::int64_t k = 0;
    av::Frame frame;
};

Chosen sharpest_middle(const render::Rendition& rendition)
{
    constexpr std::size_t k_most = 12;
    std::vector<std::int64_t> frames = middles(rendition, false);
    if (frames.empty()) {
        frames = middles(rendition, true);
    }
    if (frames.empty()) {
        frames = {rendition.frames() / 2};
    }
    Chosen best{frames.front(), frame_at(rendition, frames.front())};
    double most = sharpness(best.frame);
    const std::size_t step = (frames.size() + k_most - 1) / k_most;
    for (std::size_t i = step; i < frames.size(); i += step) {
        av::Frame frame = frame_at(rendition, frames[i]);
        if (const double sharp = sharpness(frame); sharp > most) {
            most = sharp;
            best = {frames[i], std::move(frame)};
        }
    }
    return best;
}

std::string companion_bytes(const std::filesystem::path& file, const render::Rendition& rendition)
{
    const std::string kind = file.extension().string();
    if (kind == ".jpg") {
        return poster(rendition);
    }
    const auto& captions = rendition.timeline().captions;
    const std::vector<Caption> list = captions ? captions->list : std::vector<Caption>{};
    return kind == ".srt" ? srt_text(list) : webvtt_text(list);
}

} // namespace

std::string poster(const render::Rendition& rendition)
{
    av::ToRgb to_rgb(av::Orientation{});
    return av::encode_jpeg(to_rgb.apply(sharpest_middle(rendition).frame), k_poster_quality);
}

std::int64_t poster_frame(const render::Rendition& rendition)
{
    return sharpest_middle(rendition).k;
}

std::vector<PartFile> write_companions(const OutputSpec& spec, const render::Rendition& rendition,
                                       Deliverable& deliverable)
{
    std::vector<PartFile> parts;
    for (const std::filesystem::path& file : spec.beside) {
        sweep_parts(file.parent_path(), file.filename().string());
        const std::string bytes = companion_bytes(file, rendition);
        parts.emplace_back(file).write(bytes);
        deliverable.files.push_back({file, sha256_of(bytes), static_cast<std::int64_t>(bytes.size())});
    }
    return parts;
}

} // namespace longtake::stages
