#pragma once

#include "pipeline/flow/chain.h"
#include "pipeline/flow/film.h"
#include "pipeline/flow/stills.h"
#include "pipeline/ledger/file_hashes.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/providers/generator.h"
#include "stages/assemble/assemble.h"

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace longtake {

/// A clip shot's footage; `sha256` of its file.
Clip existing_clip(const ShotPlan& shot, Rate rate, const std::string& sha256);

/// Everything between the plan and the timeline: pictures conformed, takes shot, clips and cards made ready.
class ShotRunner {
public:
    /// `at_once`: shots worked on at the same time. `lender`: has the takes of the same shots, made for another canvas,
    /// which are shown here too; null: takes are shot. `label`: of the canvas, for messages.
    ShotRunner(const Plan& plan, const ModelCatalog& catalog, Stills& stills, Ledger& ledger, FileHashes& hashes,
               Generator& generator, int at_once, const Observer& observer, const ShotRunner* lender = nullptr,
               std::string label = {})
        : plan_(plan), catalog_(catalog), stills_(stills), ledger_(ledger), hashes_(hashes), generator_(generator),
          at_once_(at_once), observer_(observer), lender_(lender), label_(std::move(label))
    {
    }

    /// Conforms every picture and draws every card. Cheap, and done for all shots before any take is asked for:
    /// a bad picture costs nothing. Throws Error(input) naming the shot.
    void prepare();

    /// Shoots every shot, several at once. A shot that fails does not stop the others.
    /// Throws Error(interrupted) when stopped.
    std::vector<Failure> shoot();

    const stages::ShotMedia& media() const { return media_; }

    /// Whether all of it was there already.
    bool idle() const noexcept { return idle_ && stills_.idle(); }

private:
    void shoot_shot(const ShotPlan& shot);
    Clip generated(const ShotPlan& shot);
    Take go_on_to(Chain& chain, const ShotPlan& shot, const PlannedTake& take, const Progress& progress);
    Take shoot_take(Chain& chain, const ShotPlan& shot, const PlannedTake& take, const Progress& progress);
    void report(Event::Kind kind, const std::string& stage, const std::string& what, std::int64_t done = 0,
                std::int64_t total = 0, const std::string& text = {}) const;

    const Plan& plan_;
    const ModelCatalog& catalog_;
    Stills& stills_;
    Ledger& ledger_;
    FileHashes& hashes_;
    Generator& generator_;
    int at_once_;
    const Observer& observer_;
    const ShotRunner* lender_;
    const std::string label_;
    mutable std::atomic<bool> idle_ = true;
    std::mutex mutex_;
    std::map<std::string, ShotStills> pictures_; ///< by shot
    stages::ShotMedia media_;
};

} // namespace longtake
