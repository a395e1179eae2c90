#pragma once

#include "pipeline/ledger/sql/database.h"

#include <memory>
#include <set>
#include <string>

struct pg_conn;

namespace longtake {

/// A session with a PostgreSQL server. Its locks are the server's own (session advisory locks), which it frees when the
/// session ends, so that a session must be a direct one, not a pooler's. Keepalives let both ends notice within 11 s
/// that the other is out of reach; Debian's would after two hours (tcp_keepalives_idle 0: the kernel's).
class PostgresDatabase final : public Database {
public:
    /// Connects as libpq does: a URL, the environment (PGPASSFILE, PGSSLMODE ...), several hosts. Everything is in the
    /// schema `longtake` of the database. Throws Error(storage) where it cannot be reached, Error(usage) for a URL that
    /// cannot be read or a server that may forget what it acknowledged (fsync or full_page_writes off, a standby).
    explicit PostgresDatabase(const std::string& url);
    ~PostgresDatabase() override;

    const SqlDialect& dialect() const noexcept override;
    SqlResult run(const std::string& statement, const SqlRow& values = {}) override;
    bool try_lock(const std::string& name) override;
    void unlock(const std::string& name) noexcept override;
    void notify(const std::string& channel) override;
    void wait(const std::string& channel, std::chrono::milliseconds longest, std::stop_token stop) override;
    Examination examine() override;

    /// Where it is, without a password: "postgresql://user@host:port/name".
    const std::string& name() const noexcept { return name_; }

private:
    struct Answer;
    void begin() override;
    void commit() override;
    void roll_back() noexcept override;
    void connect(const std::string& url);
    void set_up();
    void need_a_keeper();
    std::string setting(const char* name);
    bool heard();

    std::string name_;
    pg_conn* session_ = nullptr;
    std::set<std::string> listening_;
};

/// A URL without its password, to be shown. Throws Error(usage) for one that libpq cannot read.
std::string shown_url(const std::string& url);

} // namespace longtake
