#pragma once

#include "pipeline/model/models.h"
#include "pipeline/model/storyboard.h"

#include <optional>
#include <string>

namespace longtake::stages {

/// A shot to be generated, and by what.
struct Casting {
    const Shot& shot;
    const ProviderFacts& provider;
    const Model& model;
    std::string mode;

    /// What the opening is made from: "image", "text", "multi" (reference pictures) or "effect".
    std::string kind() const
    {
        return shot.effect ? "effect" : !shot.images.empty() ? "multi" : shot.image ? "image" : "text";
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
std::optional<std::string> refusal(const Casting& casting);

/// What is wrong with the shot's prompts, and the remedy; empty if nothing.
std::optional<std::string> prompt_problem(const Casting& casting);

/// Whether a take of this length may open the shot: camera moves, masks and the provider's routes may bind it.
bool may_open(const Casting& casting, double seconds);

/// Whether a take of this length, made from `kind`, may be the one that arrives at the end image.
bool may_arrive(const Casting& casting, double seconds);

/// Whether a take of this length may continue from a last frame.
bool may_link(const Casting& casting, double seconds);

} // namespace longtake::stages
