#include "stages/deliver/segment_plan.h"

#include "pipeline/av/splice/segment.h"
#include "pipeline/base/hash.h"
#include "pipeline/render/recipe.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::stages {
namespace {

constexpr double k_segment_seconds = 4;
constexpr double k_long_gop_seconds = 8; ///< from here on a GOP is halved, so that cores share a shot

/// Frames between two copies that are one segment, whatever they show: below this a cut costs more than it saves.
constexpr std::int64_t k_least_to_cut = 48;

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
    return media;
}

/// In steps: the same film is encoded the same way, and films that differ little share segments.
bool begin_emptier(av::MediaSpec& segment, double fullness)
{
    constexpr double k_least = 0.1;
    const std::string start = fmt::format(":vbv-init={:.1f}", std::max(k_least, std::floor(fullness * 5) / 5));
    std::string params = segment.video.options.value("x264-params", "");
    if (segment.video.encoder != "libx264" || params.ends_with(start)) {
        return false;
    }
    params += start; // the last of several counts
    segment.video.options["x264-params"] = params;
    return true;
}

std::string segment_key(const render::Rendition& rendition, const Piece& piece, const av::MediaSpec& media)
{
    const nlohmann::json recipe = {{"shows", render::recipe_of(rendition, piece.at, piece.frames)},
                                   {"encoded", av::recipe_of(media)}};
    return sha256_of(recipe.dump());
}

} // namespace longtake::stages
