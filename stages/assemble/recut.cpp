#include "stages/assemble/recut.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::stages {
namespace {

void need_footage(const ShotPlan& shot, const ShotMedia& material, Rate rate)
{
    if (shot.kind == ShotPlan::Kind::card) {
        return;
    }
    const std::int64_t has = rate.frames(material.clips.at(shot.shot.id).seconds());
    if (shot.from < 0 || shot.from + shot.frames > has) {
        throw Error(Errc::input,
                    fmt::format("shot '{}' has {} frames, and the cut asks for {} to {}; trim it within them",
                                shot.shot.id, has, shot.from, shot.from + shot.frames));
    }
}

} // namespace

Plan recut(Plan plan, const ShotMedia& material, const std::vector<ShotEdit>& edits)
{
    const std::vector<ShotPlan> planned = std::move(plan.shots);
    plan.shots.clear();
    plan.frames = 0;
    for (const ShotEdit& edit : edits) {
        const auto found = std::ranges::find(planned, edit.shot, [](const ShotPlan& shot) { return shot.shot.id; });
        if (found == planned.end()) {
            throw Error(Errc::input, fmt::format("the cut has a shot '{}', and the film has none", edit.shot));
        }
        ShotPlan& shot = plan.shots.emplace_back(*found);
        shot.from = edit.from;
        shot.frames = edit.frames;
        shot.handle = 0; // a transition's lead is part of what is shown
        shot.transition = edit.way.type;
        shot.transition_frames = edit.way.frames;
        shot.held = edit.way.held;
        need_footage(shot, material, plan.rate);
        plan.frames += edit.frames - (edit.way.held ? 0 : edit.way.frames);
    }
    return plan;
}

} // namespace longtake::stages
