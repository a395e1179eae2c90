#include "pipeline/flow/explain.h"

#include "pipeline/base/error.h"
#include "pipeline/flow/delivery.h"
#include "pipeline/flow/film.h"
#include "pipeline/flow/outputs.h"
#include "pipeline/flow/shot_runner.h"
#include "pipeline/render/rendition.h"
#include "stages/assemble/assemble.h"
#include "stages/deliver/encoder_frames.h"

#include <fmt/format.h>

namespace longtake {
namespace {

stages::ShotMedia clips_of(const Plan& plan)
{
    stages::ShotMedia material;
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
Timeline fixed_film(Timeline timeline, const FilmOptions& options, const Observer& observer,
                    std::vector<stages::Seam>& seams)
{
    const stages::JoinFixes& fixes = options.join_fixes;
    const bool mend = fixes.dedupe || fixes.match_colour || fixes.smooth;
    if (!options.measure_joins && !mend) {
        return timeline;
    }
    seams = in_context("seams", [&] { return stages::measure_seams(timeline, observer.stop); });
    return mend ? stages::fix_joins(std::move(timeline), seams, fixes) : timeline;
}

Explained explain_film(const Storyboard& board, const FilmOptions& options, const Account& account,
                       const Observer& observer)
{
    Explained film;
    film.plan = plan_film(board, options, account);
    const Timeline timeline =
        fixed_film(stages::assemble(film.plan, clips_of(film.plan)), options, observer, film.seams);
    std::optional<stages::ClipIndexes> indexes;
    for (const stages::OutputSpec& output : outputs_for(board, film.plan, options, account)) {
        const render::Rendition rendition = render::rendition_of(timeline, output.preset);
        const bool copies = copying(options) && stages::copies_footage(output.preset);
        if (copies && !indexes) {
            indexes = stages::index_clips(timeline);
        }
        ExplainedOutput& explained = film.outputs.emplace_back();
        explained.preset = output.preset.name;
        explained.size = rendition.size();
        explained.rate = rendition.rate();
        explained.video = output.preset.video;
        explained.splice = stages::plan_splice(rendition, copies ? *indexes : stages::ClipIndexes(),
                                               stages::copy_terms(output.preset, rendition.rate()));
        explained.whole_because = stages::whole_because(rendition, output.preset);
        if (explained.whole_because.empty()) {
            explained.pieces = stages::cut_into_pieces(explained.splice, rendition, output.preset.video.gop_seconds);
        }
    }
    return film;
}

} // namespace longtake
