#pragma once

#include "pipeline/base/ledger.h"
#include "pipeline/flow/film.h"
#include "pipeline/providers/camera.h"
#include "stages/assemble/assemble.h"
#include "stages/prepare/card.h"

#include <atomic>
#include <map>
#include <mutex>

namespace longtake {

/// A clip shot's footage; `sha256` of its file.
Clip existing_clip(const ShotPlan& shot, Rate rate, const std::string& sha256);

/// Everything between the plan and the timeline: pictures conformed, takes shot, clips and cards made ready.
class Shooting {
public:
    Shooting(const Plan& plan, ImageRules rules, stages::TextBox text_box, Ledger& ledger, Camera& camera,
             const FilmSettings& settings)
        : plan_(plan), rules_(std::move(rules)), text_box_(text_box), ledger_(ledger), camera_(camera),
          settings_(settings)
    {
    }

    /// Conforms every picture and draws every card. Cheap, and done for all shots before any take is asked for:
    /// a bad picture costs nothing. Throws Error(input) naming the shot.
    void prepare();

    /// Shoots every shot, several at once. A shot that fails does not stop the others.
    /// Throws Error(interrupted) when stopped.
    std::vector<Failure> shoot();

    const stages::Material& material() const { return material_; }

    /// Whether all of it was there already.
    bool idle() const noexcept { return idle_; }

private:
    /// frame: one of the film's own; reference: what a take shall contain, in whatever aspect; mask: regions of a
    /// frame.
    enum class Use { frame, end_frame, reference, mask };

    /// One shot's takes as far as they matter for the next, and what is shown of them.
    struct Chain {
        Take last;
        Clip clip;
        Grade drifted; ///< from the end of the first take to the end of the last
    };

    void prepare_shot(const ShotPlan& shot);
    Still still_of(const ShotPlan& shot, const std::filesystem::path& picture, Use use,
                   const std::optional<Size>& like = std::nullopt);
    void shoot_shot(const ShotPlan& shot);
    Clip generated(const ShotPlan& shot);
    Take go_on(Chain& chain, const ShotPlan& shot, const PlannedTake& take, const Progress& progress);
    void report(Event::Kind kind, const std::string& stage, const std::string& what, std::int64_t done = 0,
                std::int64_t total = 0, const std::string& text = {}) const;

    const Plan& plan_;
    ImageRules rules_;
    stages::TextBox text_box_;
    Ledger& ledger_;
    Camera& camera_;
    const FilmSettings& settings_;
    mutable std::atomic<bool> idle_ = true;
    std::mutex mutex_;
    std::map<std::string, ShotStills> stills_;
    stages::Material material_;
};

} // namespace longtake
