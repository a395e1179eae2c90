#include "pipeline/flow/record/recorder.h"

#include "pipeline/av/version.h"
#include "pipeline/base/files.h"
#include "pipeline/base/secrets.h"
#include "pipeline/flow/record/exported_cut.h"
#include "pipeline/interchange/formats.h"

#include <ctime>

namespace longtake {

RunRecorder::RunRecorder(const Storyboard& board, const FilmOptions& options, LiveRun& live)
    : options_(options), live_(live)
{
    record_.version = options.version;
    record_.libraries = av::library_versions();
    record_.vector_instructions = av::vector_instructions();
    record_.command = redact(options.command.empty() ? options.resume_command : options.command);
    record_.title = board.title;
    record_.storyboard = board.file.string();
    record_.started = std::time(nullptr);
}

double RunRecorder::elapsed() const
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count();
}

/// A step lasts from its first word to its end.
void RunRecorder::hear(const Event& event)
{
    const std::lock_guard lock(mutex_);
    const std::pair step(event.stage, event.what);
    switch (event.kind) {
    case Event::Kind::started:
    case Event::Kind::progress: open_.try_emplace(step, elapsed()); break;
    case Event::Kind::finished:
    case Event::Kind::reused: {
        const double now = elapsed();
        const auto began = open_.extract(step);
        const double from = began.empty() ? now : began.mapped();
        record_.steps.push_back({event.stage, event.what, from, now - from, event.kind == Event::Kind::reused});
        break;
    }
    case Event::Kind::note:
    case Event::Kind::warning: break;
    }
}

FilmResult RunRecorder::record_run(const std::function<FilmResult(const Observer&)>& work)
{
    Observer watched = live_.observer();
    watched.listener = [this](const Event& event) {
        hear(event);
        live_.observer().tell(event);
    };
    try {
        FilmResult film = work(watched);
        conclude(film);
        write();
        return film;
    } catch (const Error& error) {
        record_.outcome = word(error.code());
        record_.message = error.what();
        write();
        throw;
    }
}

namespace {

const char* kind_of(const ShotPlan& shot)
{
    switch (shot.kind) {
    case ShotPlan::Kind::clip: return "clip";
    case ShotPlan::Kind::card: return "card";
    case ShotPlan::Kind::generated: break;
    }
    return "generated";
}

/// What a shot shows and says, and what makes it.
nlohmann::json shot_json(const ShotPlan& planned, const Plan& plan)
{
    const Shot& shot = planned.shot;
    nlohmann::json json = {{"id", shot.id},
                           {"title", shot.title},
                           {"kind", kind_of(planned)},
                           {"prompt", shot.prompt},
                           {"seconds", plan.rate.seconds(planned.frames)},
                           {"picture", nullptr}};
    if (planned.kind == ShotPlan::Kind::generated) {
        json["provider"] = plan.provider;
        json["model"] = planned.model;
        json["mode"] = shot.settings.mode;
        json["takes"] = planned.takes.size();
    }
    const auto& picture = shot.image            ? shot.image
                          : shot.images.empty() ? shot.clip
                                                : std::optional(shot.images.front());
    if (picture) {
        json["picture"] = picture->string();
    }
    if (shot.card) {
        std::string text = shot.card->text;
        for (const RoleText& line : shot.card->texts) {
            text += (text.empty() ? "" : " / ") + line.text;
        }
        json["prompt"] = text;
    }
    return json;
}

/// The hash of what a take came out as; empty: nothing came yet.
std::string footage_of(const TakeRecord& take)
{
    const auto found = take.footage.is_object() ? take.footage.find("footage") : take.footage.end();
    return found == take.footage.end() ? "" : found->value("sha256", "");
}

} // namespace

TakeSummary summary_of(const TakeRecord& take)
{
    return {take.name(), take.provider,  take.model, word(take.state), take.seconds, take.estimate, take.charged,
            take.job,    take.rehearsal, {},         footage_of(take)};
}

void RunRecorder::planned(const Plan& plan)
{
    record_.plan = {{"takes", takes_json(plan)}, {"cost", cost_json(plan)}, {"notes", plan.notes}};
    for (const ShotPlan& shot : plan.shots) {
        record_.shots.push_back(shot_json(shot, plan));
        for (const PlannedTake& take : shot.takes) {
            TakeRecord named;
            named.shot = shot.shot.id;
            named.index = take.index;
            prompts_[named.name()] = take.prompt;
        }
    }
    live_.log().put({{"event", "plan"}, {"plan", record_.plan}, {"shots", record_.shots}});
}

void RunRecorder::begin()
{
    if (!options_.ephemeral) {
        live_.open(options_.workdir.root);
    }
}

void RunRecorder::take_stock(const std::vector<TakeRecord>& takes, double spent)
{
    record_.spent = spent;
    for (const TakeRecord& take : takes) {
        record_.takes.push_back(summary_of(take));
        record_.takes.back().prompt = prompts_[take.name()];
    }
}

void RunRecorder::conclude(const FilmResult& film)
{
    record_.outcome = film.failures.empty() ? "done" : "failed";
    for (const Failure& failure : film.failures) {
        record_.failures.push_back({failure.shot, std::string(word(failure.error.code())), failure.error.what()});
    }
    if (!film.seams.empty()) {
        record_.seams = film.seams;
    }
    record_.deliverables = film.deliverables;
}

/// What cannot be written down does not undo what was done.
void RunRecorder::write()
{
    const std::filesystem::path& root = options_.workdir.root;
    if (!std::filesystem::is_directory(root)) {
        return live_.end(record_.outcome, record_.message);
    }
    record_.seconds = elapsed();
    try {
        write_atomic(options_.workdir.record(), nlohmann::json(record_).dump(1));
        if (record_.timeline) {
            write_atomic(root / "timeline.otio", interchange::to_otio(exported_cut(record_, root)).dump(1));
        }
    } catch (const Error& error) {
        live_.observer().tell({Event::Kind::warning, "run", "", 0, 0, error.what()});
    }
    live_.end(record_.outcome, record_.message);
}

} // namespace longtake
