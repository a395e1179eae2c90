#include "pipeline/ledger/spending.h"

#include "pipeline/base/error.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <thread>

namespace longtake {
namespace {

constexpr int k_busy_milliseconds = 20'000;
constexpr double k_hair_of_a_cent = 1e-6;
constexpr int k_format = 2;

constexpr const char* k_spending_table = R"sql(
CREATE TABLE IF NOT EXISTS spending (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, day TEXT NOT NULL, amount REAL NOT NULL,
  ledger TEXT NOT NULL DEFAULT '', sent INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS spending_by_day ON spending (account, day);
CREATE INDEX IF NOT EXISTS spending_by_ledger ON spending (ledger);
)sql";

/// What the first format lacked.
constexpr const char* k_spending_from_1 = R"sql(
ALTER TABLE spending ADD COLUMN ledger TEXT NOT NULL DEFAULT '';
ALTER TABLE spending ADD COLUMN sent INTEGER NOT NULL DEFAULT 1;
)sql";

double sum_of_day(SQLite::Database& db, const std::string& account, const std::string& without)
{
    SQLite::Statement row(db, "SELECT COALESCE(SUM(amount), 0) AS amount FROM spending "
                              "WHERE account = ? AND day = date('now') AND id <> ?");
    row.bind(1, account);
    row.bind(2, without);
    row.executeStep();
    return row.getColumn("amount").getDouble();
}

/// The folder for its owner alone where we make it, the file always.
void make_private_spending(const std::filesystem::path& file)
{
    const std::filesystem::path folder = file.parent_path();
    if (std::filesystem::create_directories(folder)) {
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
    }
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor >= 0) {
        ::fchmod(descriptor, 0600);
        ::close(descriptor);
    }
}

} // namespace

struct Spending::Database {
    explicit Database(const std::filesystem::path& file)
        : db(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, k_busy_milliseconds)
    {
        db.exec("PRAGMA synchronous=FULL");
        use_wal();
        SQLite::Transaction change(db, SQLite::TransactionBehavior::IMMEDIATE);
        if (db.tableExists("spending") && db.execAndGet("PRAGMA user_version").getInt() < k_format) {
            db.exec(k_spending_from_1);
        }
        db.exec(k_spending_table);
        db.exec("PRAGMA user_version=" + std::to_string(k_format));
        change.commit();
    }

    /// SQLite does not wait its busy time for the change to WAL (seen on 3.40): several first runs at once would fail.
    void use_wal()
    {
        constexpr int k_tries = 100;
        for (int tries = 1;; ++tries) {
            try {
                db.exec("PRAGMA journal_mode=WAL");
                return;
            } catch (const SQLite::Exception& error) {
                if (error.getErrorCode() != 5 || tries == k_tries) { // SQLITE_BUSY
                    throw;
                }
                std::this_thread::sleep_for(std::chrono::milliseconds(50));
            }
        }
    }

    SQLite::Database db;
};

template <class Work>
auto Spending::guarded(Work&& work)
{
    const std::lock_guard lock(mutex_);
    try {
        return work(database_->db);
    } catch (const SQLite::Exception& error) {
        throw Error(Errc::storage, "spending '" + file_.string() + "': " + error.what());
    }
}

Spending::Spending(const std::filesystem::path& file) : file_(file)
{
    try {
        make_private_spending(file_);
        database_ = std::make_unique<Database>(file_);
    } catch (const std::exception& error) {
        throw Error(Errc::storage, "spending '" + file_.string() + "': " + error.what());
    }
}

Spending::~Spending() = default;

bool Spending::reserve(const std::string& id, const std::string& account, double amount, std::optional<double> cap,
                       const std::string& ledger)
{
    return guarded([&](SQLite::Database& db) {
        // IMMEDIATE: between looking and writing no other process may write.
        SQLite::Transaction change(db, SQLite::TransactionBehavior::IMMEDIATE);
        if (cap && sum_of_day(db, account, id) + amount > *cap + k_hair_of_a_cent) {
            return false;
        }
        SQLite::Statement insert(db, "INSERT OR REPLACE INTO spending (id, account, day, amount, ledger, sent) "
                                     "VALUES (?, ?, date('now'), ?, ?, 0)");
        insert.bind(1, id);
        insert.bind(2, account);
        insert.bind(3, amount);
        insert.bind(4, ledger);
        insert.exec();
        change.commit();
        return true;
    });
}

void Spending::mark_sent(const std::string& id)
{
    guarded([&](SQLite::Database& db) {
        SQLite::Statement update(db, "UPDATE spending SET sent = 1 WHERE id = ?");
        update.bind(1, id);
        update.exec();
    });
}

void Spending::settle(const std::string& id, double amount)
{
    guarded([&](SQLite::Database& db) {
        SQLite::Statement update(db, "UPDATE spending SET amount = ? WHERE id = ?");
        update.bind(1, amount);
        update.bind(2, id);
        update.exec();
    });
}

void Spending::release(const std::string& id)
{
    guarded([&](SQLite::Database& db) {
        SQLite::Statement remove(db, "DELETE FROM spending WHERE id = ?");
        remove.bind(1, id);
        remove.exec();
    });
}

double Spending::today(const std::string& account)
{
    return guarded([&](SQLite::Database& db) { return sum_of_day(db, account, ""); });
}

std::vector<Spending::Reservation> Spending::of(const std::string& ledger)
{
    return guarded([&](SQLite::Database& db) {
        std::vector<Reservation> all;
        SQLite::Statement rows(db, "SELECT id, sent, amount FROM spending WHERE ledger = ?");
        rows.bind(1, ledger);
        while (rows.executeStep()) {
            all.push_back({rows.getColumn("id").getString(), rows.getColumn("sent").getInt() != 0,
                           rows.getColumn("amount").getDouble()});
        }
        return all;
    });
}

} // namespace longtake
