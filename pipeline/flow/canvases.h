#pragma once

#include "pipeline/flow/shot_runner.h"
#include "pipeline/flow/stills.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/shot_edit.h"
#include "stages/deliver/output_spec.h"

#include <filesystem>
#include <list>
#include <vector>

namespace longtake {

/// A film on one canvas, and the outputs that show it there.
struct CanvasFilm {
    Plan plan; ///< at the canvas's size
    std::vector<stages::OutputSpec> outputs;
    bool own = false; ///< the canvas the film was planned on
};

/// What the film is composed for: its own canvas, and one more for each shape (aspects within 2 %) that outputs ask for
/// besides, as large as the largest of them. A film's own canvas is left out where no output shows it and nothing is
/// paid for; otherwise it comes first. `native` false: all outputs show the film's own canvas, reframed.
std::vector<CanvasFilm> canvas_films(const Plan& plan, const std::vector<stages::OutputSpec>& outputs, bool native);

/// The shots of a film on each of its canvases. What is paid for is made once, on the film's own canvas, and shown on
/// the others too; pictures, cards and takes that cost nothing are made for each.
class CanvasShots {
public:
    /// What all canvases share; all of it must outlive the shots.
    struct Shared {
        const ProviderFacts& facts;
        const ModelCatalog& catalog;
        Ledger& ledger;
        FileHashes& hashes;
        Generator& generator;
        const Observer& observer;
        std::filesystem::path stills; ///< the folder
        int at_once = 1;              ///< shots worked on at the same time
    };

    CanvasShots(std::vector<CanvasFilm> films, const Shared& shared);

    /// See ShotRunner::prepare().
    void prepare();

    /// See ShotRunner::shoot(); ends with the first canvas that has failures.
    std::vector<Failure> shoot();

    /// The film on a canvas, once every shot is there.
    struct Assembled {
        const CanvasFilm& film;
        Timeline timeline;
    };

    /// The film's own canvas first, if it has one. Throws as stages::assemble().
    std::list<Assembled> assembled() const;

    /// The same of the film cut as somebody wants it. Throws as stages::recut(), too.
    std::list<Assembled> assembled(const std::vector<ShotEdit>& edits) const;

    /// Whether all of it was there already.
    bool idle() const noexcept;

    const Plan& first_plan() const { return films_.front().plan; }
    Stills& first_stills() { return canvases_.front().stills; }

private:
    struct Canvas {
        Canvas(const CanvasFilm& film, const Shared& shared, const ShotRunner* lender);

        const CanvasFilm& film;
        Stills stills;
        ShotRunner shots;
    };

    const std::vector<CanvasFilm> films_;
    std::list<Canvas> canvases_;
};

} // namespace longtake
