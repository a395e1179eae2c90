#include "stages/plan/compare.h"

#include "pipeline/base/error.h"
#include "stages/plan/decided.h"
#include "stages/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <tuple>

namespace longtake::stages {
namespace {

/// Something a storyboard can go without: whether a shot asks for it, and how it is left out.
struct Luxury {
    const char* name;
    bool (*asked)(const ShotSettings& settings);
    void (*leave_out)(ShotSettings& settings);
};

constexpr std::array<Luxury, 5> k_luxuries = {{
    {"voices", [](const ShotSettings& s) { return !s.voices.empty(); }, [](ShotSettings& s) { s.voices.clear(); }},
    {"sound", [](const ShotSettings& s) { return s.sound; },
     [](ShotSettings& s) {
         s.sound = false;
         s.voices.clear();
     }},
    {"negative_prompt", [](const ShotSettings& s) { return !s.negative_prompt.empty(); },
     [](ShotSettings& s) { s.negative_prompt.clear(); }},
    {"camera", [](const ShotSettings& s) { return s.camera.has_value(); }, [](ShotSettings& s) { s.camera.reset(); }},
    {"extend", [](const ShotSettings& s) { return s.continuation == Continuation::extend; },
     [](ShotSettings& s) { s.continuation = Continuation::last_frame; }},
}};

bool asks_for(const Storyboard& board, const Luxury& luxury)
{
    return std::any_of(board.shots.begin(), board.shots.end(), [&](const Shot& shot) {
        return kind_of(shot) == ShotPlan::Kind::generated && luxury.asked(shot.settings);
    });
}

/// Every choice of luxuries to leave out, as bits, fewest first.
std::vector<unsigned> choices()
{
    std::vector<unsigned> all;
    for (unsigned bits = 0; bits < 1U << k_luxuries.size(); ++bits) {
        all.push_back(bits);
    }
    std::stable_sort(all.begin(), all.end(),
                     [](unsigned a, unsigned b) { return std::popcount(a) < std::popcount(b); });
    return all;
}

Storyboard cast_as(Storyboard board, const std::string& provider, const std::string& model, const std::string& mode)
{
    board.provider = provider;
    for (Shot& shot : board.shots) {
        shot.settings.model = model;
        shot.settings.mode = mode;
        shot.settings.resolution.clear();
    }
    return board;
}

std::size_t takes_of(const Plan& plan, std::optional<PlannedTake::Kind> kind = std::nullopt)
{
    std::size_t count = 0;
    for (const ShotPlan& shot : plan.shots) {
        count +=
            static_cast<std::size_t>(std::count_if(shot.takes.begin(), shot.takes.end(), [&](const PlannedTake& take) {
                return !kind || take.kind == *kind;
            }));
    }
    return count;
}

int lines_of(const Size& size)
{
    return std::min(size.width, size.height);
}

/// What the storyboard gets by its own words, if its own provider makes it.
std::optional<Plan> as_written(const Storyboard& board, const ModelCatalog& catalog, const Inputs& facts)
{
    try {
        return catalog.provider(board.provider).paid ? std::optional(plan(board, catalog, facts)) : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

class Comparer {
public:
    Comparer(const Storyboard& board, const ModelCatalog& catalog, const Inputs& facts)
        : board_(board), catalog_(catalog), facts_(facts), written_(as_written(board, catalog, facts))
    {
    }

    void add(const ProviderFacts& seller, const Model& model, const std::string& mode)
    {
        const Storyboard board = cast_as(board_, seller.name, model.name, mode);
        std::string reason;
        for (const unsigned left_out : choices()) {
            try {
                if (const auto plain = without(board, left_out)) {
                    const Plan plan = stages::plan(*plain, catalog_, facts_);
                    comparison_.offers.push_back({seller.name, model.name, mode, plan.cost, takes_of(plan), plan.size,
                                                  losses(plan, model, left_out)});
                    return;
                }
            } catch (const Error& error) {
                reason = reason.empty() ? error.what() : reason;
            }
        }
        comparison_.others.push_back({seller.name, model.name, mode, reason});
    }

    Comparison finish()
    {
        const auto rank = [](const Offer& offer) {
            return std::tuple(offer.cost.value_or(std::numeric_limits<double>::infinity()), offer.loses.size(),
                              offer.provider, offer.model, offer.mode);
        };
        std::sort(comparison_.offers.begin(), comparison_.offers.end(),
                  [&](const Offer& a, const Offer& b) { return rank(a) < rank(b); });
        return std::move(comparison_);
    }

private:
    /// Nothing where there is less to leave out than that.
    std::optional<Storyboard> without(Storyboard board, unsigned left_out) const
    {
        for (std::size_t i = 0; i < k_luxuries.size(); ++i) {
            if ((left_out >> i & 1U) == 0) {
                continue;
            }
            if (!asks_for(board, k_luxuries[i])) {
                return std::nullopt;
            }
            for (Shot& shot : board.shots) {
                k_luxuries[i].leave_out(shot.settings);
            }
        }
        return board;
    }

    std::vector<std::string> losses(const Plan& plan, const Model& model, unsigned left_out) const
    {
        std::vector<std::string> lost;
        for (std::size_t i = 0; i < k_luxuries.size(); ++i) {
            if ((left_out >> i & 1U) != 0) {
                lost.emplace_back(k_luxuries[i].name);
            }
        }
        const bool extended = written_ && takes_of(*written_, PlannedTake::Kind::extend) > 0;
        if (extended && takes_of(plan, PlannedTake::Kind::chain) > 0 &&
            std::find(lost.begin(), lost.end(), "extend") == lost.end()) {
            lost.emplace_back("extend");
        }
        if (written_ && !board_.size && lines_of(plan.size) < lines_of(written_->size)) {
            lost.push_back(fmt::format("{}p", lines_of(written_->size)));
        }
        if (model.retirement) {
            lost.emplace_back("retired");
        }
        return lost;
    }

    const Storyboard& board_;
    const ModelCatalog& catalog_;
    const Inputs& facts_;
    const std::optional<Plan> written_;
    Comparison comparison_;
};

} // namespace

Comparison compare(const Storyboard& board, const ModelCatalog& catalog, const Inputs& facts)
{
    Comparer comparer(board, catalog, facts);
    for (const auto& [name, seller] : catalog.providers) {
        for (const auto& [model_name, model] : catalog.models) {
            for (const std::string& mode : model.modes) {
                if (seller.paid && seller.sells(model_name)) {
                    comparer.add(seller, model, mode);
                }
            }
        }
    }
    return comparer.finish();
}

} // namespace longtake::stages
