#pragma once

#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/sql/live_session.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake {

/// A film that is to be made by whoever is free.
struct QueuedRow {
    std::string batch;
    int number = 0;
    std::string name;
    std::string film_key;  ///< of all that the film depends on
    nlohmann::json board;  ///< all a worker needs to make it
    std::string state{};   ///< "open", "work", "done", "failed"
    std::string worker{};  ///< who has or had it, for people
    std::int64_t since{};  ///< Unix seconds of the ledger's clock: of its state
    int claims = 0;        ///< how often it was begun; innocent rows reach eleven where workers are killed
    int crashes = 0;       ///< processes of its own that it has ended
    std::string outcome{}; ///< "done", or the word of what stands against it
    std::string message{};
    nlohmann::json result{}; ///< what whoever made it says of it; null before
};

/// A batch of rows, and what they have alike.
struct QueuedBatch {
    std::string id;
    std::string name;        ///< for people
    nlohmann::json settings; ///< how its films are made
};

/// The rows of batches in a ledger's database, claimed one by one. A claim lasts as long as the session of whoever has
/// it: the row of a worker that died, or lost the database, is free at once. One object is one session's. Throws
/// Error(storage) where the database cannot be reached; after that, nothing that was claimed is ours.
class RowQueue {
public:
    /// `worker`: what people call this session: "host:pid".
    RowQueue(std::shared_ptr<Database> database, std::string worker);
    RowQueue(const RowQueue&) = delete;
    RowQueue& operator=(const RowQueue&) = delete;

    /// Adds a batch, or changes the settings of the one with that id.
    void add(const QueuedBatch& batch);

    /// Adds rows, open or with an outcome. Of a row that is there already with the same film, what was done stays; one
    /// that failed is opened again where `again` says so of its outcome.
    void add(const std::vector<QueuedRow>& rows, const std::vector<std::string>& again);

    std::optional<QueuedBatch> batch(const std::string& id);
    std::vector<QueuedBatch> batches();

    /// A row to be made, of this batch or (empty) of any: first what a worker that is gone has left, then what is open.
    std::optional<QueuedRow> claim(const std::string& batch);

    /// Whether claim() might find one.
    bool has_work(const std::string& batch);

    /// Whether no row is open or at work.
    bool is_over(const std::string& batch);

    /// Writes down what a claimed row came to. Throws Error(pending) if it is another's by now.
    void finish(const QueuedRow& row);

    /// Gives a claimed row back, to be begun after a pause. Throws as finish() does.
    void give_back(const QueuedRow& row, std::chrono::seconds pause);

    /// A row's own process came to a bad end: the third time the row fails with `message`, else it is open again. False
    /// where that says nothing (yet): the session of whoever has the row lives.
    bool crashed(const std::string& batch, const std::string& name, const std::string& message);

    std::optional<QueuedRow> row(const std::string& batch, const std::string& name);

    /// All of a batch in the order of its table, without their boards.
    std::vector<QueuedRow> rows(const std::string& batch);

    /// How many rows of a batch (empty: of all) are in each state.
    std::map<std::string, std::int64_t> counts(const std::string& batch);

    /// Waits for rows that can be claimed, at most so long.
    void wait(std::chrono::milliseconds longest, std::stop_token stop);

    static constexpr int k_poison = 3; ///< crashes

private:
    std::optional<QueuedRow> claim_left(const std::string& batch);
    std::optional<QueuedRow> claim_open(const std::string& batch);
    void take(QueuedRow& row);
    void drop_parts(const std::string& batch, const std::string& name);
    void write_end(const QueuedRow& row, std::int64_t not_before);

    const std::shared_ptr<Database> database_;
    const std::string worker_;
    LiveSession session_;
};

} // namespace longtake
