#pragma once

#include "pipeline/model/models.h"
#include "pipeline/model/plan.h"

#include <optional>
#include <string>
#include <vector>

namespace longtake::stages {

/// What one service asks for a whole storyboard, with every shot made by one of its models.
struct Offer {
    std::string provider;
    std::string model;
    std::string mode;
    std::optional<double> cost; ///< USD; empty: some price is not known
    std::size_t takes = 0;
    Size size; ///< of the film
    /// What the storyboard asks for and would not get, or would get otherwise: "sound", "voices", "negative_prompt",
    /// "camera", "extend" (it goes on from last frames), "1080p" (of the storyboard's own model), "retired".
    std::vector<std::string> loses;
};

/// Who cannot make it, whatever is left out, and why.
struct NoOffer {
    std::string provider;
    std::string model;
    std::string mode;
    std::string reason;
};

struct Comparison {
    std::vector<Offer> offers; ///< the cheapest first, unknown prices last; of equals the one that loses least
    std::vector<NoOffer> others;
};

/// Prices the storyboard on every paid provider, model and mode. Pure, as plan().
Comparison compare(const Storyboard& board, const ModelCatalog& catalog, const Inputs& facts);

} // namespace longtake::stages
