#pragma once

#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/sqlite_file.h"

namespace longtake {

/// The ledger of a working directory, in one SQLite file.
class SqliteLedger final : public Ledger {
public:
    /// Opens or creates the file. Throws Error(usage) if it was written by a newer version.
    SqliteLedger(const std::filesystem::path& file, Durability durability) : file_(file, durability) {}

    const std::string& id() const noexcept override { return file_.id(); }
    const std::string& salt() const noexcept override { return file_.salt(); }
    std::optional<nlohmann::json> find(const std::string& key) override;
    void record(const std::string& key, const std::string& step, const nlohmann::json& result) override;
    void forget(const std::string& key) override;
    std::optional<TakeRecord> take(const std::string& fingerprint) override;
    void put(const TakeRecord& take, Payment payment) override;
    std::vector<TakeRecord> takes() override;
    double spent(bool rehearsal) override;
    std::optional<double> payment(const std::string& own_id) override;
    void forget_account(const std::string& account) override;

private:
    SqliteFile file_;
};

} // namespace longtake
