#include "pipeline/flow/explain.h"

#include "pipeline/base/error.h"
#include "pipeline/flow/delivery.h"
#include "pipeline/flow/film.h"
#include "pipeline/flow/outputs.h"
#include "pipeline/flow/shooting.h"
#include "pipeline/render/rendition.h"
#include "stages/assemble/assemble.h"

#include <fmt/format.h>

namespace longtake {
namespace {

stages::Material clips_of(const Plan& plan)
{
    stages::Material material;
    for (const ShotPlan& shot : plan.shots) {
        if (shot.kind != ShotPlan::Kind::clip) {
            throw Error(Errc::usage, fmt::format("shot '{}': only films of clips can be explained before they are made",
                                                 shot.shot.id));
        }
        material.clips[shot.shot.id] = existing_clip(shot, plan.rate, "");
    }
    return material;
}

} // namespace

/// Looks at the joins, if anybody wants to know of them, and mends what is to be mended.
Timeline mended_film(Timeline timeline, const FilmOptions& options, const Observer& observer,
                     std::vector<stages::Seam>& seams)
{
    const stages::Mending& mending = options.mending;
    const bool mend = mending.dedupe || mending.match_colour || mending.smooth;
    if (!options.measure_joins && !mend) {
        return timeline;
    }
    seams = in_context("seams", [&] { return stages::examine(timeline, observer.stop); });
    return mend ? stages::mended(std::move(timeline), seams, mending) : timeline;
}

Explained explain_film(const Storyboard& board, const FilmOptions& options, const Account& account,
                       const Observer& observer)
{
    Explained film;
    film.plan = plan_film(board, options, account);
    const Timeline timeline =
        mended_film(stages::assemble(film.plan, clips_of(film.plan)), options, observer, film.seams);
    std::optional<stages::ClipIndexes> indexes;
    for (const stages::OutputSpec& output : outputs_for(board, film.plan, options, account)) {
        const render::Rendition rendition = render::rendition_of(timeline, output.preset);
        const bool copies = copying(options) && output.preset.copies;
        if (copies && !indexes) {
            indexes = stages::index_clips(timeline);
        }
        film.outputs.push_back({output.preset.name, rendition.size(), rendition.rate(),
                                stages::plan_splice(rendition, copies ? *indexes : stages::ClipIndexes())});
    }
    return film;
}

} // namespace longtake
