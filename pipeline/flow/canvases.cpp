#include "pipeline/flow/canvases.h"

#include "pipeline/flow/outputs.h"
#include "pipeline/model/canvas.h"
#include "stages/assemble/assemble.h"
#include "stages/assemble/recut.h"
#include "stages/plan/format.h"

#include <algorithm>
#include <utility>

namespace longtake {
namespace {

std::int64_t area(Size size)
{
    return std::int64_t{size.width} * size.height;
}

Plan planned_on(Plan plan, Size canvas)
{
    plan.size = canvas;
    plan.aspect_ratio = stages::exact_aspect(canvas);
    return plan;
}

} // namespace

std::vector<CanvasFilm> canvas_films(const Plan& plan, const std::vector<stages::OutputSpec>& outputs, bool native)
{
    if (!native) {
        return {{plan, outputs, true}};
    }
    std::vector<CanvasFilm> films{{plan, {}, true}};
    for (const stages::OutputSpec& output : outputs) {
        if (shows_whole(output.preset, plan.size)) {
            films.front().outputs.push_back(output);
            continue;
        }
        const Size size = canvas_of(output.preset, plan.size).size;
        const auto same = std::find_if(films.begin() + 1, films.end(), [&](const CanvasFilm& film) {
            return shows_whole(output.preset, film.plan.size);
        });
        CanvasFilm& film = same != films.end() ? *same : films.emplace_back(CanvasFilm{planned_on(plan, size), {}});
        film.outputs.push_back(output);
        if (area(size) > area(film.plan.size)) {
            film.plan = planned_on(plan, size);
        }
    }
    if (films.front().outputs.empty() && films.size() > 1 && !plan.paid) {
        films.erase(films.begin());
    }
    return films;
}

CanvasShots::Canvas::Canvas(const CanvasFilm& on, const Shared& shared, const ShotRunner* lender)
    : film(on), stills(on.plan, shared.facts.image, safe_box(on.outputs, on.plan.size), shared.ledger, shared.hashes,
                       shared.stills, Stills::Mode::make, shared.observer.listener),
      shots(on.plan, shared.catalog, stills, shared.ledger, shared.hashes, shared.generator, shared.at_once,
            shared.observer, lender, on.own ? "" : " " + stages::exact_aspect(on.plan.size))
{
}

CanvasShots::CanvasShots(std::vector<CanvasFilm> films, const Shared& shared) : films_(std::move(films))
{
    for (const CanvasFilm& film : films_) {
        const bool lent = film.plan.paid && !film.own;
        canvases_.emplace_back(film, shared, lent ? &canvases_.front().shots : nullptr);
    }
}

void CanvasShots::prepare()
{
    for (Canvas& canvas : canvases_) {
        canvas.shots.prepare();
    }
}

std::vector<Failure> CanvasShots::shoot()
{
    std::vector<Failure> failures;
    for (auto canvas = canvases_.begin(); canvas != canvases_.end() && failures.empty(); ++canvas) {
        failures = canvas->shots.shoot();
    }
    return failures;
}

std::list<CanvasShots::Assembled> CanvasShots::assembled() const
{
    std::list<Assembled> films;
    for (const Canvas& canvas : canvases_) {
        films.push_back({canvas.film, stages::assemble(canvas.film.plan, canvas.shots.media())});
    }
    return films;
}

std::list<CanvasShots::Assembled> CanvasShots::assembled(const std::vector<ShotEdit>& edits) const
{
    std::list<Assembled> films;
    for (const Canvas& canvas : canvases_) {
        const stages::ShotMedia media = canvas.shots.media();
        films.push_back({canvas.film, stages::assemble(stages::recut(canvas.film.plan, media, edits), media)});
    }
    return films;
}

bool CanvasShots::idle() const noexcept
{
    return std::ranges::all_of(canvases_, [](const Canvas& canvas) { return canvas.shots.idle(); });
}

} // namespace longtake
