#pragma once

#include "pipeline/base/error.h"
#include "pipeline/flow/events.h"
#include "pipeline/flow/workdir.h"
#include "pipeline/model/deliverable.h"
#include "pipeline/model/models.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/preset.h"
#include "pipeline/model/storyboard.h"
#include "stages/assemble/mend.h"
#include "stages/deliver/splice_plan.h"
#include "stages/plan/compare.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake {

/// How a provider is reached and used: configuration and environment over the catalog's facts.
struct Service {
    std::map<std::string, std::string> keys; ///< by environment variable
    std::string base_url;                    ///< empty: the catalog's
    std::string shape;                       ///< newapi: "vanilla", "passthrough"; empty: told by its replies
    std::optional<int> concurrency;
    std::chrono::milliseconds submit_timeout{120'000};
    std::chrono::milliseconds task_timeout{3'600'000};
    std::chrono::milliseconds reconcile{60'000};
    std::optional<double> daily_cap; ///< USD
    nlohmann::json prices;           ///< model -> mode -> USD a second; null: the catalog's
};

/// Tells the catalog what these services have: their own prices, what a pass-through gateway can do besides.
/// Throws Error(usage) for a price or a shape that cannot be.
void set_services(ModelCatalog& catalog, const std::map<std::string, Service>& services);

struct Foresight;

/// How a film is to be made, beside what the storyboard says.
struct FilmSettings {
    Workdir workdir;
    PresetDirs preset_dirs;                      ///< of the delivery presets
    ModelCatalog catalog;                        ///< as `services` have it
    std::vector<std::string> presets;            ///< overrides the storyboard's `deliver`
    std::optional<std::filesystem::path> output; ///< a folder or one media file; empty: the working directory's out/
    bool overwrite = false;
    int jobs = 0;                                               ///< shots worked on at once; 0: one per core
    int shots_at_once = 0;                                      ///< where that is another number; 0: `jobs`
    std::function<bool(const Plan&, const Foresight&)> consent; ///< to paid work; asked at most once
    std::optional<double> max_cost;                             ///< USD, for the whole film and all its runs
    bool copy = true;                          ///< copy footage that is as the film shall be; false: encode everything
    bool passing = false;                      ///< nobody comes back to the working directory
    bool examine = false;                      ///< measure what the eye and the ear meet at the joins
    stages::Mending mending;                   ///< of joins
    bool chapters = false;                     ///< a chapter for each shot
    bool prove_all = false;                    ///< decode copied footage too when checking, besides comparing its bytes
    std::optional<double> crf;                 ///< overrides the presets'
    std::optional<std::string> encoder_preset; ///< overrides the presets' (libx264)
    std::chrono::milliseconds poll{5000};
    std::map<std::string, Service> services;  ///< what configuration and environment say, by provider
    std::filesystem::path spending;           ///< the file all runs count their spending in; empty: nowhere
    std::set<std::string> resubmit;           ///< shots whose lost takes may be paid for again
    std::map<std::string, std::string> adopt; ///< shot -> the task its lost take turned out to be
    std::set<std::string> accept;             ///< shots whose footage is taken though it failed its check
    std::string rehearsal_account = {};       ///< of a sandbox that is gone with the program; empty: none
    std::string again = "longtake run ...";   ///< the command that would go on from here, for messages
    Listener listener;
    std::stop_token stop;
};

/// A shot that could not be made.
struct Failure {
    std::string shot;
    Error error;
};

/// What a run came to. With failures there is no film; everything else is kept for the next run.
struct FilmResult {
    Plan plan;
    std::vector<Deliverable> deliverables; ///< in the order of the presets
    std::vector<stages::Seam> seams;       ///< as found, before mending; empty: not looked at
    std::vector<Failure> failures;
    bool nothing_to_do = false; ///< every take and every file was there already
};

/// Looks at the inputs and plans. Reads headers, writes nothing, needs no network.
Plan plan_film(const Storyboard& board, const ModelCatalog& catalog);

/// The same, with notes on how the cards' texts will stand in the files that are asked for.
/// Throws Error(input) for a text that cannot be made to fit, and as orders_for().
Plan plan_film(const Storyboard& board, const FilmSettings& settings);

/// What every service would ask for the storyboard. Reads headers, writes nothing, needs no network.
stages::Comparison compare_offers(const Storyboard& board, const ModelCatalog& catalog);

/// What a run of this plan would find in its working directory. Reads the ledger alone, writes nothing.
Foresight look_ahead(const Plan& plan, const FilmSettings& settings);

/// How a film of clips alone would be made: which frames are copied, which encoded. Reads the clips, writes nothing.
/// Throws Error(usage) for a film with other shots, whose footage is not there yet.
struct Explained {
    Plan plan;
    stages::SplicePlan splice;
    std::vector<stages::Seam> seams;
};
Explained explain_film(const Storyboard& board, const FilmSettings& settings);

/// The main job: storyboard to finished files. Whatever an earlier run finished is not done again.
FilmResult make_film(const Storyboard& board, const FilmSettings& settings);

} // namespace longtake
