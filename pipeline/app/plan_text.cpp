#include "pipeline/app/plan_text.h"

#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace longtake::app {
namespace {

std::string cost_text(const std::optional<double>& cost)
{
    const bool cents = cost && std::abs(*cost * 100 - std::round(*cost * 100)) < 1e-6;
    return cost ? fmt::format("${:.{}f}", *cost, cents ? 2 : 4) : "unknown";
}

/// The start of a text, not cut inside a UTF-8 sequence.
std::string cut(const std::string& text)
{
    constexpr std::size_t k_longest = 48; // bytes
    std::size_t end = std::min(text.size(), k_longest);
    while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        --end;
    }
    return text.substr(0, end);
}

std::string entrance(const ShotPlan& shot, Rate rate)
{
    if (shot.transition_frames == 0) {
        return "cut";
    }
    return fmt::format("{} {:.2f} s {}", word(shot.transition), rate.seconds(shot.transition_frames),
                       shot.handle > 0 ? "moving"
                       : shot.held     ? "hold"
                                       : "overlap");
}

/// What a take is about, in a few words.
std::string about(const Shot& shot, const PlannedTake& take)
{
    const bool opening = take.kind == PlannedTake::Kind::open;
    if (opening && shot.effect) {
        return "effect " + shot.effect->scene;
    }
    if (opening && !shot.multi_shot.empty()) {
        return fmt::format("{} shots: {}", shot.multi_shot.size(), cut(shot.multi_shot.front().prompt));
    }
    if (take.kind == PlannedTake::Kind::lip_sync && shot.lip_sync && shot.lip_sync->audio) {
        return shot.lip_sync->audio->filename().string();
    }
    return cut(take.prompt);
}

void print_shot(const ShotPlan& shot, const Plan& plan, const Foresight& foresight, Console& console)
{
    const char* kind = shot.kind == ShotPlan::Kind::card ? "card" : shot.kind == ShotPlan::Kind::clip ? "clip" : "";
    console.print(fmt::format("{:<12} {:>8.2f} s {:>6} frames  {:<24} {}", shot.shot.id, plan.rate.seconds(shot.frames),
                              shot.frames, entrance(shot, plan.rate), kind));
    for (const PlannedTake& take : shot.takes) {
        const ForeseenTake* foreseen = foresight.find(shot.shot.id, take.index);
        const std::string state = plan.paid && foreseen != nullptr ? word(foreseen->state) : "";
        console.print(fmt::format("  take {:<2} {:<8} {:>5.1f} s  {:<18} {:>8}  {:<5} {}", take.index, word(take.kind),
                                  take.seconds, shot.model, cost_text(take.cost), state, about(shot.shot, take)));
    }
}

/// What the whole plan costs, and what a run would pay now.
std::string cost_line(const Plan& plan, const Foresight& foresight)
{
    if (!plan.paid) {
        return "cost: nothing, made on this machine";
    }
    std::string whole = fmt::format("cost: {} (prices of {}; an upper bound)", cost_text(plan.cost), plan.priced_on);
    if (foresight.fresh() == foresight.takes.size() && foresight.spent == 0) {
        return whole;
    }
    return whole + fmt::format("; {} of {} takes would be new: {}; paid or reserved so far: {}", foresight.fresh(),
                               foresight.takes.size(), cost_text(foresight.fresh_cost()), cost_text(foresight.spent));
}

/// Who else would be told of the takes.
std::vector<std::string> callback_notes(const Plan& plan)
{
    std::map<std::string, std::vector<std::string>> shots;
    for (const ShotPlan& shot : plan.shots) {
        if (!shot.shot.settings.callback_url.empty() && !shot.takes.empty()) {
            shots[shot.shot.settings.callback_url].push_back(shot.shot.id);
        }
    }
    std::vector<std::string> notes;
    for (const auto& [url, ids] : shots) {
        notes.push_back(
            fmt::format("callback_url: {} will tell {} how the takes of {} go", plan.provider, url, join(ids)));
    }
    return notes;
}

} // namespace

int show_plan(const Plan& plan, const Foresight& foresight, Session& session)
{
    Console& console = session.console;
    console.print(fmt::format("{}: {} at {} fps, {} frames = {}, provider {}", plan.title, plan.size.text(),
                              plan.rate.text(), plan.frames, clock_text(plan.rate.seconds(plan.frames)),
                              plan.provider));
    for (const ShotPlan& shot : plan.shots) {
        print_shot(shot, plan, foresight, console);
    }
    std::vector<std::string> notes = callback_notes(plan);
    notes.insert(notes.begin(), plan.notes.begin(), plan.notes.end());
    for (const std::string& note : notes) {
        console.print("note: " + note);
    }
    console.print(cost_line(plan, foresight));
    console.result({{"takes", takes_json(plan, foresight)},
                    {"cost", cost_json(plan, foresight)},
                    {"size", plan.size},
                    {"fps", plan.rate},
                    {"frames", plan.frames},
                    {"seconds", plan.rate.seconds(plan.frames)},
                    {"notes", notes}});
    return 0;
}

int show_comparison(const stages::Comparison& comparison, Session& session)
{
    Console& console = session.console;
    constexpr const char* k_row = "{:<9} {:<17} {:<4} {:>10} {:>5}  {:<10} {}";
    console.print(fmt::format(k_row, "provider", "model", "mode", "cost", "takes", "size", "without"));
    nlohmann::json offers = nlohmann::json::array();
    for (const stages::Offer& offer : comparison.offers) {
        console.print(fmt::format(k_row, offer.provider, offer.model, offer.mode,
                                  offer.cost ? fmt::format("${:.2f}", *offer.cost) : "unknown", offer.takes,
                                  offer.size.text(), offer.loses.empty() ? "nothing" : join(offer.loses)));
        offers.push_back({{"provider", offer.provider},
                          {"model", offer.model},
                          {"mode", offer.mode},
                          {"cost", offer.cost ? nlohmann::json(*offer.cost) : nlohmann::json()},
                          {"takes", offer.takes},
                          {"size", offer.size},
                          {"loses", offer.loses}});
    }
    nlohmann::json others = nlohmann::json::array();
    for (const stages::NoOffer& other : comparison.others) {
        others.push_back(
            {{"provider", other.provider}, {"model", other.model}, {"mode", other.mode}, {"reason", other.reason}});
    }
    if (!others.empty()) {
        console.print(fmt::format("{} others cannot make it: --json says why", others.size()));
    }
    console.result({{"offers", offers}, {"others", others}});
    return 0;
}

} // namespace longtake::app
