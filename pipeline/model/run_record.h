#pragma once

#include "pipeline/model/deliverable.h"
#include "pipeline/model/timeline.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// One take as a run left it, with its money.
struct TakeSummary {
    std::string name; ///< "cup", "cup+2"
    std::string provider;
    std::string model;
    std::string state; ///< the ledger's word: "done", "ambiguous", ...
    double seconds = 0;
    std::optional<double> estimate; ///< USD, reserved
    std::optional<double> charged;  ///< USD, as the service said
    std::string job;                ///< the service's id
    bool rehearsal = false;         ///< of a sandbox: play money
    std::string prompt{};           ///< what was asked for; empty: not of this run's plan
    std::string footage{};          ///< SHA-256 of the file that came of it; empty: none yet
};

/// One piece of a run's work and how long it took.
struct StepTime {
    std::string stage; ///< "prepare", "generate", "deliver", ...
    std::string what;  ///< shot or preset
    double began = 0;  ///< seconds after the run's start
    double seconds = 0;
    bool reused = false; ///< it was there already
};

/// A shot that could not be made.
struct ShotFailure {
    std::string shot;
    std::string code; ///< Errc's word
    std::string message;
};

/// A whole run of a film (`run.json`, `longtake/run/1`): all that status, reports and other machines read of it. It is
/// written when the run ends, however it ends; the ledger stays what is believed of money.
struct RunRecord {
    std::string version;                ///< of the program
    std::vector<std::string> libraries; ///< those that decode and encode, with their versions
    std::string vector_instructions;    ///< of the processor: others can come to other bits
    std::string command;                ///< does the same again
    std::string title;
    std::string storyboard;   ///< its file; empty: none
    std::int64_t started = 0; ///< Unix seconds
    double seconds = 0;       ///< it took
    std::string outcome;      ///< "done", "failed" (shots), or the Errc's word of what ended it
    std::string message;      ///< of what ended it
    nlohmann::json plan;      ///< {"takes": [...], "cost": {...}, "notes": [...]} as `plan --json` has them; null: none
    nlohmann::json shots = nlohmann::json::array(); ///< as planned: what each shows, says and is made by
    double spent = 0;                               ///< USD reserved and charged by all runs of the film
    std::vector<TakeSummary> takes;
    std::vector<ShotFailure> failures;
    std::optional<Timeline> timeline; ///< once every shot was there
    nlohmann::json seams = nlohmann::json::array();
    std::vector<Deliverable> deliverables;
    nlohmann::json framings = nlohmann::json::array(); ///< windows over footage of another shape, of each canvas
    nlohmann::json sound; ///< how loud one of them is over its time; null: silent, or not measured
    nlohmann::json checks = nlohmann::json::array(); ///< what each was to be, and what its platform says to it
    std::vector<StepTime> steps;                     ///< in the order they ended
};

void to_json(nlohmann::json& json, const RunRecord& record);

/// Throws Error(input) for another format or version.
void from_json(const nlohmann::json& json, RunRecord& record);

/// Reads `run.json`. Throws Error(input) naming the file where it cannot be read.
RunRecord read_run_record(const std::filesystem::path& file);

} // namespace longtake
