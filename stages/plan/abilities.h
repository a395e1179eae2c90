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

    /// "image" or "text": what the opening is made from.
    std::string kind() const { return shot.image ? "image" : "text"; }
};

/// Why this provider and model cannot open the shot; empty if they can. Asks about everything but its length.
std::optional<std::string> refusal(const Casting& casting);

/// Another model or mode of the same provider that can, in words ("kling-v1-6 can in mode pro"): the same model first,
/// then the same mode, then the cheapest. `also` is a further condition. Empty if there is none.
std::string one_that_can(const Casting& casting, const ModelCatalog& catalog,
                         bool (*also)(const ProviderFacts&, const Model&, const std::string& mode) = nullptr);

/// Whether a take of this length may open the shot: camera moves, masks and the provider's routes may bind it.
bool may_open(const Casting& casting, double seconds);

/// Whether a take of this length, made from `kind`, may be the one that arrives at the end image.
bool may_arrive(const Casting& casting, double seconds);

/// Whether a take of this length may continue from a last frame.
bool may_link(const Casting& casting, double seconds);

} // namespace longtake::stages
