#include "stages/assemble/assemble.h"

#include "pipeline/base/error.h"
#include "stages/assemble/place_captions.h"
#include "stages/assemble/place_overlays.h"

#include <fmt/format.h>

namespace longtake::stages {
namespace {

/// A piece's grades, at the timeline's rate.
GradeCurve grade_of(const Footage& piece, Rate rate)
{
    GradeCurve curve = piece.grade;
    for (GradeKey& key : curve) {
        key.frame = rate.frames(piece.rate.seconds(key.frame));
    }
    return curve;
}

/// A shot's footage as ranges on the timeline's grid: boundaries are rounded from the cumulative time, so that a
/// chain of pieces at another rate does not drift.
std::vector<Range> ranges_of(const Clip& clip, const ShotPlan& shot, Rate rate)
{
    std::vector<Range> ranges;
    const std::int64_t wanted = shot.from + shot.handle + shot.frames;
    double seconds = 0;
    std::int64_t placed = 0;
    for (const Footage& piece : clip.footage) {
        seconds += piece.rate.seconds(piece.frames);
        const std::int64_t end = std::min(rate.frames(seconds), wanted);
        const std::int64_t unseen = std::max<std::int64_t>(0, shot.from - placed); // of this piece
        if (end > placed + unseen) {
            ranges.push_back({Range::Kind::footage, piece.file, piece.sha256,
                              rate.frames(piece.rate.seconds(piece.first)) + unseen, end - placed - unseen,
                              shot.shot.settings.fit, piece.sound, grade_of(piece, rate), shot.shot.settings.background,
                              shot.damaged});
        }
        placed = std::max(placed, end);
    }
    if (placed < wanted) {
        throw Error(Errc::provider, fmt::format("shot '{}': {:.3f} s of footage for {:.3f} s; lower its \"seconds\"",
                                                shot.shot.id, rate.seconds(placed), rate.seconds(wanted)));
    }
    return ranges;
}

std::vector<Range> ranges_of(const Still& card, const ShotPlan& shot)
{
    return {{Range::Kind::still, card.file, card.sha256, 0, shot.frames, Fit::pad, false}};
}

/// How the brand grades the pictures of shots.
std::optional<StyleFile> lut_of(const Plan& plan)
{
    const auto brand = plan.styles.find(plan.brand);
    return brand == plan.styles.end() ? std::nullopt : brand->second.lut;
}

/// Seconds in which music that nobody fades out comes to its end.
double music_tail(const Timeline& timeline)
{
    constexpr double k_tail = 1.5, k_most = 0.125; ///< seconds; of the film
    return std::min(k_tail, k_most * timeline.rate.seconds(timeline.frames()));
}

} // namespace

Timeline assemble(const Plan& plan, const ShotMedia& material)
{
    Timeline timeline;
    timeline.rate = plan.rate;
    timeline.size = plan.size;
    timeline.loudness = plan.audio.loudness;
    timeline.keep_levels = plan.audio.keep_levels;
    std::int64_t end = 0;
    for (const ShotPlan& shot : plan.shots) {
        Item item;
        item.shot = shot.shot.id;
        item.title = shot.shot.title;
        item.frames = shot.handle + shot.frames; // with a handle both shots move where the transition would hold one
        item.transition = {shot.transition, shot.transition_frames, shot.held && shot.handle == 0};
        item.start = (shot.held ? end : end - shot.transition_frames) - shot.handle;
        item.ranges = shot.kind == ShotPlan::Kind::card ? ranges_of(material.cards.at(shot.shot.id), shot)
                                                        : ranges_of(material.clips.at(shot.shot.id), shot, plan.rate);
        for (Range& range : item.ranges) {
            range.sound = range.sound && plan.audio.clips;
            range.lut = shot.kind == ShotPlan::Kind::card ? std::nullopt : lut_of(plan);
        }
        end = item.start + item.frames;
        timeline.items.push_back(std::move(item));
    }
    if (plan.audio.music) {
        timeline.music = Music{*plan.audio.music,
                               material.music_sha256,
                               plan.audio.music_db,
                               plan.audio.fade_in,
                               plan.audio.fade_out.value_or(music_tail(timeline)),
                               plan.audio.duck};
    }
    timeline.voices = voices_of(plan, material.voice_sha256);
    timeline.overlays = overlays_of(plan);
    if (has_captions(plan)) {
        const CaptionSettings settings = plan.captions.value_or(CaptionSettings{});
        timeline.captions = Captions{captions_of(plan, timeline.voices), settings.as, settings.language};
    }
    return timeline;
}

} // namespace longtake::stages
