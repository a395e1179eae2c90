#pragma once

#include "pipeline/app/watch/feed.h"
#include "pipeline/app/watch/shelf.h"

#include <nlohmann/json.hpp>

#include <string>

namespace longtake::app {

/// What a page shows before anything is known: no run.
nlohmann::json empty_view(const std::string& folder);

/// Makes the document that viewers see out of a run's events:
///
/// | Member | |
/// |---|---|
/// | `folder` | that is watched |
/// | `kind` | "film", "row" of a batch, "batch" |
/// | `state` | "none", "running", "paused", "waiting" (for approval), "ended", "lost" (killed) |
/// | `run`, `process`, `started` | of this run |
/// | `control` | "own", "batch": whose page steers it |
/// | `ask` | what it waits for, with what it costs |
/// | `items` | what is at work, by "stage what" |
/// | `log` | the last lines |
/// | `record` | the run's record (`longtake/run/1`) as far as it has come |
/// | `rows` | of a batch |
///
/// Events come from a file: what is not as it should be is left out.
class RunView {
public:
    /// `shelf`: gets the films of rows.
    RunView(Feed::Change& change, Shelf& shelf) : change_(change), shelf_(shelf) {}

    /// A line of `events.jsonl`.
    void hear(const std::string& line);

private:
    void begin(const nlohmann::json& event);
    void progress(const nlohmann::json& event);
    void finish(const nlohmann::json& event);
    void end(const nlohmann::json& event);
    void rows(const nlohmann::json& event);
    void row(const nlohmann::json& event);
    void go_on(const std::string& word, const nlohmann::json& event);
    void log(const nlohmann::json& event);

    nlohmann::json films_of_row(std::size_t index, const nlohmann::json& files);

    Feed::Change& change_;
    Shelf& shelf_;
};

} // namespace longtake::app
