#pragma once

#include "pipeline/flow/film.h"
#include "pipeline/flow/live/live_run.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/model/run_record.h"

#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

namespace longtake {

/// A take as a run's record has it, but for what was asked for.
TakeSummary summary_of(const TakeRecord& take);

/// Keeps the record of one run (`run.json`) while it goes on, and writes it when the run has ended.
class RunRecorder {
public:
    /// `live` gets what is going to be made, and the end.
    RunRecorder(const Storyboard& board, const FilmOptions& options, LiveRun& live);

    /// The run has its working directory to itself: others can see there what happens.
    void begin();

    /// Runs `work` with an observer that takes the time of each step, and writes down what came of it. A working
    /// directory that the run did not keep gets no record.
    FilmResult record_run(const std::function<FilmResult(const Observer&)>& work);

    /// What is going to be made.
    void planned(const Plan& plan);

    /// The film's takes as the ledger has them, and what its runs have spent, USD.
    void take_stock(const std::vector<TakeRecord>& takes, double spent);

    RunRecord& record() { return record_; }

private:
    void hear(const Event& event);
    void conclude(const FilmResult& film);
    void write();
    double elapsed() const;

    const FilmOptions& options_;
    LiveRun& live_;
    RunRecord record_;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
    std::mutex mutex_;
    std::map<std::pair<std::string, std::string>, double> open_; ///< stage and what -> seconds it began at
    std::map<std::string, std::string> prompts_;                 ///< by the take's name
};

} // namespace longtake
