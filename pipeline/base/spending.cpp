#include "pipeline/base/spending.h"

#include "pipeline/base/error.h"

#include <SQLiteCpp/SQLiteCpp.h>

namespace longtake {
namespace {

constexpr int k_busy_milliseconds = 20'000;
constexpr double k_hair_of_a_cent = 1e-6;

constexpr const char* k_spending_table = R"sql(
CREATE TABLE IF NOT EXISTS spending (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, day TEXT NOT NULL, amount REAL NOT NULL);
CREATE INDEX IF NOT EXISTS spending_by_day ON spending (account, day);
)sql";

double sum_of_day(SQLite::Database& db, const std::string& account, const std::string& without)
{
    SQLite::Statement row(db, "SELECT COALESCE(SUM(amount), 0) FROM spending "
                              "WHERE account = ? AND day = date('now') AND id <> ?");
    row.bind(1, account);
    row.bind(2, without);
    row.executeStep();
    return row.getColumn(0).getDouble();
}

} // namespace

struct Spending::Database {
    explicit Database(const std::filesystem::path& file)
        : db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, k_busy_milliseconds)
    {
    }
    SQLite::Database db;
};

Spending::Spending(const std::filesystem::path& file)
{
    try {
        std::filesystem::create_directories(file.parent_path());
        database_ = std::make_unique<Database>(file);
        database_->db.exec("PRAGMA journal_mode=WAL");
        database_->db.exec("PRAGMA synchronous=FULL");
        database_->db.exec(k_spending_table);
    } catch (const std::exception& error) {
        throw Error(Errc::internal, "spending '" + file.string() + "': " + error.what());
    }
}

Spending::~Spending() = default;

bool Spending::reserve(const std::string& id, const std::string& account, double amount, std::optional<double> cap)
{
    const std::lock_guard lock(mutex_);
    // IMMEDIATE: between looking and writing no other process may write.
    SQLite::Transaction change(database_->db, SQLite::TransactionBehavior::IMMEDIATE);
    if (cap && sum_of_day(database_->db, account, id) + amount > *cap + k_hair_of_a_cent) {
        return false;
    }
    SQLite::Statement insert(database_->db, "INSERT OR REPLACE INTO spending VALUES (?, ?, date('now'), ?)");
    insert.bind(1, id);
    insert.bind(2, account);
    insert.bind(3, amount);
    insert.exec();
    change.commit();
    return true;
}

void Spending::settle(const std::string& id, double amount)
{
    const std::lock_guard lock(mutex_);
    SQLite::Statement update(database_->db, "UPDATE spending SET amount = ? WHERE id = ?");
    update.bind(1, amount);
    update.bind(2, id);
    update.exec();
}

void Spending::release(const std::string& id)
{
    const std::lock_guard lock(mutex_);
    SQLite::Statement remove(database_->db, "DELETE FROM spending WHERE id = ?");
    remove.bind(1, id);
    remove.exec();
}

double Spending::today(const std::string& account)
{
    const std::lock_guard lock(mutex_);
    return sum_of_day(database_->db, account, "");
}

} // namespace longtake
