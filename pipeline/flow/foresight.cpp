#include "pipeline/flow/foresight.h"

#include "pipeline/flow/chain.h"
#include "pipeline/flow/step.h"
#include "stages/generate/speech.h"

#include <algorithm>
#include <cmath>

namespace longtake {
namespace {

using State = ForeseenTake::State;

/// What becomes of a take that the ledger has a record of.
State state_of(const TakeRecord& record, bool home, const Decisions& decisions)
{
    if (home) {
        return State::have;
    }
    if (decisions.resubmit.contains(record.fingerprint)) {
        return State::fresh;
    }
    switch (record.state) {
    case TakeState::done: // its file is fetched again
    case TakeState::submitted: return State::have;
    case TakeState::intent:
    case TakeState::ambiguous: return State::stuck;
    case TakeState::refused: return record.owed() ? State::stuck : State::fresh;
    case TakeState::waiting: break;
    }
    return State::fresh;
}

/// Walks one shot's takes as a run would, as far as the ledger leads.
class ShotForesight {
public:
    ShotForesight(const Plan& plan, const ShotPlan& shot, Stills& stills, Ledger& ledger, const Generator& generator,
                  const Decisions& decisions)
        : plan_(plan), shot_(shot), stills_(stills), ledger_(ledger), generator_(generator),
          decisions_(decisions), chain_{{}, {shot.shot.id, {}}, {}}
    {
    }

    std::vector<ForeseenTake> walk()
    {
        const auto pictures = stills_.of(shot_);
        bool known = pictures.has_value();
        std::vector<ForeseenTake> takes;
        for (const PlannedTake& take : shot_.takes) {
            ForeseenTake& foreseen = takes.emplace_back();
            foreseen.shot = shot_.shot.id;
            foreseen.index = take.index;
            foreseen.cost = take.cost;
            if (!known) {
                continue;
            }
            if (!needs(chain_, take, plan_.rate.seconds(shot_.handle + shot_.frames))) {
                foreseen.state = State::unneeded;
                continue;
            }
            known = look_at(take, *pictures, foreseen);
        }
        return takes;
    }

private:
    /// Whether what comes after it can be told.
    bool look_at(const PlannedTake& take, const ShotStills& pictures, ForeseenTake& foreseen)
    {
        std::optional<stages::FrameHandoff> from;
        const bool speech = take.kind == PlannedTake::Kind::lip_sync;
        if (take.index > 0 && !speech) {
            from = recalled_hand_over(take);
            if (!from) {
                return false;
            }
        }
        foreseen.fingerprint = generator_.fingerprint(request(take, pictures, from));
        foreseen.record = ledger_.take(foreseen.fingerprint);
        if (!foreseen.record) {
            return false;
        }
        const auto home = generator_.home(*foreseen.record);
        foreseen.home = home.has_value();
        foreseen.state = state_of(*foreseen.record, home.has_value(), decisions_);
        return home && add(take, *home, from);
    }

    std::optional<stages::FrameHandoff> recalled_hand_over(const PlannedTake& take)
    {
        const auto known =
            ledger_.find(step_key("hand-over", handoff_input(chain_, take, shot_.shot.settings, stills_.rules())));
        return known ? handoff_at_home(known->get<stages::FrameHandoff>(), stills_) : std::nullopt;
    }

    TakeRequest request(const PlannedTake& take, const ShotStills& pictures,
                        const std::optional<stages::FrameHandoff>& from) const
    {
        if (take.kind == PlannedTake::Kind::lip_sync) {
            return stages::speech_request(chain_.last, plan_, shot_, take, pictures);
        }
        return from ? stages::extension_request(chain_.last, plan_, shot_, take, pictures, *from)
                    : request_for(plan_, shot_, pictures, take);
    }

    bool add(const PlannedTake& take, const Take& made, const std::optional<stages::FrameHandoff>& from)
    {
        if (!from) {
            chain_.last = made;
            chain_.clip.footage = {made.footage};
            return true;
        }
        const auto known =
            ledger_.find(step_key("join", join_input(chain_, made.footage, take, shot_.shot.settings, *from)));
        if (known) {
            go_on(chain_, made, known->get<stages::Join>());
        }
        return known.has_value();
    }

    const Plan& plan_;
    const ShotPlan& shot_;
    Stills& stills_;
    Ledger& ledger_;
    const Generator& generator_;
    const Decisions& decisions_;
    Chain chain_;
};

nlohmann::json dollars(const std::optional<double>& amount)
{
    return amount ? nlohmann::json(std::round(*amount * 1e4) / 1e4) : nlohmann::json(nullptr);
}

} // namespace

std::size_t Foresight::fresh() const
{
    return static_cast<std::size_t>(
        std::count_if(takes.begin(), takes.end(), [](const auto& take) { return take.state == State::fresh; }));
}

std::optional<double> Foresight::fresh_cost() const
{
    double sum = 0;
    for (const ForeseenTake& take : takes) {
        if (take.state == State::fresh && !take.cost) {
            return std::nullopt;
        }
        sum += take.state == State::fresh ? *take.cost : 0;
    }
    return sum;
}

const ForeseenTake* Foresight::find(const std::string& shot, int index) const
{
    const auto found = std::find_if(takes.begin(), takes.end(),
                                    [&](const ForeseenTake& take) { return take.shot == shot && take.index == index; });
    return found == takes.end() ? nullptr : &*found;
}

bool Foresight::has(const std::string& fingerprint) const
{
    return std::any_of(takes.begin(), takes.end(),
                       [&](const ForeseenTake& take) { return take.fingerprint == fingerprint; });
}

std::vector<TakeRecord> Foresight::records() const
{
    std::vector<TakeRecord> known;
    for (const ForeseenTake& take : takes) {
        if (take.record) {
            known.push_back(*take.record);
        }
    }
    return known;
}

std::string word(ForeseenTake::State state)
{
    switch (state) {
    case State::fresh: return "new";
    case State::have: return "have";
    case State::stuck: return "stuck";
    case State::unneeded: return "not needed";
    }
    return {};
}

Foresight nothing_there(const Plan& plan)
{
    Foresight foresight;
    for (const ShotPlan& shot : plan.shots) {
        for (const PlannedTake& take : shot.takes) {
            ForeseenTake& foreseen = foresight.takes.emplace_back();
            foreseen.shot = shot.shot.id;
            foreseen.index = take.index;
            foreseen.cost = take.cost;
        }
    }
    return foresight;
}

Foresight foresee(const Plan& plan, Stills& stills, Ledger& ledger, const Generator& generator,
                  const Decisions& decisions)
{
    Foresight foresight;
    for (const ShotPlan& shot : plan.shots) {
        if (shot.kind == ShotPlan::Kind::generated) {
            auto takes = ShotForesight(plan, shot, stills, ledger, generator, decisions).walk();
            std::move(takes.begin(), takes.end(), std::back_inserter(foresight.takes));
        }
    }
    foresight.spent = ledger.spent(generator.rehearses());
    return foresight;
}

nlohmann::json takes_json(const Plan& plan, const Foresight& foresight)
{
    nlohmann::json takes = takes_json(plan);
    for (nlohmann::json& take : takes) {
        const ForeseenTake* foreseen = foresight.find(take["shot"], take["index"]);
        take["state"] = word(foreseen == nullptr ? State::fresh : foreseen->state);
        if (foreseen != nullptr && foreseen->record) {
            take["ledger"] = word(foreseen->record->state);
        }
    }
    return takes;
}

nlohmann::json cost_json(const Plan& plan, const Foresight& foresight)
{
    nlohmann::json cost = cost_json(plan);
    cost["new"] = dollars(foresight.fresh_cost());
    cost["spent"] = dollars(foresight.spent);
    return cost;
}

} // namespace longtake
