#include "pipeline/app/plan_text.h"

#include "pipeline/base/text.h"

#include <fmt/format.h>

namespace longtake::app {
namespace {

std::string cost_text(const std::optional<double>& cost)
{
    return cost ? fmt::format("${:.2f}", *cost) : "unknown";
}

std::string entrance(const ShotPlan& shot, Rate rate)
{
    if (shot.transition_frames == 0) {
        return "cut";
    }
    return fmt::format("{} {:.2f} s {}", word(shot.transition), rate.seconds(shot.transition_frames),
                       shot.held ? "hold" : "overlap");
}

void print_shot(const ShotPlan& shot, const Plan& plan, Console& console)
{
    const char* kind = shot.kind == ShotPlan::Kind::card ? "card" : shot.kind == ShotPlan::Kind::clip ? "clip" : "";
    console.print(fmt::format("{:<12} {:>8.2f} s {:>6} frames  {:<24} {}", shot.shot.id, plan.rate.seconds(shot.frames),
                              shot.frames, entrance(shot, plan.rate), kind));
    for (const PlannedTake& take : shot.takes) {
        console.print(fmt::format("  take {:<2} {:<7} {:>5.1f} s  {:<18} {:>8}  {}", take.index, word(take.kind),
                                  take.seconds, shot.model, cost_text(take.cost), take.prompt.substr(0, 48)));
    }
}

} // namespace

int show_plan(const Plan& plan, Session& session)
{
    Console& console = session.console;
    console.print(fmt::format("{}: {} at {} fps, {} frames = {}, provider {}", plan.title, plan.size.text(),
                              plan.rate.text(), plan.frames, clock_text(plan.rate.seconds(plan.frames)),
                              plan.provider));
    for (const ShotPlan& shot : plan.shots) {
        print_shot(shot, plan, console);
    }
    for (const std::string& note : plan.notes) {
        console.print("note: " + note);
    }
    console.print(plan.paid
                      ? fmt::format("cost: {} (prices of {}; an upper bound)", cost_text(plan.cost), plan.priced_on)
                      : "cost: nothing, made on this machine");
    console.result({{"takes", takes_json(plan)},
                    {"cost", cost_json(plan)},
                    {"size", plan.size},
                    {"fps", plan.rate},
                    {"frames", plan.frames},
                    {"seconds", plan.rate.seconds(plan.frames)},
                    {"notes", plan.notes}});
    return 0;
}

} // namespace longtake::app
