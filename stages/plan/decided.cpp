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

/// Seconds of the way into the shot that are its own, where that overlaps.
double way_into(const Shot& shot, bool first)
{
    const Transition& into = shot.settings.transition;
    const bool overlaps = into.timing == Timing::overlap ||
                          (into.timing == Timing::automatic && shot.clip && !traits_of(into.type).always_holds);
    return !first && overlaps && into.type != TransitionType::cut ? into.seconds : 0;
}

/// As long as its voice, with a breath before and after it, and the way into the shot.
void take_length_of_voice(Shot& shot, double way, const Inputs& facts)
{
    shot.seconds = way + k_before_voice + facts_of(facts, *shot.voice).seconds + k_after_voice;
}

double reading_seconds(const std::vector<RoleText>& texts)
{
    double seconds = 0;
    for (const RoleText& text : texts) {
        seconds += longtake::reading_seconds(text.text);
    }
    return seconds;
}

/// As long as it takes to find its texts and to read them one after the other, and the ways into and out of the shot,
/// where they are not seen. What comes later stays long enough for itself.
void take_length_of_text(Shot& shot, double ways)
{
    constexpr double k_find = 0.8, k_least = 2, k_most = 9; // seconds
    double all = k_find + longtake::reading_seconds(shot.caption);
    if (shot.card) {
        all +=
            longtake::reading_seconds(shot.card->styled() ? "" : shot.card->text) + reading_seconds(shot.card->texts);
    }
    double late = 0;
    for (const OverlayWords& overlay : shot.overlays) {
        const double reading = reading_seconds(overlay.texts);
        all += reading;
        late = std::max(late, overlay.from.value_or(0) + std::min(k_find + reading, k_most));
    }
    shot.seconds = ways + std::max(std::clamp(all, k_least, k_most), late);
}

} // namespace

Storyboard decided(Storyboard board, const ModelCatalog& catalog, const ProviderFacts& provider, const Inputs& facts)
{
    for (std::size_t i = 0; i < board.shots.size(); ++i) {
        Shot& shot = board.shots[i];
        if (shot.as_long_as_voice) {
            take_length_of_voice(shot, way_into(shot, i == 0), facts);
        } else if (shot.as_long_as_text) {
            const bool last = i + 1 == board.shots.size();
            const double way_out = last ? 0 : board.shots[i + 1].settings.transition.seconds;
            take_length_of_text(shot, way_into(shot, i == 0) + way_out);
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
