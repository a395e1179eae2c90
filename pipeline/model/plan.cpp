#include "pipeline/model/plan.h"

#include "pipeline/model/words.h"

#include <cmath>

namespace longtake {
namespace {

/// Dollars to four places, so that 5 x 0.056 reads 0.28; null if the price is unknown.
nlohmann::json dollars(const std::optional<double>& amount)
{
    return amount ? nlohmann::json(std::round(*amount * 1e4) / 1e4) : nlohmann::json(nullptr);
}

constexpr Words<Drift, 6> k_drifts{{{Drift::in, "in"},
                                    {Drift::out, "out"},
                                    {Drift::left, "left"},
                                    {Drift::right, "right"},
                                    {Drift::up, "up"},
                                    {Drift::down, "down"}}};

} // namespace

std::string word(Drift drift)
{
    return name_in(k_drifts, drift);
}

Drift parse_drift(std::string_view text)
{
    return value_in(k_drifts, "drift", text);
}

Drift drift_on(const ShotPlan& shot, Size canvas)
{
    constexpr double k_taller = 0.99; // rounding makes no picture taller
    if (shot.picture.height == 0 || shot.picture.aspect() > k_taller * canvas.aspect()) {
        return shot.drift;
    }
    return shot.drift == Drift::left ? Drift::up : shot.drift == Drift::right ? Drift::down : shot.drift;
}

std::string word(PlannedTake::Kind kind)
{
    switch (kind) {
    case PlannedTake::Kind::open: return "open";
    case PlannedTake::Kind::extend: return "extend";
    case PlannedTake::Kind::chain: return "chain";
    case PlannedTake::Kind::lip_sync: return "lip_sync";
    }
    return {};
}

nlohmann::json takes_json(const Plan& plan)
{
    nlohmann::json takes = nlohmann::json::array();
    for (const ShotPlan& shot : plan.shots) {
        for (const PlannedTake& take : shot.takes) {
            takes.push_back({{"shot", shot.shot.id},
                             {"index", take.index},
                             {"kind", word(take.kind)},
                             {"provider", plan.provider},
                             {"model", shot.model},
                             {"seconds", take.seconds},
                             {"cost", dollars(take.cost)}});
        }
    }
    return takes;
}

nlohmann::json cost_json(const Plan& plan)
{
    return {
        {"amount", dollars(plan.cost)}, {"currency", "USD"}, {"estimated", plan.paid}, {"priced_on", plan.priced_on}};
}

} // namespace longtake
