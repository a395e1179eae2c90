#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace longtake {

/// A value in a database; monostate: NULL.
using SqlValue = std::variant<std::monostate, std::int64_t, double, std::string>;
using SqlRow = std::vector<SqlValue>;

std::string text_of(const SqlValue& value);
std::int64_t integer_of(const SqlValue& value); ///< 0 for NULL
double real_of(const SqlValue& value);          ///< 0 for NULL

/// What a statement came to: its rows, in the order of its columns, and how many it changed.
struct SqlResult {
    std::vector<SqlRow> rows{};
    std::int64_t changed = 0;
};

/// The few words in which databases differ.
struct SqlDialect {
    const char* now;         ///< the database's clock, Unix seconds
    const char* day;         ///< its day (UTC), "2026-11-30"
    const char* for_update;  ///< ends a SELECT of rows that no other transaction may change until this one ends
    const char* skip_locked; ///< the same, of those that no other transaction has
};

/// One session with a database, in which statements are asked that every engine understands: values are $1, $2, ... in
/// the order in which a statement names them. Threads may share it; they take turns. A call that returned has
/// committed, unless together() is around it. Everything throws Error(storage), in which the database is named, where
/// it cannot be reached; a session that was lost stays lost, and with it whatever it had locked.
class Database {
public:
    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    virtual ~Database() = default;

    virtual const SqlDialect& dialect() const noexcept = 0;

    virtual SqlResult run(const std::string& statement, const SqlRow& values = {}) = 0;

    /// All that `work` asks, in one commit or not at all; nothing where it throws, which is thrown on.
    void together(const std::function<void()>& work);

    /// Takes a lock that lasts until unlock(), or the end of the session or its process, whichever comes first and for
    /// whatever reason. False where another session has it. One session must not take it twice.
    virtual bool try_lock(const std::string& name) = 0;
    virtual void unlock(const std::string& name) noexcept = 0;

    /// Tells whoever waits for `channel`, a plain word, that it may look again; after the commit.
    virtual void notify(const std::string& channel) = 0;

    /// Waits until `channel` was told of or so long has passed, as engines without messages always do.
    virtual void wait(const std::string& channel, std::chrono::milliseconds longest, std::stop_token stop) = 0;

    /// What it is, and what stands against keeping money in it: for people.
    struct Examination {
        std::string engine;                  ///< "PostgreSQL 15.18"
        std::vector<std::string> warnings{}; ///< of what may lose what it acknowledged
    };
    virtual Examination examine() = 0;

protected:
    virtual void begin() = 0;
    virtual void commit() = 0;
    virtual void roll_back() noexcept = 0;

    std::recursive_mutex mutex_; ///< held by whoever talks to the database
};

} // namespace longtake
