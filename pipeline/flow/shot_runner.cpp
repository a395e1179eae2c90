#include "pipeline/flow/shot_runner.h"

#include "pipeline/base/parallel.h"
#include "pipeline/flow/step.h"
#include "stages/extend/extend.h"
#include "stages/generate/generate.h"
#include "stages/generate/speech.h"

#include <fmt/format.h>

namespace longtake {
namespace {

/// "cup", "cup+2"
std::string name_of(const ShotPlan& shot, const PlannedTake& take)
{
    return take.index == 0 ? shot.shot.id : fmt::format("{}+{}", shot.shot.id, take.index);
}

const char* stage_of(const PlannedTake& take)
{
    const bool speech = take.kind == PlannedTake::Kind::lip_sync;
    return take.index == 0 ? "generate" : speech ? "speak" : "extend";
}

/// What a service says of a model that it no longer has may be no more than "not supported".
Error with_successor(const Error& error, const ShotPlan& shot, const ModelCatalog& catalog)
{
    const auto model = catalog.models.find(shot.model);
    if (error.code() != Errc::provider || model == catalog.models.end() || !model->second.retirement) {
        return error;
    }
    const Model::Retirement& retirement = *model->second.retirement;
    return Error(error.code(), fmt::format("{}; {} was to be retired on {}: its successor is {}", error.what(),
                                           shot.model, retirement.on, retirement.successor));
}

} // namespace

void ShotRunner::report(Event::Kind kind, const std::string& stage, const std::string& what, std::int64_t done,
                        std::int64_t total, const std::string& text) const
{
    if (kind == Event::Kind::finished) {
        idle_ = false;
    }
    observer_.tell({kind, stage, what + label_, done, total, text});
}

void ShotRunner::prepare()
{
    for (const ShotPlan& shot : plan_.shots) {
        observer_.wait_while_paused();
        in_context("shot '" + shot.shot.id + "'", [&] {
            if (shot.kind == ShotPlan::Kind::card) {
                media_.cards[shot.shot.id] = stills_.card(shot);
            } else if (lender_ == nullptr) {
                pictures_[shot.shot.id] = stills_.of(shot).value();
            }
        });
    }
    if (plan_.audio.music) {
        media_.music_sha256 = hashes_.of(*plan_.audio.music);
    }
    for (const auto& [file, facts] : plan_.voices) {
        media_.voice_sha256[file] = hashes_.of(file);
    }
}

Clip existing_clip(const ShotPlan& shot, Rate rate, const std::string& sha256)
{
    Footage footage;
    footage.file = *shot.shot.clip;
    footage.sha256 = sha256;
    footage.rate = rate; // the composer conforms it
    footage.first = rate.frames(shot.shot.in);
    footage.frames = shot.frames;
    footage.sound = shot.sound;
    return {shot.shot.id, {footage}};
}

Take ShotRunner::go_on_to(Chain& chain, const ShotPlan& shot, const PlannedTake& take, const Progress& progress)
{
    const ShotSettings& settings = shot.shot.settings;
    const stages::HandoffInput handoff = handoff_input(chain, take, settings, stills_.rules());
    const std::string key = step_key("hand-over", handoff);
    std::optional<stages::FrameHandoff> from;
    const auto known = ledger_.find(key);
    if (known) {
        from = handoff_at_home(known->get<stages::FrameHandoff>(), stills_);
    }
    if (!from) {
        from = in_context("hand-over", [&] { return stages::hand_off_frame(handoff, stills_.folder()); });
        if (from->still) {
            hashes_.keep(from->still->file, from->still->sha256);
        }
        const nlohmann::json counts = ledger_.record(key, "hand-over", nlohmann::json(*from), known);
        from = handoff_at_home(counts.get<stages::FrameHandoff>(), stills_).value_or(*from);
    }
    stages::check_drift(*from, take, settings);

    Take made = stages::extend(chain.last, plan_, shot, take, pictures_[shot.shot.id], *from, generator_, progress,
                               observer_.stop);

    const stages::JoinInput joined = join_input(chain, made.footage, take, settings, *from);
    stages::Join join =
        step<stages::Join>(
            ledger_, "join", joined, [&] { return stages::join(joined); }, [](const stages::Join&) { return true; })
            .result;
    for (const std::string& warning : join.warnings) {
        report(Event::Kind::warning, "extend", name_of(shot, take), 0, 0, warning);
    }
    go_on(chain, made, std::move(join));
    return made;
}

Take ShotRunner::shoot_take(Chain& chain, const ShotPlan& shot, const PlannedTake& take, const Progress& progress)
{
    if (take.kind == PlannedTake::Kind::lip_sync) { // the whole film of the shot again, now speaking
        chain.last =
            stages::speak(chain.last, plan_, shot, take, pictures_[shot.shot.id], generator_, progress, observer_.stop);
        chain.clip.footage = {chain.last.footage};
        return chain.last;
    }
    if (take.index > 0) {
        return go_on_to(chain, shot, take, progress);
    }
    chain.last = stages::generate(plan_, shot, pictures_[shot.shot.id], generator_, progress, observer_.stop);
    chain.clip.footage = {chain.last.footage};
    return chain.last;
}

Clip ShotRunner::generated(const ShotPlan& shot)
{
    const double wanted = plan_.rate.seconds(shot.handle + shot.frames);
    Chain chain{{}, {shot.shot.id, {}}, {}};
    for (const PlannedTake& take : shot.takes) {
        if (!needs(chain, take, wanted)) {
            continue;
        }
        observer_.wait_while_paused();
        const std::string stage = stage_of(take);
        const std::string what = name_of(shot, take);
        const Progress progress = [&](std::int64_t done, std::int64_t total) {
            report(Event::Kind::progress, stage, what, done, total);
        };
        const Take made = in_context(stage, [&] { return shoot_take(chain, shot, take, progress); });
        report(made.reused ? Event::Kind::reused : Event::Kind::finished, stage, what);
        if (!made.reused && made.ref.is_object() && made.ref.value("strangers", false)) {
            report(Event::Kind::note, stage, what, 0, 0,
                   fmt::format("shot '{}': its end image shows another scene, so its middle is a dissolve and no morph",
                               shot.shot.id));
        }
    }
    return chain.clip;
}

void ShotRunner::shoot_shot(const ShotPlan& shot)
{
    if (shot.kind == ShotPlan::Kind::card) {
        return;
    }
    Clip clip = shot.kind == ShotPlan::Kind::clip ? existing_clip(shot, plan_.rate, hashes_.of(*shot.shot.clip))
                : lender_ != nullptr              ? lender_->media().clips.at(shot.shot.id)
                                                  : generated(shot);
    const std::lock_guard lock(mutex_);
    media_.clips[shot.shot.id] = std::move(clip);
}

std::vector<Failure> ShotRunner::shoot()
{
    std::vector<Failure> failures;
    parallel_for(at_once_, plan_.shots.size(), [&](std::size_t i) {
        const ShotPlan& shot = plan_.shots[i];
        try {
            in_context("shot '" + shot.shot.id + "'", [&] { shoot_shot(shot); });
        } catch (const Error& error) {
            const std::lock_guard lock(mutex_);
            failures.push_back({shot.shot.id, with_successor(error, shot, catalog_)});
        } catch (const std::exception& error) {
            const std::lock_guard lock(mutex_);
            failures.push_back({shot.shot.id, Error(Errc::internal, "shot '" + shot.shot.id + "': " + error.what())});
        }
    });
    if (observer_.stopped()) {
        throw Error(Errc::interrupted, "stopped");
    }
    return failures;
}

} // namespace longtake
