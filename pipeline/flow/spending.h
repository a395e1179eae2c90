#pragma once

#include "pipeline/flow/account.h"
#include "pipeline/flow/options.h"
#include "pipeline/providers/budget.h"
#include "pipeline/providers/generator.h"

namespace longtake {

/// How takes are asked for: the account's limits and times, the film's own working directory.
Generator::Settings generator_settings(const FilmOptions& options, const Account& account, const std::string& provider,
                                       const Observer& observer);

/// What a film may spend, and where it is written down. `plan`, `options` and `foresight` must outlive it.
Budget::Settings budget_settings(const Plan& plan, const FilmOptions& options, const Account& account,
                                 const Provider& provider, const Foresight& foresight);

} // namespace longtake
