#include "pipeline/flow/preview/previewed.h"

#include "pipeline/flow/canvases.h"
#include "pipeline/flow/outputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

namespace longtake::preview {
namespace {

Size reduced(Size size, int short_side)
{
    const double scale = static_cast<double>(short_side) / std::min(size.width, size.height);
    const auto even = [&](int side) { return std::max(16, static_cast<int>(std::lround(side * scale / 2)) * 2); };
    return {even(size.width), even(size.height)};
}

} // namespace

Previewed previewed(const Storyboard& board, const Plan& plan, const FilmOptions& options, const Account& account,
                    const Observer& observer, int short_side)
{
    const std::unique_ptr<Ledger> ledger = open_ledger(options.workdir.ledger(), Durability::ephemeral);
    FileHashes hashes(options.workdir.ledger(), Durability::ephemeral);
    CanvasFilm film = canvas_films(plan, outputs_for(board, plan, options, account), options.native).front();
    Previewed made{film.plan, {}, safe_box(film.outputs, film.plan.size)};
    made.plan.size = reduced(made.plan.size, short_side);
    Stills stills(made.plan, account.catalog.provider(plan.provider).image, made.safe, *ledger, hashes,
                  options.workdir.stills(), Stills::Mode::make);
    std::set<std::size_t> all;
    for (std::size_t i = 0; i < plan.shots.size(); ++i) {
        all.insert(i);
    }
    look::StandInMaker maker(made.plan, stills, hashes, *ledger, observer, options.workdir.scratch());
    made.timeline = maker.make(all).timeline;
    return made;
}

std::string facts_of(const ShotPlan& shot, Rate rate)
{
    std::string text = fmt::format("{}  {:.1f} s", shot.shot.id, rate.seconds(shot.frames));
    if (shot.kind != ShotPlan::Kind::generated) {
        return text;
    }
    text += "  " + shot.model + (shot.shot.settings.mode == "std" ? "" : " " + shot.shot.settings.mode);
    double cost = 0;
    for (const PlannedTake& take : shot.takes) {
        if (!take.cost) {
            return text + "  price unknown";
        }
        cost += *take.cost;
    }
    return cost > 0 ? text + fmt::format("  ${:.2f}", cost) : text;
}

std::string words_of(const ShotPlan& shot)
{
    if (!shot.shot.card) {
        return shot.shot.prompt;
    }
    std::string text = shot.shot.card->text;
    for (const RoleText& line : shot.shot.card->texts) {
        text += (text.empty() ? "" : " / ") + line.text;
    }
    return text;
}

} // namespace longtake::preview
