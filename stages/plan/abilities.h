#pragma once

#include "pipeline/model/models.h"
#include "pipeline/model/storyboard.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

namespace longtake::stages {

/// A shot to be generated, and by what.
struct ModelChoice {
    const Shot& shot;
    const ProviderFacts& provider;
    const Model& model;
    std::string mode;

    /// What the opening is made from: "image", "text", "multi" (pictures of one subject), "reference" (files named in
    /// the prompt), "edit" (a film) or "effect".
    std::string kind() const
    {
        return shot.effect                ? "effect"
               : shot.edit                ? "edit"
               : !shot.references.empty() ? "reference"
               : !shot.images.empty()     ? "multi"
               : shot.image               ? "image"
                                          : "text";
    }

    /// Whether the opening is made from a film, which has a price of its own.
    bool from_film() const
    {
        return shot.edit || std::any_of(shot.references.begin(), shot.references.end(), [](const Reference& reference) {
                   return reference.kind == Reference::Kind::film;
               });
    }

    /// What it shall be heard to do.
    Sound sound() const
    {
        const ShotSettings& settings = shot.settings;
        return !settings.voices.empty() ? Sound::voices : settings.sound ? Sound::on : Sound::silent;
    }
};

/// Why this provider and model cannot open the shot; empty if they can. Asks about everything but its length and its
/// prompts.
std::optional<std::string> refusal(const ModelChoice& choice);

/// What is wrong with the shot's prompts, and the remedy; empty if nothing.
std::optional<std::string> prompt_problem(const ModelChoice& choice);

/// "kling-v2-6 in mode pro"; without the mode where there is one only.
std::string mode_in_words(const ModelChoice& choice);

/// "newapi plays no effects: only some operators have that call", by the provider's `why_not`.
std::string surface_lacks(const ModelChoice& choice, const char* feature, const char* what);

/// Whether some route of a provider that has routes leads there, at whatever length, and `takes` what is asked of it;
/// true for those that need none.
bool has_route(
    const ModelChoice& choice, bool with_end_frame,
    const std::function<bool(const Route&)>& takes = [](const Route&) { return true; });

/// Whether a take of this length may open the shot, and whether it may arrive at its end image as well: camera moves,
/// masks, the model's lengths and the provider's routes may bind it.
bool may_open(const ModelChoice& choice, double seconds, bool arrives = false);

/// Whether a take of this length may continue from a last frame.
bool may_link(const ModelChoice& choice, double seconds, bool arrives = false);

} // namespace longtake::stages
