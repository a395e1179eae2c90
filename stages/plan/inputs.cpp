#include "stages/plan/inputs.h"

#include "stages/plan/format.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace longtake::stages {
namespace {

using Problem = std::optional<std::string>;

constexpr double k_rounding = 0.05; ///< seconds by which a file may miss a length

int count(const Shot& shot, Reference::Kind kind)
{
    return static_cast<int>(std::count_if(shot.references.begin(), shot.references.end(),
                                          [&](const Reference& reference) { return reference.kind == kind; }));
}

Problem outside(const std::filesystem::path& file, double seconds, double least, double most, const std::string& who)
{
    if (most <= 0 || (seconds >= least - k_rounding && seconds <= most + k_rounding)) {
        return std::nullopt;
    }
    return fmt::format("{} lasts {:.1f} s; {} takes {:.6g} to {:.6g} s: cut it", file.filename().string(), seconds, who,
                       least, most);
}

/// How many of each kind a model takes as references.
int most_of(const Model& model, const Shot& shot, Reference::Kind kind)
{
    if (shot.edit) {
        return kind == Reference::Kind::picture ? model.edit->pictures : 0;
    }
    const Model::References& limits = *model.references;
    const bool with_film = count(shot, Reference::Kind::film) > 0;
    return kind == Reference::Kind::film    ? limits.films
           : kind == Reference::Kind::sound ? limits.sounds
           : with_film                      ? limits.with_film
                                            : limits.pictures;
}

Problem too_many(const ModelChoice& c)
{
    constexpr std::array<std::pair<Reference::Kind, const char*>, 3> k_kinds = {
        {{Reference::Kind::picture, "pictures"}, {Reference::Kind::film, "films"}, {Reference::Kind::sound, "sounds"}}};
    for (const auto& [kind, name] : k_kinds) {
        const int most = most_of(c.model, c.shot, kind);
        if (count(c.shot, kind) > most) {
            return fmt::format("{} takes {} {} as references{}, found {}", c.model.name,
                               most == 0 ? "no" : fmt::format("at most {}", most), name,
                               c.shot.edit ? " beside a film to be changed" : "", count(c.shot, kind));
        }
    }
    const int files = c.shot.edit ? c.model.edit->pictures : c.model.references->files;
    if (static_cast<int>(c.shot.references.size()) > files) {
        return fmt::format("{} takes at most {} references, found {}", c.model.name, files, c.shot.references.size());
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> refuse_references(const ModelChoice& c)
{
    if (c.shot.references.empty()) {
        return std::nullopt;
    }
    if (!c.shot.edit && !c.model.references) {
        return fmt::format("{} takes no references", c.model.name);
    }
    for (const Reference& reference : c.shot.references) {
        const auto& taken = c.provider.references;
        if (std::find(taken.begin(), taken.end(), word(reference.kind)) == taken.end()) {
            return surface_lacks(c, "references", ("takes no " + word(reference.kind) + " as a reference").c_str());
        }
    }
    return c.shot.edit && !c.model.edit ? std::nullopt : too_many(c);
}

std::optional<std::string> refuse_edit(const ModelChoice& c)
{
    if (!c.shot.edit) {
        return std::nullopt;
    }
    if (!c.provider.edit) {
        return surface_lacks(c, "edit", "changes no films");
    }
    return c.model.edit ? std::nullopt : Problem(fmt::format("{} changes no films", c.model.name));
}

std::optional<std::string> refuse_keyframes(const ModelChoice& c)
{
    if (c.shot.keyframes.empty()) {
        return std::nullopt;
    }
    const auto takes_them = [](const Route& route) { return !route.keyframes.empty(); };
    const bool by_route = !c.provider.routes.empty() && has_route(c, c.shot.end_image.has_value(), takes_them);
    if (c.model.keyframes == 0 || !by_route) {
        return fmt::format("{} passes through no keyframes", mode_in_words(c));
    }
    if (static_cast<int>(c.shot.keyframes.size()) > c.model.keyframes) {
        return fmt::format("{} passes through at most {} keyframes, found {}", c.model.name, c.model.keyframes,
                           c.shot.keyframes.size());
    }
    return std::nullopt;
}

std::optional<std::string> length_problem(const ModelChoice& c, const Inputs& facts)
{
    if (c.shot.edit && c.model.edit) {
        const Model::Edit& limits = *c.model.edit;
        if (auto problem = outside(*c.shot.edit, facts_of(facts, *c.shot.edit).seconds, limits.min_seconds,
                                   limits.max_seconds, c.model.name)) {
            return problem;
        }
    }
    for (const Reference& reference : c.shot.references) {
        if (reference.kind == Reference::Kind::picture || !c.model.references) {
            continue;
        }
        const Model::References& limits = *c.model.references;
        if (auto problem = outside(reference.file, facts_of(facts, reference.file).seconds, limits.min_seconds,
                                   limits.max_seconds, c.model.name)) {
            return problem;
        }
    }
    return std::nullopt;
}

double film_seconds(const ModelChoice& c, const Inputs& facts)
{
    double sum = c.shot.edit ? facts_of(facts, *c.shot.edit).seconds : 0;
    for (const Reference& reference : c.shot.references) {
        sum += reference.kind == Reference::Kind::film ? facts_of(facts, reference.file).seconds : 0;
    }
    return sum;
}

} // namespace longtake::stages
