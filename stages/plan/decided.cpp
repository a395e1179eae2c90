#include "stages/plan/decided.h"

#include "pipeline/base/error.h"
#include "pipeline/model/speech/voice.h"
#include "stages/plan/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace longtake::stages {

ShotPlan::Kind kind_of(const Shot& shot)
{
    return shot.clip ? ShotPlan::Kind::clip : shot.card ? ShotPlan::Kind::card : ShotPlan::Kind::generated;
}

namespace {

/// As long as its voice, with a breath before and after it, and the way into the shot where that overlaps.
void take_length_of_voice(Shot& shot, bool first, const Inputs& facts)
{
    const Transition& into = shot.settings.transition;
    const bool overlaps = into.timing == Timing::overlap ||
                          (into.timing == Timing::automatic && shot.clip && !traits_of(into.type).always_holds);
    const double way = !first && overlaps && into.type != TransitionType::cut ? into.seconds : 0;
    shot.seconds = way + k_before_voice + facts_of(facts, *shot.voice).seconds + k_after_voice;
}

} // namespace

Storyboard decided(Storyboard board, const ModelCatalog& catalog, const ProviderFacts& provider, const Inputs& facts)
{
    for (Shot& shot : board.shots) {
        if (shot.as_long_as_voice) {
            take_length_of_voice(shot, &shot == &board.shots.front(), facts);
        }
        if (kind_of(shot) != ShotPlan::Kind::generated) {
            continue;
        }
        in_context(fmt::format("shot '{}'", shot.id), [&] {
            ShotSettings& settings = shot.settings;
            const Model& model = catalog.model(provider.name, settings.model);
            if (!settings.resolution.empty() && provider.paid) {
                settings.mode = model.mode_of(settings.resolution);
                if (settings.mode.empty()) {
                    throw Error(Errc::usage, fmt::format("{} makes no {}", model.name, settings.resolution));
                }
            }
            if (!shot.edit) {
                return;
            }
            if (!shot.seconds) {
                shot.seconds = facts_of(facts, *shot.edit).seconds;
            }
            if (!provider.paid) {
                shot.clip = std::exchange(shot.edit, std::nullopt);
            }
        });
    }
    return board;
}

std::optional<std::string> asked_aspect_ratio(const ModelChoice& choice, const Size& film)
{
    const ShotSettings& settings = choice.shot.settings;
    if (settings.aspect_ratio || choice.shot.image || choice.shot.edit || !choice.provider.paid) {
        return settings.aspect_ratio;
    }
    const auto& ratios = choice.provider.aspect_ratios(choice.model, choice.kind(), choice.mode);
    const auto distance = [&](const std::string& text) { return std::abs(std::log(ratio_of(text) / film.aspect())); };
    return *std::min_element(ratios.begin(), ratios.end(),
                             [&](const auto& a, const auto& b) { return distance(a) < distance(b); });
}

} // namespace longtake::stages
