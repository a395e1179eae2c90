#include "stages/deliver/segment_plan.h"

#include "pipeline/av/splice/segment.h"
#include "pipeline/base/hash.h"
#include "pipeline/render/recipe.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace longtake::stages {
namespace {

constexpr double k_segment_seconds = 4;
constexpr double k_long_gop_seconds = 8; ///< from here on a GOP is halved, so that cores share a shot

/// Frames between two copies that are one segment, whatever they show: below this a cut costs more than it saves.
constexpr std::int64_t k_least_to_cut = 48;

// How full the rate limit's bucket is taken to be where a segment begins. libx264 begins with nine tenths, and over
// what it sees ahead spends what lies above half; where the rate is at the limit it ends with 0.56, measured at 1080p
// and 8 Mb/s. Long segments begin with less, so that what they end with is about enough for the next. Short ones must
// not: with half a bucket, dissolves of nine frames came out 6 dB coarser than their neighbours.
constexpr double k_full_start = 0.9;
constexpr double k_long_start = 0.7;
constexpr double k_long_enough = 2; ///< seconds
constexpr std::string_view k_start_option = ":vbv-init=";

// What x264's macroblock tree (a lookahead of 40 frames at presets about medium) misses in a segment, in CRF, by its
// length in frames: measured as the CRF at which the segment's SSIM is that of the same frames in one long encode.
constexpr double k_lookahead_crf = 1.7;      ///< of a segment no longer than the lookahead
constexpr double k_lookahead_crf_from = 2.7; ///< of the line that falls to 0 at `k_lookahead_recovered`, of longer ones
constexpr double k_lookahead_recovered = 120;

// Larger pictures miss less of it. Measured in pictures of 360, 720 and 1080 lines, segments of 27 frames: a CRF
// of 1.7, 1.2 and 0.95.
constexpr double k_small_lines = 360;
constexpr double k_less_by_doubling = 0.25;
constexpr double k_least_share = 0.6;

/// Frames of a piece of a long shot.
std::int64_t piece_length(Rate rate, double gop_seconds)
{
    const double gop = gop_seconds > k_long_gop_seconds ? gop_seconds / 2 : gop_seconds;
    const double gops = gop > 0 ? std::max(1.0, std::round(k_segment_seconds / gop)) : 1;
    return std::max<std::int64_t>(1, rate.frames(gop > 0 ? gop * gops : k_segment_seconds));
}

/// Where an output may be cut, in its frames: borders of shots and transitions, and within long shots.
class Cuts {
public:
    Cuts(const render::Rendition& rendition, double gop_seconds)
        : rendition_(rendition), length_(piece_length(rendition.rate(), gop_seconds))
    {
        const auto& items = rendition.timeline().items;
        for (std::size_t i = 0; i < items.size(); ++i) {
            add(items[i], i + 1 < items.size() ? &items[i + 1] : nullptr);
        }
        std::sort(cuts_.begin(), cuts_.end());
        cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
    }

    const std::vector<std::int64_t>& all() const { return cuts_; }

private:
    void add(const Item& item, const Item* next)
    {
        const std::int64_t end = item.start + item.frames;
        const std::int64_t start = rendition_.frame_at(item.start);
        const std::int64_t from = rendition_.frame_at(item.start + (item.transition.held ? 0 : item.transition.frames));
        const std::int64_t to = rendition_.frame_at(end - (next != nullptr ? next->transition.frames : 0));
        cuts_.insert(cuts_.end(), {start, from, to});
        for (std::int64_t cut = start + length_; cut < to; cut += length_) {
            if (2 * (cut - from) >= length_ && 2 * (to - cut) >= length_) {
                cuts_.push_back(cut);
            }
        }
    }

    const render::Rendition& rendition_;
    const std::int64_t length_;
    std::vector<std::int64_t> cuts_;
};

void add_segments(const std::vector<std::int64_t>& cuts, std::int64_t from, std::int64_t to, bool whole_film,
                  std::vector<Piece>& pieces)
{
    if (whole_film || to - from > k_least_to_cut) {
        for (auto cut = std::upper_bound(cuts.begin(), cuts.end(), from); cut != cuts.end() && *cut < to; ++cut) {
            pieces.push_back({from, *cut - from, nullptr});
            from = *cut;
        }
    }
    pieces.push_back({from, to - from, nullptr});
}

double lookahead_crf_offset(Size size, std::int64_t frames)
{
    const double line = k_lookahead_crf_from * (1 - static_cast<double>(frames) / k_lookahead_recovered);
    const double lines = std::min(size.width, size.height);
    const double share = 1 - k_less_by_doubling * std::log2(lines / k_small_lines);
    return std::clamp(line, 0.0, k_lookahead_crf) * std::clamp(share, k_least_share, 1.0);
}

} // namespace

std::vector<Piece> cut_into_pieces(const SplicePlan& plan, const render::Rendition& rendition, double gop_seconds)
{
    const Cuts cuts(rendition, gop_seconds);
    const bool whole_film = plan.copied() == 0;
    std::vector<Piece> pieces;
    std::int64_t pending = 0; ///< frames to be encoded before the next copy
    for (const PlannedSpan& span : plan.planned) {
        if (span.kind == Span::Kind::encode) {
            pending += span.frames;
            continue;
        }
        if (pending > 0) {
            add_segments(cuts.all(), span.at - pending, span.at, whole_film, pieces);
            pending = 0;
        }
        pieces.push_back({span.at, span.frames, &span});
    }
    if (pending > 0) {
        add_segments(cuts.all(), plan.frames() - pending, plan.frames(), whole_film, pieces);
    }
    return pieces;
}

/// x264's macroblock tree starts from a coarser quantiser and gives back what it sees used again in the frames ahead.
/// Towards a segment's end it sees ever fewer, and a short segment would come out coarser than the same frames of a
/// long one: measured, 0.0017 in SSIM at 48 frames, 0.0036 at 15, which this gives back.
av::MediaSpec segment_media(const av::MediaSpec& output, const Piece& piece)
{
    av::MediaSpec media = av::segment_spec(output);
    media.blends = render::within(output.blends, piece.at, piece.frames);
    std::optional<double>& crf = media.video.crf;
    if (media.video.encoder == "libx264" && crf && *crf > 0) {
        crf = std::max(1.0, *crf - lookahead_crf_offset(media.size, piece.frames));
    }
    if (media.video.encoder == "libx264" && media.video.max_bitrate &&
        media.rate.seconds(piece.frames) >= k_long_enough) {
        media = with_start(std::move(media), k_long_start);
    }
    return media;
}

double start_of(const av::MediaSpec& segment)
{
    const std::string params = segment.video.options.value("x264-params", "");
    const std::size_t at = params.rfind(k_start_option);
    return at == std::string::npos ? k_full_start : std::stod(params.substr(at + k_start_option.size()));
}

/// In steps: films that differ little share segments.
av::MediaSpec with_start(av::MediaSpec segment, double start)
{
    std::string params = segment.video.options.value("x264-params", "");
    params = params.substr(0, params.rfind(k_start_option)); // it is always the last
    const double step = std::max(k_least_start, std::floor(start * 10 + 1e-6) / 10);
    segment.video.options["x264-params"] = fmt::format("{}{}{:.1f}", params, k_start_option, step);
    return segment;
}

std::string segment_key(const render::Rendition& rendition, const Piece& piece, const av::MediaSpec& media)
{
    const nlohmann::json recipe = {{"shows", render::recipe_of(rendition, piece.at, piece.frames)},
                                   {"encoded", av::recipe_of(media)}};
    return sha256_of(recipe.dump());
}

} // namespace longtake::stages
