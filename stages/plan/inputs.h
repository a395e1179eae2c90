#pragma once

#include "pipeline/model/plan.h"
#include "stages/plan/abilities.h"

#include <optional>
#include <string>

namespace longtake::stages {

/// Why this provider and model cannot make the shot from its references, the film it changes, or its keyframes; empty
/// if they can, or it has none. See refusal().
std::optional<std::string> refuse_references(const ModelChoice& choice);
std::optional<std::string> refuse_edit(const ModelChoice& choice);
std::optional<std::string> refuse_keyframes(const ModelChoice& choice);

/// What is wrong with the lengths of the films and sounds that go in; empty if nothing.
std::optional<std::string> length_problem(const ModelChoice& choice, const Inputs& facts);

/// Seconds of film that the opening is made from.
double film_seconds(const ModelChoice& choice, const Inputs& facts);

} // namespace longtake::stages
