#include "pipeline/flow/chain.h"

#include "pipeline/image/grade.h"

namespace longtake {
bool needs(const Chain& chain, const PlannedTake& take, double wanted)
{
    const bool speech = take.kind == PlannedTake::Kind::lip_sync;
    return take.index == 0 || chain.clip.seconds() < wanted - 1e-6 || take.end_frame || speech;
}

stages::HandoffInput handoff_input(const Chain& chain, const PlannedTake& take, const ShotSettings& settings,
                                   const ImageRules& rules)
{
    return {chain.last.footage, chain.drifted, take.kind, settings.match_colour, rules};
}

stages::JoinInput join_input(const Chain& chain, const Footage& added, const PlannedTake& take,
                             const ShotSettings& settings, const stages::FrameHandoff& from)
{
    const bool follow = settings.match_colour != MatchColour::off || settings.max_drift > 0;
    return {chain.clip.footage.back(), chain.last.footage,    added,      take.kind, take.seconds,
            take.guaranteed,           settings.match_colour, from.grade, follow};
}

std::optional<stages::FrameHandoff> handoff_at_home(stages::FrameHandoff from, const Stills& stills)
{
    if (from.still) {
        from.still = stills.at_home(*from.still);
        if (!from.still) {
            return std::nullopt;
        }
    }
    return from;
}

void go_on(Chain& chain, const Take& made, stages::Join join)
{
    join.before.file = chain.clip.footage.back().file; // a working directory can be moved
    join.added.file = made.footage.file;
    chain.clip.footage.back() = join.before;
    chain.clip.footage.push_back(join.added);
    chain.last = made;
    chain.last.footage = join.added;
    chain.drifted = image::chained(chain.drifted, join.change);
}

} // namespace longtake
