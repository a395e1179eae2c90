#pragma once

#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/ledger/ledger.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace longtake {

/// A step's result, and whether it was read back instead of being done.
template <class Out>
struct Stepped {
    Out result;
    bool reused = false;
};

/// The key of a step: its name and everything its result depends on.
inline std::string step_key(std::string_view name, const nlohmann::json& in)
{
    return sha256_of(std::string(name) + '\n' + in.dump());
}

/// Does one step at most once: the same step on the same input is read back from the ledger, as long as what it made
/// is still there (`intact`). `Out` converts to and from JSON.
template <class Out, class Work, class Intact>
Stepped<Out> step(Ledger& ledger, std::string_view name, const nlohmann::json& in, Work&& work, Intact&& intact)
{
    const std::string key = step_key(name, in);
    const auto known = ledger.find(key);
    if (known) {
        Out out = known->template get<Out>();
        if (intact(out)) {
            return {std::move(out), true};
        }
    }
    Out out = in_context(name, std::forward<Work>(work));
    const nlohmann::json made = out;
    if (const nlohmann::json counts = ledger.record(key, std::string(name), made, known); counts != made) {
        Out first = counts.template get<Out>(); // another was quicker
        if (intact(first)) {
            return {std::move(first), true};
        }
    }
    return {std::move(out), false};
}

} // namespace longtake
