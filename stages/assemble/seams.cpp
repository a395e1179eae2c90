#include "stages/assemble/seams.h"

#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"
#include "stages/assemble/seam_pictures.h"
#include "stages/assemble/seam_sound.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace longtake::stages {
namespace {

constexpr std::int64_t k_frames = 8; ///< read on either side

double points(double amount, double free, double each, double most)
{
    return std::clamp((amount - free) * each, 0.0, most);
}

SeamPenalties penalties(const Seam& seam, Size size)
{
    SeamPenalties off;
    const bool cut = seam.transition.type == TransitionType::cut;
    if (cut && seam.kind != SeamKind::different) {
        const double thousandth = std::max(size.width, size.height) / 1000.0;
        const double speed = (seam.motion.before + seam.motion.after) / 2 / thousandth;
        const double free = 0.5 + speed / 4;
        off.repeat = seam.repeated > 0 ? 10 + 5 * seam.repeated : 0;
        off.colour = points(seam.colour.delta_e, seam.colour.usual + 0.5, 6, 25);
        off.motion = std::min(25.0, points(seam.motion.jump / thousandth, free, 8, 25) +
                                        points(seam.motion.step / thousandth, free, 4, 25));
        off.sharpness = points(std::abs(std::log2(seam.sharpness)), 0.2, 15, 15);
    }
    if (seam.sound) {
        off.loudness = points(std::abs(seam.sound->step()), 1, 1.5, 15);
        off.click = cut ? points(seam.sound->click, 6, 0.5, 15) : 0;
    }
    return off;
}

bool goes_on(const Range& before, const Range& after)
{
    return before.file == after.file && after.first == before.first + before.frames;
}

Seam measured(const Timeline& timeline, Seam seam, const Range& before, const Range& after)
{
    const auto tail =
        in_context("shot '" + seam.before + "'", [&] { return tail_pictures(timeline, before, k_frames); });
    const auto head = in_context("shot '" + seam.after + "'", [&] { return head_pictures(timeline, after, k_frames); });
    compare_pictures(tail, head, timeline.size, seam);
    if (before.sound && after.sound) {
        seam.sound =
            in_context("shot '" + seam.after + "'", [&] { return compare_sound(timeline.rate, before, after); });
    }
    seam.penalties = penalties(seam, timeline.size);
    return seam;
}

} // namespace

double SeamColour::luma() const noexcept
{
    return after.mean[0] - before.mean[0];
}

double SeamColour::chroma() const noexcept
{
    return std::hypot(after.mean[1] - before.mean[1], after.mean[2] - before.mean[2]);
}

double SeamSound::step() const noexcept
{
    return before && after ? *after - *before : 0;
}

double Seam::score() const noexcept
{
    return std::max(0.0, 100 - penalties.picture() - penalties.sound());
}

std::vector<Seam> measure_seams(const Timeline& timeline, std::stop_token stop)
{
    std::vector<Seam> seams;
    std::vector<std::pair<const Range*, const Range*>> sides;
    const Range* before = nullptr;
    const Item* from = nullptr;
    for (std::size_t s = 0; s < timeline.items.size(); ++s) {
        const Item& item = timeline.items[s];
        std::int64_t frame = item.start;
        for (std::size_t r = 0; r < item.ranges.size(); ++r) {
            const Range& range = item.ranges[r];
            const bool footage = range.kind == Range::Kind::footage;
            if (before != nullptr && footage && before->kind == Range::Kind::footage && !goes_on(*before, range)) {
                Seam seam;
                seam.join = seams.size();
                seam.item = s;
                seam.range = r;
                seam.before = from->shot;
                seam.after = item.shot;
                seam.frame = frame;
                seam.seconds = timeline.rate.seconds(frame);
                seam.transition = r == 0 ? item.transition : TimelineTransition{};
                seams.push_back(std::move(seam));
                sides.emplace_back(before, &range);
            }
            frame += range.frames;
            before = &range;
            from = &item;
        }
    }
    return parallel_map<Seam>(thread_count(0), seams.size(), [&](std::size_t i) {
        if (stop.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        return measured(timeline, std::move(seams[i]), *sides[i].first, *sides[i].second);
    });
}

} // namespace longtake::stages
