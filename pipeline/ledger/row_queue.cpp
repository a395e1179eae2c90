#include "pipeline/ledger/row_queue.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

namespace longtake {
namespace {

constexpr const char* k_rows_channel = "longtake_rows";

/// In the order in which row_in() reads them.
constexpr const char* k_row_columns = "batch, number, name, film_key, board, state, worker, since, claims, crashes, "
                                      "outcome, message, result";

/// The order of the index, so that one row is read whatever the statistics of the table say.
constexpr const char* k_first = " ORDER BY batch, number LIMIT 1";

nlohmann::json json_or_null(const std::string& text)
{
    return text.empty() ? nlohmann::json() : nlohmann::json::parse(text);
}

QueuedRow row_in(const SqlRow& row)
{
    QueuedRow queued;
    queued.batch = text_of(row[0]);
    queued.number = static_cast<int>(integer_of(row[1]));
    queued.name = text_of(row[2]);
    queued.film_key = text_of(row[3]);
    queued.board = json_or_null(text_of(row[4]));
    queued.state = text_of(row[5]);
    queued.worker = text_of(row[6]);
    queued.since = integer_of(row[7]);
    queued.claims = static_cast<int>(integer_of(row[8]));
    queued.crashes = static_cast<int>(integer_of(row[9]));
    queued.outcome = text_of(row[10]);
    queued.message = text_of(row[11]);
    queued.result = json_or_null(text_of(row[12]));
    return queued;
}

std::string of_batch(const std::string& batch, const char* place)
{
    return batch.empty() ? "" : std::string(" AND batch = ") + place;
}

SqlRow values_of(const std::string& batch)
{
    return batch.empty() ? SqlRow() : SqlRow{batch};
}

} // namespace

RowQueue::RowQueue(std::shared_ptr<Database> database, std::string worker)
    : database_(std::move(database)), worker_(std::move(worker)), session_(database_)
{
}

void RowQueue::add(const QueuedBatch& batch)
{
    database_->run(std::string("INSERT INTO batches (id, name, settings, made) VALUES ($1, $2, $3, ") +
                       database_->dialect().now +
                       ") ON CONFLICT (id) DO UPDATE SET name = excluded.name, settings = excluded.settings",
                   {batch.id, batch.name, batch.settings.dump()});
}

void RowQueue::add(const std::vector<QueuedRow>& rows, const std::vector<std::string>& again)
{
    std::string reopened;
    for (const std::string& outcome : again) {
        reopened += (reopened.empty() ? "'" : ", '") + outcome + "'";
    }
    const std::string changed = "batch_rows.film_key <> excluded.film_key OR (batch_rows.state = 'failed' AND "
                                "batch_rows.outcome IN (" +
                                (reopened.empty() ? "''" : reopened) + "))";
    const std::string insert =
        "INSERT INTO batch_rows (batch, number, name, film_key, board, state, outcome, message) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (batch, name) DO UPDATE SET number = excluded.number, "
        "film_key = excluded.film_key, board = excluded.board, state = excluded.state, outcome = excluded.outcome, "
        "message = excluded.message, crashes = 0, not_before = 0, owner = '' "
        "WHERE batch_rows.state <> 'work' AND (" +
        changed + ")";
    database_->together([&] {
        for (const QueuedRow& row : rows) {
            database_->run(insert, {row.batch, std::int64_t{row.number}, row.name, row.film_key, row.board.dump(),
                                    row.outcome.empty() ? "open" : "failed", row.outcome, row.message});
        }
    });
    database_->notify(k_rows_channel);
}

std::optional<QueuedBatch> RowQueue::batch(const std::string& id)
{
    const SqlResult found = database_->run("SELECT id, name, settings FROM batches WHERE id = $1", {id});
    if (found.rows.empty()) {
        return std::nullopt;
    }
    const SqlRow& row = found.rows[0];
    return QueuedBatch{text_of(row[0]), text_of(row[1]), json_or_null(text_of(row[2]))};
}

std::vector<QueuedBatch> RowQueue::batches()
{
    std::vector<QueuedBatch> all;
    for (const SqlRow& row : database_->run("SELECT id, name, settings FROM batches ORDER BY made, id").rows) {
        all.push_back({text_of(row[0]), text_of(row[1]), json_or_null(text_of(row[2]))});
    }
    return all;
}

/// Makes a row that is locked ours.
void RowQueue::take(QueuedRow& row)
{
    database_->run(std::string("UPDATE batch_rows SET state = 'work', owner = $3, worker = $4, claims = claims + 1, "
                               "since = ") +
                       database_->dialect().now + " WHERE batch = $1 AND name = $2",
                   {row.batch, row.name, session_.name(), worker_});
    row.state = "work";
    row.worker = worker_;
    ++row.claims;
}

std::optional<QueuedRow> RowQueue::claim_open(const std::string& batch)
{
    std::optional<QueuedRow> row;
    database_->together([&] {
        const SqlResult found =
            database_->run(std::string("SELECT ") + k_row_columns +
                               " FROM batch_rows WHERE state = 'open' AND not_before <= " + database_->dialect().now +
                               of_batch(batch, "$1") + k_first + database_->dialect().skip_locked,
                           values_of(batch));
        if (!found.rows.empty()) {
            row = row_in(found.rows[0]);
            take(*row);
        }
    });
    return row;
}

/// What a session that is gone has left. Its row is locked before it is asked for: one that began meanwhile would look
/// gone in a list that was read before.
std::optional<QueuedRow> RowQueue::claim_left(const std::string& batch)
{
    const SqlResult owners = database_->run(
        "SELECT DISTINCT owner FROM batch_rows WHERE state = 'work'" + of_batch(batch, "$1"), values_of(batch));
    for (const SqlRow& owner : owners.rows) {
        if (!session_.is_gone(text_of(owner[0]))) {
            continue;
        }
        std::optional<QueuedRow> row;
        database_->together([&] {
            const SqlResult found = database_->run(std::string("SELECT ") + k_row_columns +
                                                       " FROM batch_rows WHERE state = 'work' AND owner = $1 LIMIT 1" +
                                                       database_->dialect().skip_locked,
                                                   {text_of(owner[0])});
            if (!found.rows.empty()) {
                row = row_in(found.rows[0]);
                take(*row);
            }
        });
        if (row) {
            return row;
        }
    }
    return std::nullopt;
}

std::optional<QueuedRow> RowQueue::claim(const std::string& batch)
{
    session_.need();
    auto row = claim_left(batch);
    return row ? row : claim_open(batch);
}

bool RowQueue::has_work(const std::string& batch)
{
    const SqlResult open =
        database_->run(std::string("SELECT 1 FROM batch_rows WHERE state = 'open' AND not_before <= ") +
                           database_->dialect().now + of_batch(batch, "$1") + k_first,
                       values_of(batch));
    if (!open.rows.empty()) {
        return true;
    }
    const SqlResult owners = database_->run(
        "SELECT DISTINCT owner FROM batch_rows WHERE state = 'work'" + of_batch(batch, "$1"), values_of(batch));
    for (const SqlRow& owner : owners.rows) {
        if (session_.is_gone(text_of(owner[0]))) {
            return true;
        }
    }
    return false;
}

bool RowQueue::is_over(const std::string& batch)
{
    const auto one = [&](const std::string& state) {
        return "SELECT * FROM (SELECT 1 FROM batch_rows WHERE state = '" + state + "'" + of_batch(batch, "$1") +
               k_first + ") AS " + state + "_row";
    };
    // in one look, as rows go from one state to the other and back
    return database_->run(one("open") + " UNION ALL " + one("work"), values_of(batch)).rows.empty();
}

/// Whoever had the row before may have offered some.
void RowQueue::drop_parts(const std::string& batch, const std::string& name)
{
    database_->run("DELETE FROM parts WHERE batch = $1 AND row_name = $2", {batch, name});
}

void RowQueue::write_end(const QueuedRow& row, std::int64_t not_before)
{
    const SqlResult written = database_->run(
        std::string("UPDATE batch_rows SET state = $4, outcome = $5, message = $6, result = $7, not_before = $8, "
                    "owner = '', since = ") +
            database_->dialect().now + " WHERE batch = $1 AND name = $2 AND owner = $3",
        {row.batch, row.name, session_.name(), row.state, row.outcome, row.message,
         row.result.is_null() ? std::string() : row.result.dump(), not_before});
    if (written.changed == 0) {
        throw Error(Errc::pending, fmt::format("row '{}' is another worker's by now", row.name));
    }
    drop_parts(row.batch, row.name);
}

void RowQueue::finish(const QueuedRow& row)
{
    QueuedRow end = row;
    end.state = row.outcome == "done" ? "done" : "failed";
    write_end(end, 0); // nobody is told: every idle worker would look for work that is none
}

void RowQueue::give_back(const QueuedRow& row, std::chrono::seconds pause)
{
    QueuedRow open = row;
    open.state = "open";
    const SqlResult now = database_->run(std::string("SELECT ") + database_->dialect().now);
    write_end(open, integer_of(now.rows.at(0).at(0)) + pause.count());
    database_->notify(k_rows_channel);
}

bool RowQueue::crashed(const std::string& batch, const std::string& name, const std::string& message)
{
    bool counted = false;
    database_->together([&] {
        const SqlResult found = database_->run(std::string("SELECT owner, crashes FROM batch_rows WHERE batch = $1 AND "
                                                           "name = $2 AND state = 'work'") +
                                                   database_->dialect().for_update,
                                               {batch, name});
        if (found.rows.empty() || !session_.is_gone(text_of(found.rows[0][0]))) {
            return;
        }
        counted = true;
        const std::int64_t crashes = integer_of(found.rows[0][1]) + 1;
        const bool poison = crashes >= k_poison;
        database_->run("UPDATE batch_rows SET crashes = $3, state = $4, outcome = $5, message = $6, owner = '' "
                       "WHERE batch = $1 AND name = $2",
                       {batch, name, crashes, poison ? "failed" : "open", poison ? "crashed" : "",
                        poison ? fmt::format("{}, {} times", message, crashes) : message});
        if (poison) {
            drop_parts(batch, name);
        }
    });
    database_->notify(k_rows_channel);
    return counted;
}

std::optional<QueuedRow> RowQueue::row(const std::string& batch, const std::string& name)
{
    const SqlResult found = database_->run(
        std::string("SELECT ") + k_row_columns + " FROM batch_rows WHERE batch = $1 AND name = $2", {batch, name});
    return found.rows.empty() ? std::nullopt : std::optional(row_in(found.rows[0]));
}

std::vector<QueuedRow> RowQueue::rows(const std::string& batch)
{
    std::vector<QueuedRow> all;
    const SqlResult found =
        database_->run("SELECT batch, number, name, film_key, '', state, worker, since, claims, crashes, outcome, "
                       "message, result FROM batch_rows WHERE batch = $1 ORDER BY number, name",
                       {batch});
    for (const SqlRow& row : found.rows) {
        all.push_back(row_in(row));
    }
    return all;
}

std::map<std::string, std::int64_t> RowQueue::counts(const std::string& batch)
{
    std::map<std::string, std::int64_t> counts;
    const SqlResult found = database_->run("SELECT state, count(*) FROM batch_rows WHERE state <> ''" +
                                               of_batch(batch, "$1") + " GROUP BY state",
                                           values_of(batch));
    for (const SqlRow& row : found.rows) {
        counts[text_of(row[0])] = integer_of(row[1]);
    }
    return counts;
}

void RowQueue::wait(std::chrono::milliseconds longest, std::stop_token stop)
{
    database_->wait(k_rows_channel, longest, std::move(stop));
}

} // namespace longtake
