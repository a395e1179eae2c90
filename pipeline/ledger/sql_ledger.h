#pragma once

#include "pipeline/ledger/ledger.h"

#include <map>
#include <mutex>

namespace longtake {

/// A ledger in any database that understands SQL: one set of tables and statements for all of them.
class SqlLedger final : public Ledger {
public:
    /// `batch`: whose spending is counted; empty: of the film that has the database to itself.
    /// `spans_machines`: see Ledger.
    SqlLedger(std::shared_ptr<Database> database, std::string batch, bool spans_machines);
    ~SqlLedger() override;

    const std::string& id() const noexcept override { return id_; }
    const std::string& salt() const noexcept override { return salt_; }
    bool spans_machines() const noexcept override { return spans_machines_; }
    std::optional<nlohmann::json> find(const std::string& key) override;
    nlohmann::json record(const std::string& key, const std::string& step, const nlohmann::json& result,
                          const std::optional<nlohmann::json>& seen) override;
    void forget(const std::string& key) override;
    std::unique_ptr<Hold> hold(const std::string& fingerprint, std::stop_token stop) override;
    std::unique_ptr<Hold> try_hold(const std::string& name) override;
    std::optional<TakeRecord> take(const std::string& fingerprint) override;
    void put(const TakeRecord& take, Payment payment) override;
    Admission intend(const TakeRecord& take, const Caps& caps) override;
    void lower_places(const std::string& account) override;
    std::int64_t now() override;
    std::vector<TakeRecord> takes() override;
    std::vector<TakeRecord> takes_of(const std::set<std::string>& fingerprints) override;
    double spent(bool rehearsal) override;
    std::optional<double> payment(const std::string& own_id) override;
    void forget_account(const std::string& account) override;

private:
    class Held;
    std::string owner_of(const std::string& fingerprint);
    void write(const TakeRecord& take);
    std::int64_t under_way(const std::string& account, const Caps& caps, const std::string& but);
    bool has_place(const TakeRecord& take, const Caps& caps);
    std::string day_of(const Caps& caps);

    const std::shared_ptr<Database> database_;
    const std::string batch_;
    const bool spans_machines_;
    std::string id_;
    std::string salt_;
    const std::string session_; ///< names what this object holds
    std::mutex mutex_;
    std::map<std::string, int> held_; ///< fingerprints
};

} // namespace longtake
