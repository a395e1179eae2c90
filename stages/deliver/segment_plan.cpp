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

// What x264's macroblock tree misses at a segment's end, in steps of the quantiser: so much finer is the last frame,
// and less and less those before it, to the e-th part within so many frames. In blends the trees are short, as nothing
// in them is shown again for long; their first frame came out coarse, too. The rest of such a segment is a little
// coarser for it, which keeps the size.
constexpr double k_finer_end = 5;
constexpr double k_reach = 6;
constexpr double k_blend_reach = 2;
constexpr double k_finer_blend_start = 1.5;
constexpr double k_coarser_crf = 0.25;

/// Frames of a piece of a long shot.
std::int64_t piece_length(Rate rate, double gop_seconds)
{
    const double gop = gop_seconds > k_long_gop_seconds ? gop_seconds / 2 : gop_seconds;
    const double gops = gop > 0 ? std::max(1.0, std::round(k_segment_seconds / gop)) : 1;
    return std::max<std::int64_t>(1, rate.frames(gop > 0 ? gop * gops : k_segment_seconds));
}

/// Where an output may be cut, in its frames: borders of shots, transitions and overlays, and within long shots.
class Cuts {
public:
    Cuts(const render::Rendition& rendition, double gop_seconds, bool first_soon)
        : rendition_(rendition), length_(piece_length(rendition.rate(), gop_seconds))
    {
        const auto& items = rendition.timeline().items;
        for (std::size_t i = 0; i < items.size(); ++i) {
            add(items[i], i + 1 < items.size() ? &items[i + 1] : nullptr);
        }
        for (const Overlay& overlay : rendition.timeline().overlays) { // what lies beside it is kept when it changes
            cuts_.insert(cuts_.end(), {rendition.frame_at(overlay.from), rendition.frame_at(overlay.to)});
        }
        std::sort(cuts_.begin(), cuts_.end());
        cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
        if (first_soon) {
            cut_after_first_gop(rendition.rate().frames(gop_seconds));
        }
    }

    const std::vector<std::int64_t>& all() const { return cuts_; }

private:
    /// Unless there is a cut soon after it.
    void cut_after_first_gop(std::int64_t gop)
    {
        const auto next = std::ranges::find_if(cuts_, [](std::int64_t cut) { return cut > 0; });
        if (next == cuts_.end() || 2 * *next >= 3 * gop) {
            cuts_.insert(next, gop);
        }
    }

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

/// Whether the picture before this frame is shown on in it, be it under a transition.
bool shown_on(const render::Rendition& rendition, std::int64_t frame)
{
    if (frame >= rendition.frames()) {
        return false;
    }
    const std::int64_t there = rendition.timeline_frame(frame);
    const std::int64_t before = rendition.timeline_frame(frame - 1);
    return std::ranges::none_of(rendition.timeline().items, [&](const Item& item) {
        return item.transition.frames == 0 && item.start > before && item.start <= there;
    });
}

bool blends_at(const std::vector<av::Blend>& blends, std::int64_t frame)
{
    return std::ranges::any_of(
        blends, [&](const av::Blend& run) { return frame >= run.first && frame < run.first + run.frames; });
}

/// In quarters of a step: films that differ little share segments.
std::vector<double> finer_towards_the_end(std::int64_t frames, const std::vector<av::Blend>& blends)
{
    const double reach = blends_at(blends, frames - 1) ? k_blend_reach : k_reach;
    std::vector<double> finer;
    for (std::int64_t i = 0; i < frames; ++i) {
        const double steps = k_finer_end * std::exp(-static_cast<double>(frames - 1 - i) / reach);
        finer.push_back(std::round(4 * steps) / 4);
    }
    if (blends_at(blends, 0)) {
        finer.front() = std::max(finer.front(), k_finer_blend_start);
    }
    return finer;
}

} // namespace

std::vector<Piece> cut_into_pieces(const SplicePlan& plan, const render::Rendition& rendition, double gop_seconds,
                                   bool first_soon)
{
    const Cuts cuts(rendition, gop_seconds, first_soon);
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
    for (Piece& piece : pieces) {
        piece.goes_on = shown_on(rendition, piece.at + piece.frames);
    }
    return pieces;
}

/// x264's macroblock tree starts from a coarser quantiser and gives back what it sees used again in the frames ahead,
/// of which there are ever fewer towards a segment's end. Beside one long encode the last frames lay 1.2 to 3 dB lower,
/// which shows as a pulse at every border. Where the picture ends with the segment, nothing is missed.
av::MediaSpec segment_media(const av::MediaSpec& output, const Piece& piece)
{
    av::MediaSpec media = av::segment_spec(output);
    media.blends = render::within(output.blends, piece.at, piece.frames);
    media = av::with_short_search(std::move(media), piece.frames);
    std::optional<double>& crf = media.video.crf;
    if (media.video.encoder == "libx264" && crf && *crf > 0 && piece.goes_on) {
        crf = *crf + k_coarser_crf;
        media.finer = finer_towards_the_end(piece.frames, media.blends);
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
