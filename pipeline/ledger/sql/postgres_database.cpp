#include "pipeline/ledger/sql/postgres_database.h"

#include "pipeline/base/error.h"
#include "pipeline/ledger/sql/libpq.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <map>

namespace longtake {
namespace {

constexpr SqlDialect k_postgres = {"CAST(floor(extract(epoch FROM clock_timestamp())) AS BIGINT)",
                                   "to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD')", " FOR UPDATE",
                                   " FOR UPDATE SKIP LOCKED"};

/// Numbers of types (catalog/pg_type.dat of PostgreSQL).
enum : Oid { k_bool = 16, k_int8 = 20, k_int2 = 21, k_int4 = 23, k_float4 = 700, k_float8 = 701, k_numeric = 1700 };

SqlValue value_of(const std::string& text, Oid type)
{
    switch (type) {
    case k_bool: return std::int64_t{text == "t"};
    case k_int8:
    case k_int2:
    case k_int4: {
        std::int64_t value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }
    case k_float4:
    case k_float8:
    case k_numeric: {
        double value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        return value;
    }
    default: return text;
    }
}

std::string text_for(const SqlValue& value)
{
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*integer);
    }
    if (const auto* real = std::get_if<double>(&value)) {
        return fmt::format("{}", *real); // the shortest text that reads back as the same
    }
    return text_of(value);
}

/// The options of a URL as libpq reads them.
std::map<std::string, std::string> options_of(const std::string& url)
{
    char* trouble = nullptr;
    PQconninfoOption* const options = libpq().parse(url.c_str(), &trouble);
    if (options == nullptr) {
        const std::string why = trouble != nullptr ? trouble : "out of memory\n";
        libpq().free_memory(trouble);
        throw Error(Errc::usage, "--ledger: " + why.substr(0, why.find('\n')) +
                                     "; it takes a file, or postgresql://user@host/database");
    }
    std::map<std::string, std::string> all;
    for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            all[option->keyword] = option->val;
        }
    }
    libpq().free_options(options);
    return all;
}

} // namespace

std::string shown_url(const std::string& url)
{
    auto options = options_of(url);
    const std::string user = options.contains("user") ? options["user"] + "@" : "";
    const std::string port = options.contains("port") ? ":" + options["port"] : "";
    return fmt::format("postgresql://{}{}{}/{}", user, options["host"], port, options["dbname"]);
}

/// A result that is cleared.
struct PostgresDatabase::Answer {
    explicit Answer(PGresult* got) : result(got) {}
    ~Answer() { libpq().clear(result); }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    PGresult* result;
};

PostgresDatabase::PostgresDatabase(const std::string& url) : name_(shown_url(url))
{
    connect(url);
    try {
        set_up();
        need_a_keeper();
    } catch (...) {
        libpq().finish(session_);
        throw;
    }
}

PostgresDatabase::~PostgresDatabase()
{
    libpq().finish(session_);
}

const SqlDialect& PostgresDatabase::dialect() const noexcept
{
    return k_postgres;
}

void PostgresDatabase::connect(const std::string& url)
{
    // Our end of the line; what the URL says of them wins, as it comes later.
    const char* const keys[] = {"keepalives_idle",
                                "keepalives_interval",
                                "keepalives_count",
                                "tcp_user_timeout",
                                "connect_timeout",
                                "target_session_attrs",
                                "fallback_application_name",
                                "dbname",
                                nullptr};
    const char* const values[] = {"5", "2", "3", "8000", "10", "read-write", "longtake", url.c_str(), nullptr};
    session_ = libpq().connect(keys, values, 1);
    if (libpq().status(session_) != CONNECTION_OK) {
        std::string why = libpq().error_message(session_);
        std::ranges::replace(why, '\n', ' ');
        libpq().finish(session_);
        throw Error(Errc::storage, fmt::format("ledger '{}' cannot be reached: {}", name_, why));
    }
    libpq().set_notice_processor(
        session_, [](void*, const char*) {}, nullptr);
}

void PostgresDatabase::set_up()
{
    // By SET, since poolers may refuse what start-up options ask for; the server's end of the line.
    for (const char* statement :
         {"SET tcp_keepalives_idle = 5", "SET tcp_keepalives_interval = 2", "SET tcp_keepalives_count = 3",
          "SET tcp_user_timeout = 8000", "SET synchronous_commit = on", "SET search_path = longtake"}) {
        run(statement);
    }
}

std::string PostgresDatabase::setting(const char* name)
{
    return text_of(run("SELECT current_setting($1)", {std::string(name)}).rows.at(0).at(0));
}

/// Throws unless what this server acknowledges is on its disk.
void PostgresDatabase::need_a_keeper()
{
    for (const char* name : {"fsync", "full_page_writes"}) {
        if (setting(name) != "on") {
            throw Error(Errc::usage, fmt::format("ledger '{0}': the server has {1} off, so that a power cut may make "
                                                 "it forget what was paid; set {1} = on and restart it",
                                                 name_, name));
        }
    }
}

SqlResult PostgresDatabase::run(const std::string& statement, const SqlRow& values)
{
    const std::lock_guard lock(mutex_);
    std::vector<std::string> texts;
    std::ranges::transform(values, std::back_inserter(texts), text_for);
    std::vector<const char*> given;
    for (std::size_t i = 0; i < values.size(); ++i) {
        given.push_back(std::holds_alternative<std::monostate>(values[i]) ? nullptr : texts[i].c_str());
    }
    const Answer answer(libpq().exec_params(session_, statement.c_str(), static_cast<int>(given.size()), nullptr,
                                            given.data(), nullptr, nullptr, 0));
    const ExecStatusType status = libpq().result_status(answer.result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        std::string why = libpq().error_message(session_);
        why = why.substr(0, why.find('\n'));
        throw Error(Errc::storage, fmt::format("ledger '{}': {}", name_, why.empty() ? "the session was lost" : why));
    }
    SqlResult result;
    for (int row = 0; row < libpq().tuples(answer.result); ++row) {
        SqlRow cells;
        for (int column = 0; column < libpq().fields(answer.result); ++column) {
            const std::string cell(libpq().value(answer.result, row, column),
                                   static_cast<std::size_t>(libpq().length(answer.result, row, column)));
            cells.push_back(libpq().is_null(answer.result, row, column) != 0
                                ? SqlValue()
                                : value_of(cell, libpq().field_type(answer.result, column)));
        }
        result.rows.push_back(std::move(cells));
    }
    result.changed = std::atoll(libpq().changed(answer.result));
    return result;
}

bool PostgresDatabase::try_lock(const std::string& name)
{
    return integer_of(run("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", {name}).rows.at(0).at(0)) != 0;
}

void PostgresDatabase::unlock(const std::string& name) noexcept
{
    try {
        run("SELECT pg_advisory_unlock(hashtextextended($1, 0))", {name});
    } catch (const std::exception&) { // the session is gone, and the lock with it
    }
}

void PostgresDatabase::notify(const std::string& channel)
{
    run("SELECT pg_notify($1, '')", {channel});
}

/// Whether something was told of since.
bool PostgresDatabase::heard()
{
    const std::lock_guard lock(mutex_);
    if (libpq().consume_input(session_) == 0) {
        throw Error(Errc::storage, fmt::format("ledger '{}': the session was lost", name_));
    }
    bool told = false;
    while (PGnotify* note = libpq().notifies(session_)) {
        told = true;
        libpq().free_memory(note);
    }
    return told;
}

void PostgresDatabase::wait(const std::string& channel, std::chrono::milliseconds longest, std::stop_token stop)
{
    {
        const std::lock_guard lock(mutex_);
        if (listening_.insert(channel).second) {
            run("LISTEN " + channel);
        }
    }
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!stop.stop_requested() && !heard()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        if (left.count() <= 0) {
            return;
        }
        constexpr int k_stop_milliseconds = 100; // a stop comes without a message
        pollfd line{libpq().socket(session_), POLLIN, 0};
        ::poll(&line, 1, std::min(static_cast<int>(left.count()), k_stop_milliseconds));
    }
}

Database::Examination PostgresDatabase::examine()
{
    Examination found;
    found.engine = "PostgreSQL " + setting("server_version") + " at " + name_;
    const std::string standbys = setting("synchronous_standby_names");
    found.engine += standbys.empty() ? ", no synchronous standby" : ", synchronous standby " + standbys;
    const SqlResult behind = run("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'async'");
    if (integer_of(behind.rows.at(0).at(0)) > 0) {
        found.warnings.emplace_back("a standby is asynchronous: failing over to it can forget the last intents, which "
                                    "is paying twice; name it in synchronous_standby_names");
    }
    constexpr int k_looks = 5;
    const auto backend = [this] { return integer_of(run("SELECT pg_backend_pid()").rows.at(0).at(0)); };
    const std::int64_t first = backend();
    for (int look = 1; look < k_looks; ++look) {
        if (backend() != first) {
            found.warnings.emplace_back("a pooler hands its statements to several sessions, so that locks do not hold: "
                                        "connect to the server itself, or let the pooler work by sessions");
            break;
        }
    }
    return found;
}

void PostgresDatabase::begin()
{
    run("BEGIN");
}

void PostgresDatabase::commit()
{
    run("COMMIT");
}

void PostgresDatabase::roll_back() noexcept
{
    try {
        run("ROLLBACK");
    } catch (const std::exception&) { // the session is gone, and what it had begun with it
    }
}

} // namespace longtake
