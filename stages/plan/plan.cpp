#include "stages/plan/plan.h"

#include "pipeline/base/error.h"
#include "stages/plan/abilities.h"
#include "stages/plan/advice.h"
#include "stages/plan/clip_notes.h"
#include "stages/plan/decided.h"
#include "stages/plan/format.h"
#include "stages/plan/inputs.h"
#include "stages/plan/joins.h"
#include "stages/plan/on_beat.h"
#include "stages/plan/prices.h"
#include "stages/plan/speech.h"
#include "stages/plan/takes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <utility>

namespace longtake::stages {
namespace {

std::string text(double seconds)
{
    return fmt::format("{:.6g}", seconds);
}

[[noreturn]] void refuse(const Shot& shot, const std::string& why, const std::string& remedy)
{
    throw Error(Errc::usage, fmt::format("shot '{}': {}{}", shot.id, why, remedy.empty() ? "" : "; " + remedy));
}

bool can_extend(const ProviderFacts& provider, const Model& model, const std::string& mode)
{
    return model.extend.has_value() && provider.extends(model.name, mode);
}

/// Whether its takes can go on from a last frame: a service may sell a model from text alone.
bool goes_on(const ProviderFacts& provider, const Model& model, const std::string& mode)
{
    const auto leads_there = [&](const Route& route) {
        return route.model == model.name && route.kind == "image" && (route.mode.empty() || route.mode == mode);
    };
    return model.image_to_video &&
           (provider.routes.empty() || std::any_of(provider.routes.begin(), provider.routes.end(), leads_there));
}

/// Plans one generated shot after another.
class Planner {
public:
    Planner(const ModelCatalog& catalog, const ProviderFacts& provider, const Inputs& facts, Plan& plan)
        : catalog_(catalog), provider_(provider), facts_(facts), plan_(plan)
    {
    }

    void check(const ModelChoice& choice)
    {
        if (!provider_.paid) {
            check_rehearsal(choice);
            return;
        }
        if (const auto problem = prompt_problem(choice)) {
            refuse(choice.shot, *problem, "");
        }
        if (const auto why = refusal(choice)) {
            refuse(choice.shot, *why, one_that_can(choice, catalog_));
        }
        if (const auto problem = length_problem(choice, facts_)) {
            refuse(choice.shot, *problem, "");
        }
        note_retirement(choice.model);
    }

    void add_takes(const ModelChoice& choice, ShotPlan& shot)
    {
        const double seconds = wanted_seconds(choice, shot);
        const Pieces pieces = pieces_for(choice, seconds);
        for (const TakePiece& piece : pieces) {
            PlannedTake take;
            take.kind = piece.kind;
            take.index = static_cast<int>(shot.takes.size());
            take.seconds = piece.seconds;
            take.guaranteed = piece.guaranteed;
            take.prompt = prompt_of(choice.shot, shot.takes.size());
            take.cost = take_cost(choice, catalog_, piece, film_seconds(choice, facts_));
            shot.takes.push_back(std::move(take));
        }
        if (!shot.takes.front().cost) {
            note(unknown_take_price(choice));
        }
        shot.takes.back().end_frame = choice.shot.end_image.has_value();
        shot.trimmed = std::max(0.0, sure_seconds(pieces) - seconds);
        note_trimmed(choice, shot, sure_seconds(pieces));
        note_continuation(choice, pieces, seconds);
        if (choice.shot.lip_sync && provider_.paid) {
            add_speech(choice, pieces, shot);
        }
    }

private:
    void note(const std::string& words)
    {
        if (noted_.insert(words).second) {
            plan_.notes.push_back(words);
        }
    }

    void note_retirement(const Model& model)
    {
        if (model.retirement) {
            note(fmt::format("{} was to be retired on {}; {} may refuse it: {} is its successor", model.name,
                             model.retirement->on, provider_.name, model.retirement->successor));
        }
    }

    double cost_of(const ModelChoice& choice, const Pieces& pieces) const
    {
        double sum = 0;
        for (const TakePiece& piece : pieces) {
            sum += take_cost(choice, catalog_, piece, 0).value_or(0);
        }
        return sum;
    }

    /// Why a shot grows as it does, where that was left to us.
    void note_continuation(const ModelChoice& choice, const Pieces& pieces, double seconds)
    {
        if (pieces.size() < 2 || pieces[1].kind != PlannedTake::Kind::extend || !provider_.paid ||
            choice.shot.settings.continuation != Continuation::automatic) {
            return;
        }
        const auto other = chained(choice, seconds);
        const double by_frames = other ? cost_of(choice, *other) : 0;
        const double by_extending = cost_of(choice, pieces);
        const bool priced = other && by_frames > 0 && by_extending > 0;
        note(fmt::format(
            "shot '{}': grows by {}'s extend call, which is smoother than going on from a last frame{}", choice.shot.id,
            choice.model.name,
            !priced ? ""
            : std::abs(by_frames - by_extending) < 1e-9
                ? " and costs the same"
                : fmt::format(" and costs ${:.2f}; continue: last-frame would cost ${:.2f}", by_extending, by_frames)));
    }

    void add_speech(const ModelChoice& choice, const Pieces& pieces, ShotPlan& shot)
    {
        shot.takes.push_back(speech_take(choice, pieces, facts_));
        if (!shot.takes.back().cost) {
            note(unknown_lip_sync_price(provider_));
        }
        for (const std::string& words : speech_notes(choice, facts_)) {
            note(words);
        }
    }

    /// What a named model would refuse is no obstacle to a rehearsal, but worth knowing before paying; and so is what
    /// the rehearsal cannot show.
    void check_rehearsal(const ModelChoice& choice)
    {
        const Shot& shot = choice.shot;
        const bool pictured =
            shot.image || !shot.images.empty() ||
            std::any_of(shot.references.begin(), shot.references.end(),
                        [](const Reference& reference) { return reference.kind == Reference::Kind::picture; });
        if (!pictured) {
            refuse(shot, "local needs a picture", "add an image or choose a paid provider");
        }
        const auto note_for = [&](bool asked, const char* words) {
            if (asked) {
                note(fmt::format("shot '{}': rehearsal only: {}", shot.id, words));
            }
        };
        note_for(shot.effect.has_value(), "local plays no effect, it shows the picture");
        note_for(shot.images.size() > 1, "local shows the first of its images");
        note_for(!shot.references.empty(), "local shows the first picture among its references");
        note_for(!shot.keyframes.empty(), "local passes through no keyframes");
        note_for(!shot.multi_shot.empty(), "local shows one move for all parts of multi_shot");
        note_for(shot.lip_sync.has_value(), "local lays no speech on lips");
        const auto vendor = catalog_.providers.find("kling");
        if (choice.model.name == provider_.default_model || vendor == catalog_.providers.end()) {
            return;
        }
        const ModelChoice paid{shot, vendor->second, choice.model, choice.mode};
        for (const auto& why : {refusal(paid), prompt_problem(paid)}) {
            note_for(why.has_value(), why.value_or("").c_str());
        }
    }

    /// The length takes have to reach. The local renderer gives exactly what it is asked, so it is asked for whole
    /// frames; services give at least a frame more than their slot.
    double wanted_seconds(const ModelChoice& choice, const ShotPlan& shot) const
    {
        const bool exact = choice.model.durations.slots.empty() && choice.model.durations.step <= 0;
        return exact ? std::max(*shot.shot.seconds, plan_.rate.seconds(shot.frames)) : *choice.shot.seconds;
    }

    Pieces pieces_for(const ModelChoice& choice, double seconds)
    {
        const auto opening = [&](double length) { return may_open(choice, length); };
        if (choice.shot.edit) {
            return {{PlannedTake::Kind::open, seconds, seconds}};
        }
        if (choice.shot.end_image) {
            return pieces_to_end_image(choice, seconds);
        }
        if (provider_.paid && (choice.shot.effect || !choice.shot.images.empty() || !choice.shot.references.empty())) {
            return pieces_from_pictures(choice, seconds);
        }
        const Continuation how = choice.shot.settings.continuation;
        if (how != Continuation::last_frame && extends(choice)) {
            const Model::Extend extend = choice.model.extend.value_or(Model::Extend{});
            if (auto pieces = with_extensions(choice.model.durations, extend, seconds, opening)) {
                return *pieces;
            }
            if (how == Continuation::extend) {
                refuse(choice.shot,
                       fmt::format("{} grows to at most {} s by extensions", choice.model.name, text(extend.max_total)),
                       "use continue: last-frame, or split the shot");
            }
        }
        Pieces pieces = chain(choice, seconds);
        if (pieces.size() > 1 && how == Continuation::extend) {
            const bool sounds_on = extends_with_sound(choice);
            const std::string other = sounds_on ? one_that_can(choice, catalog_, can_extend) : "";
            const auto why = provider_.why_not.find("extend");
            refuse(choice.shot,
                   fmt::format("{} cannot extend {}{}{}", provider_.name, choice.model.name,
                               sounds_on ? "" : " with sound",
                               why == provider_.why_not.end() ? "" : ": " + why->second),
                   (other.empty() ? "" : other + ", or ") + "use continue: auto or last-frame");
        }
        return pieces;
    }

    /// An effect is one take, and what was made from several pictures or references goes on from its last frame alone:
    /// the extend call takes films made from a prompt or a picture.
    Pieces pieces_from_pictures(const ModelChoice& choice, double seconds)
    {
        Pieces pieces = chain(choice, seconds);
        if (pieces.size() > 1 && choice.shot.effect) {
            refuse(choice.shot, fmt::format("an effect is one take of {} s", text(pieces.front().seconds)),
                   "make the shot no longer than that");
        }
        if (pieces.size() > 1 && choice.shot.settings.continuation == Continuation::extend) {
            refuse(choice.shot, "a take from several pictures cannot be extended", "use continue: auto or last-frame");
        }
        return pieces;
    }

    /// A rehearsal extends whatever it is asked to; otherwise the surface and the model have to.
    bool extends(const ModelChoice& choice) const
    {
        const bool asked = choice.shot.settings.continuation == Continuation::extend;
        return (can_extend(provider_, choice.model, choice.mode) && extends_with_sound(choice)) ||
               (!provider_.paid && asked);
    }

    /// A shot that sounds is not gone on with in silence: not every route that extends takes sound.
    bool extends_with_sound(const ModelChoice& choice) const
    {
        const Route* route = extend_route(choice);
        return choice.sound() == Sound::silent || choice.model.sound_always || route == nullptr || route->sound;
    }

    const Route* extend_route(const ModelChoice& choice) const
    {
        return provider_.route(choice.model.name, "extend", choice.mode, 0);
    }

    /// Few extensions can aim at a picture: elsewhere only an opening, or a take chained to the last frame, arrives.
    Pieces pieces_to_end_image(const ModelChoice& choice, double seconds)
    {
        const Route* route = extend_route(choice);
        const bool arrives = route != nullptr && !route->end_frame.empty();
        if (arrives && choice.shot.settings.continuation != Continuation::last_frame && extends(choice)) {
            const auto opening = [&](double length) { return may_open(choice, length, length >= seconds); };
            if (auto pieces = with_extensions(choice.model.durations, *choice.model.extend, seconds, opening)) {
                return *pieces;
            }
        }
        Pieces pieces = chain(choice, seconds);
        if (pieces.size() > 1 && choice.shot.settings.continuation == Continuation::extend) {
            refuse(choice.shot, "an extension cannot arrive at an end image",
                   "use continue: auto or last-frame, or a shot of one take");
        }
        return pieces;
    }

    /// Takes that each start from the last frame of the one before; empty if no lengths fit.
    static std::optional<Pieces> chained(const ModelChoice& choice, double seconds)
    {
        const bool arrives = choice.shot.end_image.has_value();
        const auto link = [&](double length) { return may_open(choice, length) && may_link(choice, length); };
        const auto last = [&](double length) {
            return may_open(choice, length, arrives) && (seconds <= length || may_link(choice, length, arrives));
        };
        return with_chain(choice.model.durations, seconds, link, last);
    }

    Pieces chain(const ModelChoice& choice, double seconds)
    {
        const auto pieces = chained(choice, seconds);
        if (!pieces && !goes_on(provider_, choice.model, choice.mode)) {
            const std::string other = one_that_can(choice, catalog_, goes_on);
            refuse(choice.shot,
                   fmt::format("{} s need several takes, and {} cannot go on from a last frame on {}", text(seconds),
                               choice.model.name, provider_.name),
                   (other.empty() ? "" : other + ", or ") + "make it shorter");
        }
        if (!pieces) {
            refuse(
                choice.shot,
                fmt::format("{} in mode {} has no length that fits what the shot asks", choice.model.name, choice.mode),
                one_that_can(choice, catalog_));
        }
        if (pieces->size() > 1 && !choice.model.image_to_video && provider_.paid) {
            refuse(choice.shot,
                   fmt::format("{} s need several takes, and {} cannot go on from a last frame", text(seconds),
                               choice.model.name),
                   "make it shorter");
        }
        if (pieces->size() > 1 && provider_.paid && choice.shot.settings.camera && !moves_from_a_picture(choice)) {
            refuse(choice.shot,
                   fmt::format("{} moves its camera from a prompt alone, and the second take goes on from a picture",
                               choice.model.name),
                   "make it one take");
        }
        return *pieces;
    }

    static bool moves_from_a_picture(const ModelChoice& choice)
    {
        const auto& camera = choice.model.camera;
        return camera && (camera->kinds.empty() ||
                          std::find(camera->kinds.begin(), camera->kinds.end(), "image") != camera->kinds.end());
    }

    static std::string prompt_of(const Shot& shot, std::size_t index)
    {
        if (index == 0 || shot.extend_prompts.empty()) {
            return shot.prompt;
        }
        return shot.extend_prompts[std::min(index, shot.extend_prompts.size()) - 1];
    }

    void note_trimmed(const ModelChoice& choice, const ShotPlan& shot, double footage)
    {
        if (shot.trimmed < plan_.rate.seconds(1)) {
            return;
        }
        note(fmt::format("shot '{}': {} s of footage for {} s: {} s is trimmed", shot.shot.id, text(footage),
                         text(*choice.shot.seconds), text(shot.trimmed)));
        if (choice.shot.end_image) {
            note(fmt::format("shot '{}': the end image would be cut off; {} shows it", shot.shot.id,
                             seconds_that_fit(choice, footage)));
        }
    }

    /// "seconds 10" or "seconds 5 or 10": the lengths next to the wish that end with a take's end.
    static std::string seconds_that_fit(const ModelChoice& choice, double footage)
    {
        for (double shorter = std::floor(*choice.shot.seconds); shorter > 0; shorter -= 1) {
            const auto pieces = chained(choice, shorter);
            if (pieces && sure_seconds(*pieces) <= shorter + 1e-6) {
                return fmt::format("seconds {} or {}", text(shorter), text(footage));
            }
        }
        return "seconds " + text(footage);
    }

    const ModelCatalog& catalog_;
    const ProviderFacts& provider_;
    const Inputs& facts_;
    Plan& plan_;
    std::set<std::string> noted_;
};

/// In, out, left, right: pushes alone look like a machine's. It is the film's row that decides, so that neighbours
/// differ; a shot that is moved may get another, which costs nothing where takes are rendered here. Takes that go on
/// from a last frame can only go further in.
void choose_drifts(Plan& plan)
{
    constexpr std::array k_row{Drift::in, Drift::out, Drift::left, Drift::right};
    std::size_t next = 0;
    for (ShotPlan& shot : plan.shots) {
        if (shot.kind != ShotPlan::Kind::generated || shot.shot.settings.camera) {
            continue;
        }
        const Drift drift = k_row.at(next++ % k_row.size());
        const bool chained = std::any_of(shot.takes.begin(), shot.takes.end(),
                                         [](const PlannedTake& take) { return take.kind == PlannedTake::Kind::chain; });
        shot.drift = chained ? Drift::in : drift;
    }
}

void add_up_cost(Plan& plan)
{
    plan.cost = 0;
    for (const ShotPlan& shot : plan.shots) {
        for (const PlannedTake& take : shot.takes) {
            plan.cost = plan.cost && take.cost ? std::optional(*plan.cost + *take.cost) : std::nullopt;
        }
    }
}

/// Who generates which shot. The castings refer to the storyboard and the catalog.
std::vector<ModelChoice> cast(const Storyboard& board, const ModelCatalog& catalog, const ProviderFacts& provider)
{
    std::vector<ModelChoice> castings;
    for (const Shot& shot : board.shots) {
        if (kind_of(shot) == ShotPlan::Kind::generated) {
            const Model& model = in_context(fmt::format("shot '{}'", shot.id), [&]() -> const Model& {
                return catalog.model(provider.name, shot.settings.model);
            });
            castings.push_back({shot, provider, model, shot.settings.mode});
        }
    }
    return castings;
}

} // namespace

Plan plan(const Storyboard& written, const ModelCatalog& catalog, const Inputs& facts)
{
    const ProviderFacts& provider = catalog.provider(written.provider);
    const Storyboard board = decided(written, catalog, provider, facts);
    const std::vector<ModelChoice> castings = cast(board, catalog, provider);

    Plan plan;
    plan.title = board.title;
    plan.provider = provider.name;
    plan.paid = provider.paid;
    plan.audio = board.audio;
    plan.brand = board.brand;
    plan.overlays = board.overlays;
    plan.captions = board.captions;
    plan.ending = board.ending;
    for (const auto& file : voice_files(board)) {
        plan.voices[file].seconds = facts_of(facts, file).seconds;
    }
    plan.priced_on = catalog.priced_on;
    Planner planner(catalog, provider, facts, plan);
    for (const ModelChoice& choice : castings) {
        planner.check(choice);
    }
    Format format = format_of(board, castings, facts);
    plan.size = format.size;
    plan.rate = format.rate;
    plan.aspect_ratio = format.aspect_ratio;
    plan.notes.insert(plan.notes.end(), format.notes.begin(), format.notes.end());

    for (const Shot& shot : board.shots) {
        plan.shots.emplace_back();
        plan.shots.back().kind = kind_of(shot);
        plan.shots.back().shot = shot;
    }
    lay_out_frames(plan, facts);
    lay_out_transitions(plan);
    put_on_beat(plan, board, facts);
    note_clips(plan, facts);
    auto choice = castings.begin();
    for (ShotPlan& shot : plan.shots) {
        if (shot.kind == ShotPlan::Kind::generated) {
            shot.model = choice->model.name;
            if (shot.shot.image) {
                shot.picture = facts_of(facts, *shot.shot.image).size;
            }
            shot.shot.settings.aspect_ratio = asked_aspect_ratio(*choice, plan.size);
            planner.add_takes(*choice++, shot);
        }
    }
    choose_drifts(plan);
    add_up_cost(plan);
    return plan;
}

} // namespace longtake::stages
