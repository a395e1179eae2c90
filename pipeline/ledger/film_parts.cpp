#include "pipeline/ledger/film_parts.h"

#include <utility>

namespace longtake {

FilmParts::FilmParts(std::shared_ptr<Database> database, std::string batch, std::string row, std::string worker)
    : database_(std::move(database)), batch_(std::move(batch)), row_(std::move(row)), worker_(std::move(worker)),
      session_(database_)
{
}

void FilmParts::offer(const std::vector<std::string>& keys)
{
    database_->together([&] {
        for (const std::string& key : keys) {
            database_->run("INSERT INTO parts (batch, row_name, key, state) VALUES ($1, $2, $3, 'open') "
                           "ON CONFLICT (batch, row_name, key) DO NOTHING",
                           {batch_, row_, key});
        }
    });
}

bool FilmParts::claim(const std::string& key)
{
    const std::lock_guard lock(mutex_);
    session_.need();
    const char* const take = "UPDATE parts SET state = 'work', owner = $4, worker = $5 "
                             "WHERE batch = $1 AND row_name = $2 AND key = $3 AND owner = $6 AND state <> 'made'";
    const auto taken_from = [&](const std::string& owner) {
        return database_->run(take, {batch_, row_, key, session_.name(), worker_, owner}).changed > 0;
    };
    if (taken_from("")) {
        return true;
    }
    const SqlResult found = database_->run("SELECT owner FROM parts WHERE batch = $1 AND row_name = $2 AND key = $3 "
                                           "AND state = 'work'",
                                           {batch_, row_, key});
    if (found.rows.empty()) {
        return false;
    }
    const std::string owner = text_of(found.rows[0][0]);
    return owner == session_.name() || (session_.is_gone(owner) && taken_from(owner));
}

void FilmParts::finish(const std::string& key, const std::string& record)
{
    database_->run("UPDATE parts SET state = 'made', record = $5 "
                   "WHERE batch = $1 AND row_name = $2 AND key = $3 AND owner = $4",
                   {batch_, row_, key, session_.name(), record});
}

std::optional<std::string> FilmParts::made(const std::string& key)
{
    const SqlResult found = database_->run("SELECT record FROM parts WHERE batch = $1 AND row_name = $2 AND key = $3 "
                                           "AND state = 'made'",
                                           {batch_, row_, key});
    return found.rows.empty() ? std::nullopt : std::optional(text_of(found.rows[0][0]));
}

void FilmParts::reopen(const std::string& key)
{
    database_->run("UPDATE parts SET state = 'open', owner = '', record = '' "
                   "WHERE batch = $1 AND row_name = $2 AND key = $3 AND state = 'made'",
                   {batch_, row_, key});
}

std::vector<RowWithParts> rows_with_open_parts(Database& database, const std::string& batch)
{
    const SqlResult found =
        database.run("SELECT parts.batch, parts.row_name, count(*) AS parts_open FROM parts JOIN batch_rows ON "
                     "batch_rows.batch = parts.batch AND batch_rows.name = parts.row_name "
                     "WHERE parts.state = 'open' AND batch_rows.state = 'work'" +
                         std::string(batch.empty() ? "" : " AND parts.batch = $1") +
                         " GROUP BY parts.batch, parts.row_name ORDER BY parts_open DESC, parts.batch, parts.row_name",
                     batch.empty() ? SqlRow() : SqlRow{batch});
    std::vector<RowWithParts> rows;
    for (const SqlRow& row : found.rows) {
        rows.push_back({text_of(row[0]), text_of(row[1]), integer_of(row[2])});
    }
    return rows;
}

} // namespace longtake
