#include "stages/assemble/join_fixes.h"

#include "pipeline/base/error.h"
#include "pipeline/image/grade.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

namespace longtake::stages {
namespace {

constexpr double k_ramp = 0.75; ///< seconds
constexpr std::int64_t k_shortest_ramp = 12;
constexpr std::int64_t k_longest_ramp = 24;
constexpr image::GradeLimits k_limits{2 - 1.1, 1.1, 32, 0.5};
constexpr double k_morph = 1.0 / 6; ///< seconds
constexpr std::int64_t k_shortest_morph = 4;
constexpr std::int64_t k_longest_morph = 8;
constexpr std::int64_t k_least_morph = 2;
constexpr double k_trusted = 0.6;
constexpr double k_worth = 3; ///< points

/// Both sides of a seam.
struct Sides {
    Item& old_item;
    Range& old_range;
    Item& new_item;
    bool across = false; ///< of two items
};

Sides sides_of(Timeline& timeline, const Seam& seam)
{
    if (seam.item >= timeline.items.size() || seam.range >= timeline.items[seam.item].ranges.size() ||
        (seam.item == 0 && seam.range == 0)) {
        throw Error(Errc::internal, "a seam is not of this timeline");
    }
    Item& after = timeline.items[seam.item];
    Item& before = seam.range > 0 ? after : timeline.items[seam.item - 1];
    Range& range = seam.range > 0 ? after.ranges[seam.range - 1] : before.ranges.back();
    return {before, range, after, seam.range == 0};
}

/// Frames of an item its transitions do not take: `next` is how the one after comes in.
std::int64_t room(const Item& item, const TimelineTransition& next)
{
    return item.frames - (item.transition.held ? 0 : item.transition.frames) - next.frames;
}

TimelineTransition into_next(const Timeline& timeline, const Item& item)
{
    const auto next = static_cast<std::size_t>(&item - timeline.items.data()) + 1;
    return next < timeline.items.size() ? timeline.items[next].transition : TimelineTransition{};
}

/// Returns the frames dropped.
std::int64_t drop_repeated(Timeline& timeline, const Seam& seam)
{
    const bool standing = seam.transition.frames == 0 || seam.transition.held;
    if (seam.kind != SeamKind::duplicate || !standing) {
        return 0;
    }
    const Sides sides = sides_of(timeline, seam);
    const std::int64_t spare = std::max<std::int64_t>(0, room(sides.old_item, into_next(timeline, sides.old_item)));
    const std::int64_t dropped = std::min({std::int64_t{seam.repeated}, sides.old_range.frames - 1, spare});
    sides.old_range.frames -= dropped;
    sides.old_item.frames -= dropped;
    return dropped;
}

void lay_out(Timeline& timeline)
{
    std::int64_t end = timeline.items.empty() ? 0 : timeline.items.front().start;
    for (Item& item : timeline.items) {
        item.start = end - (item.transition.held ? 0 : item.transition.frames);
        end = item.start + item.frames;
    }
}

/// A grade that grows over the end of a range, on top of the one it has.
void ramp(Range& range, const Grade& to, Rate rate)
{
    const std::int64_t last = range.first + range.frames - 1;
    const std::int64_t length =
        std::min(std::clamp(rate.frames(k_ramp), k_shortest_ramp, k_longest_ramp), range.frames - 1);
    const std::int64_t start = last - length;
    const GradeCurve own = std::exchange(range.grade, {});
    if (own.empty()) {
        if (length > 0) {
            range.grade.push_back({start, {}});
        }
        range.grade.push_back({last, to});
        return;
    }
    std::copy_if(own.begin(), own.end(), std::back_inserter(range.grade),
                 [&](const GradeKey& key) { return key.frame < start; });
    for (std::int64_t frame = start; frame <= last; ++frame) { // two slopes on each other are no straight line
        const double share = length > 0 ? static_cast<double>(frame - start) / static_cast<double>(length) : 1;
        range.grade.push_back({frame, image::chained(grade_at(own, frame), image::share_of(to, share))});
    }
}

void match(Timeline& timeline, const Seam& seam)
{
    const bool related = seam.kind == SeamKind::duplicate || seam.kind == SeamKind::continuous;
    if (!related || seam.transition.frames > 0) {
        return;
    }
    const Grade grade = image::grade_between(seam.colour.before, seam.colour.after, k_limits);
    if (grade != Grade{}) {
        ramp(sides_of(timeline, seam).old_range, grade, timeline.rate);
    }
}

/// Whether a morph would carry what belongs together, and there is something to smooth.
bool calls_for_morph(const Seam& seam, const JoinFixes& fixes, bool deduped)
{
    const SeamPenalties& off = seam.penalties;
    const double to_smooth =
        off.motion + off.sharpness + (fixes.match_colour ? 0 : off.colour) + (deduped ? 0 : off.repeat);
    const bool related = seam.kind != SeamKind::different && !seam.still;
    return related && seam.motion.confidence >= k_trusted && to_smooth >= k_worth;
}

void smooth(Timeline& timeline, const Seam& seam)
{
    const Sides sides = sides_of(timeline, seam);
    if (!sides.across || seam.transition.frames > 0) {
        return;
    }
    const std::int64_t wanted = std::clamp(timeline.rate.frames(k_morph), k_shortest_morph, k_longest_morph);
    const std::int64_t frames = std::min(wanted, room(sides.old_item, {}));
    if (frames >= k_least_morph) {
        sides.new_item.transition = {TransitionType::morph, frames, true};
    }
}

} // namespace

Timeline fix_joins(Timeline timeline, const std::vector<Seam>& seams, const JoinFixes& fixes)
{
    std::vector<bool> deduped(seams.size(), false);
    for (std::size_t i = 0; fixes.dedupe && i < seams.size(); ++i) {
        deduped[i] = drop_repeated(timeline, seams[i]) == seams[i].repeated;
    }
    lay_out(timeline);
    for (std::size_t i = 0; i < seams.size(); ++i) {
        if (fixes.match_colour) {
            match(timeline, seams[i]);
        }
        if (fixes.smooth && calls_for_morph(seams[i], fixes, deduped[i])) {
            smooth(timeline, seams[i]);
        }
    }
    return timeline;
}

} // namespace longtake::stages
