#pragma once

#include "pipeline/ledger/sql/live_session.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// The parts of one queued film that whoever is free may make: offered by who has the film, claimed one by one, and
/// recorded with what was made. A claim lasts as long as the session of whoever has it. They are gone with the end of
/// their row (see RowQueue). Safe to share between threads. Throws Error(storage) where the database cannot be reached.
class FilmParts {
public:
    /// `row`: of a batch, by name. `worker`: what people call this session: "host:pid".
    FilmParts(std::shared_ptr<Database> database, std::string batch, std::string row, std::string worker);

    /// Offers parts by their keys; what is known of one already stays.
    void offer(const std::vector<std::string>& keys);

    /// Whether a part is ours to make from now on: it is offered, or whoever had it is gone.
    bool claim(const std::string& key);

    /// Records what was made of a claimed part, in words of its maker's own. Says nothing of one that is another's by
    /// now.
    void finish(const std::string& key, const std::string& record);

    /// What was recorded of a part; empty: it is not made.
    std::optional<std::string> made(const std::string& key);

    /// Offers a part again that was recorded, and is of no use.
    void reopen(const std::string& key);

private:
    const std::shared_ptr<Database> database_;
    const std::string batch_;
    const std::string row_;
    const std::string worker_;
    std::mutex mutex_; ///< for the session
    LiveSession session_;
};

/// A row whose film has parts that nobody makes yet.
struct RowWithParts {
    std::string batch;
    std::string name;
    std::int64_t parts = 0; ///< open ones
};

/// Rows at work, of this batch or (empty) of any, that have open parts: those with the most first.
std::vector<RowWithParts> rows_with_open_parts(Database& database, const std::string& batch);

} // namespace longtake
