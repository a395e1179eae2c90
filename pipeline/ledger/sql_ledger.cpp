#include "pipeline/ledger/sql_ledger.h"

#include "pipeline/base/error.h"
#include "pipeline/base/random_name.h"
#include "pipeline/ledger/sql/payments.h"
#include "pipeline/ledger/sql/tables.h"
#include "pipeline/ledger/sql/take_rows.h"

#include <algorithm>

namespace longtake {
namespace {

using std::chrono::milliseconds;

constexpr const char* k_takes_channel = "longtake_takes";
constexpr milliseconds k_first_wait{20};
constexpr milliseconds k_longest_wait{1000}; ///< between two tries to have what another has
constexpr std::int64_t k_lowered_seconds = 600;

std::string film_sum(const std::string& batch, bool rehearsal)
{
    return "film/" + batch + (rehearsal ? "/1" : "/0");
}

std::string take_lock(const std::string& fingerprint)
{
    return "take-" + fingerprint;
}

} // namespace

/// A lock of the database, given back.
class SqlLedger::Held final : public Hold {
public:
    Held(SqlLedger& ledger, std::string name, std::string fingerprint)
        : ledger_(ledger), name_(std::move(name)), fingerprint_(std::move(fingerprint))
    {
    }
    ~Held() override
    {
        if (!fingerprint_.empty()) {
            const std::lock_guard lock(ledger_.mutex_);
            ledger_.held_.erase(fingerprint_);
        }
        ledger_.database_->unlock(name_);
        try {
            if (!fingerprint_.empty()) {
                ledger_.database_->notify(k_takes_channel);
            }
        } catch (const std::exception&) { // who waits looks again by and by
        }
    }

private:
    SqlLedger& ledger_;
    std::string name_;
    std::string fingerprint_; ///< empty: it is no take
};

SqlLedger::SqlLedger(std::shared_ptr<Database> database, std::string batch, bool spans_machines)
    : database_(std::move(database)), batch_(std::move(batch)), spans_machines_(spans_machines),
      id_(fact_of(*database_, "id")), salt_(fact_of(*database_, "salt")), session_(random_name())
{
}

SqlLedger::~SqlLedger() = default;

std::optional<nlohmann::json> SqlLedger::find(const std::string& key)
{
    const SqlResult found = database_->run("SELECT result FROM steps WHERE key = $1", {key});
    return found.rows.empty() ? std::nullopt : std::optional(nlohmann::json::parse(text_of(found.rows[0][0])));
}

nlohmann::json SqlLedger::record(const std::string& key, const std::string& step, const nlohmann::json& result,
                                 const std::optional<nlohmann::json>& seen)
{
    database_->run(std::string("INSERT INTO steps (key, step, result, at) VALUES ($1, $2, $3, ") +
                       database_->dialect().now +
                       ") ON CONFLICT (key) DO UPDATE SET result = excluded.result, at = excluded.at "
                       "WHERE steps.result = $4",
                   {key, step, result.dump(), seen ? seen->dump() : std::string()});
    return find(key).value_or(result);
}

void SqlLedger::forget(const std::string& key)
{
    database_->run("DELETE FROM steps WHERE key = $1", {key});
}

std::unique_ptr<Hold> SqlLedger::try_hold(const std::string& name)
{
    return database_->try_lock(name) ? std::make_unique<Held>(*this, name, "") : nullptr;
}

std::unique_ptr<Hold> SqlLedger::hold(const std::string& fingerprint, std::stop_token stop)
{
    const std::string name = take_lock(fingerprint);
    for (milliseconds wait = k_first_wait; !database_->try_lock(name); wait = std::min(wait * 2, k_longest_wait)) {
        database_->wait(k_takes_channel, wait, stop);
        if (stop.stop_requested()) {
            throw Error(Errc::interrupted, "interrupted while another process makes the same take");
        }
    }
    auto held = std::make_unique<Held>(*this, name, fingerprint);
    {
        const std::lock_guard lock(mutex_);
        held_[fingerprint] = 1;
    }
    // Whoever wrote it last is gone, or has given it back: from here on it cannot write it.
    database_->run("UPDATE takes SET owner = $2 WHERE fingerprint = $1 AND owner <> $2", {fingerprint, session_});
    return held;
}

std::string SqlLedger::owner_of(const std::string& fingerprint)
{
    const std::lock_guard lock(mutex_);
    return held_.contains(fingerprint) ? session_ : "";
}

std::optional<TakeRecord> SqlLedger::take(const std::string& fingerprint)
{
    return read_take(*database_, fingerprint);
}

void SqlLedger::write(const TakeRecord& take)
{
    if (!write_take(*database_, take, owner_of(take.fingerprint))) {
        throw Error(Errc::pending,
                    "take '" + take.name() + "' is in another process's hands by now; run again to go on");
    }
}

void SqlLedger::put(const TakeRecord& take, Payment payment)
{
    database_->together([&] {
        write(take);
        write_payment(*database_, take, payment, film_sum(batch_, take.rehearsal), "");
    });
}

std::string SqlLedger::day_of(const Caps& caps)
{
    if (caps.day_account.empty()) {
        return {};
    }
    const SqlResult day = database_->run(std::string("SELECT ") + database_->dialect().day);
    return "day/" + text_of(day.rows.at(0).at(0)) + "/" + caps.day_account;
}

/// Whether the account may have one more take under way. Locks the account, so that no other intent comes in between.
bool SqlLedger::has_place(const TakeRecord& take, const Caps& caps)
{
    if (caps.places <= 0 || take.account.empty()) {
        return true;
    }
    database_->run("INSERT INTO accounts (account, places, since) VALUES ($1, 0, 0) ON CONFLICT (account) DO NOTHING",
                   {take.account});
    const SqlResult account = database_->run(std::string("SELECT places, since FROM accounts WHERE account = $1") +
                                                 database_->dialect().for_update,
                                             {take.account});
    const SqlRow& row = account.rows.at(0);
    const bool lowered = integer_of(row[0]) > 0 && now() - integer_of(row[1]) < k_lowered_seconds;
    const std::int64_t places = lowered ? std::min<std::int64_t>(caps.places, integer_of(row[0])) : caps.places;
    return under_way(take.account, caps, take.fingerprint) < places;
}

/// Takes of an account that may be at the service, `but` one.
std::int64_t SqlLedger::under_way(const std::string& account, const Caps& caps, const std::string& but)
{
    const std::int64_t oldest = caps.place_lasts.count() > 0 ? now() - caps.place_lasts.count() : 0;
    const SqlResult taken = database_->run("SELECT count(*) FROM takes WHERE account = $1 AND state IN ('intent', "
                                           "'submitted') AND updated >= $2 AND fingerprint <> $3",
                                           {account, oldest, but});
    return integer_of(taken.rows.at(0).at(0));
}

Admission SqlLedger::intend(const TakeRecord& take, const Caps& caps)
{
    Admission admission;
    database_->together([&] {
        if (!has_place(take, caps)) {
            admission.verdict = Admission::Verdict::no_place;
            return;
        }
        const std::string film = film_sum(batch_, take.rehearsal);
        const std::string day = day_of(caps);
        const std::int64_t before = micros_of(payment(take.own_id).value_or(0));
        const std::int64_t cost = micros_of(take.estimate.value_or(0));
        const std::int64_t of_film = locked_sum(*database_, film) - before;
        const std::int64_t of_day = day.empty() ? 0 : locked_sum(*database_, day);
        admission.film = static_cast<double>(of_film) / 1e6;
        admission.day = static_cast<double>(of_day) / 1e6;
        if (caps.film && of_film + cost > micros_of(*caps.film)) {
            admission.verdict = Admission::Verdict::over_film;
            return;
        }
        if (caps.day && of_day + cost > micros_of(*caps.day)) {
            admission.verdict = Admission::Verdict::over_day;
            return;
        }
        TakeRecord intent = take;
        intent.deadline = caps.submit_lasts.count() > 0 ? now() + caps.submit_lasts.count() : 0;
        admission.deadline = intent.deadline;
        write(intent);
        write_payment(*database_, intent, Payment::reserved, film, day);
    });
    return admission;
}

void SqlLedger::lower_places(const std::string& account)
{
    const std::int64_t places = std::max<std::int64_t>(1, under_way(account, {}, ""));
    database_->run(std::string("INSERT INTO accounts (account, places, since) VALUES ($1, $2, ") +
                       database_->dialect().now +
                       ") ON CONFLICT (account) DO UPDATE SET places = excluded.places, since = excluded.since",
                   {account, places});
}

std::int64_t SqlLedger::now()
{
    return integer_of(database_->run(std::string("SELECT ") + database_->dialect().now).rows.at(0).at(0));
}

std::vector<TakeRecord> SqlLedger::takes()
{
    return read_takes(*database_);
}

std::vector<TakeRecord> SqlLedger::takes_of(const std::set<std::string>& fingerprints)
{
    return read_takes(*database_, fingerprints);
}

double SqlLedger::spent(bool rehearsal)
{
    return static_cast<double>(sum_of(*database_, film_sum(batch_, rehearsal))) / 1e6;
}

std::optional<double> SqlLedger::payment(const std::string& own_id)
{
    const SqlResult found =
        database_->run("SELECT COALESCE(charged, amount, 0) FROM payments WHERE own_id = $1", {own_id});
    return found.rows.empty() ? std::nullopt : std::optional(real_of(found.rows[0][0]));
}

void SqlLedger::forget_account(const std::string& account)
{
    database_->together([&] {
        const SqlResult payments = database_->run("SELECT own_id FROM payments WHERE account = $1 AND own_id NOT IN "
                                                  "(SELECT own_id FROM takes WHERE state = 'done')",
                                                  {account});
        for (const SqlRow& row : payments.rows) {
            remove_payment(*database_, text_of(row[0]));
        }
        database_->run("DELETE FROM takes WHERE account = $1 AND state <> 'done'", {account});
    });
}

} // namespace longtake
