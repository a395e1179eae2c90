#pragma once

#include "pipeline/base/error.h"
#include "pipeline/flow/events.h"
#include "pipeline/flow/workdir.h"
#include "pipeline/model/deliverable.h"
#include "pipeline/model/models.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/preset.h"
#include "pipeline/model/storyboard.h"

#include <chrono>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake {

/// How a film is to be made, beside what the storyboard says.
struct FilmSettings {
    Workdir workdir;
    PresetDirs preset_dirs;
    std::vector<std::string> presets;            ///< overrides the storyboard's `deliver`
    std::optional<std::filesystem::path> output; ///< a folder or one media file; empty: the working directory's out/
    bool overwrite = false;
    int jobs = 0;                              ///< shots worked on at once; 0: one per core
    bool consent = false;                      ///< to paid work
    std::optional<double> max_cost;            ///< USD
    std::optional<double> crf;                 ///< overrides the presets'
    std::optional<std::string> encoder_preset; ///< overrides the presets' (libx264)
    std::chrono::milliseconds poll{5000};
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
    std::vector<Failure> failures;
    bool nothing_to_do = false; ///< every file was there already
};

/// Looks at the inputs and plans. Reads headers, writes nothing, needs no network.
Plan plan_film(const Storyboard& board, const PresetDirs& preset_dirs);

/// The main job: storyboard to finished files. Whatever an earlier run finished is not done again.
FilmResult make_film(const Storyboard& board, const FilmSettings& settings);

} // namespace longtake
