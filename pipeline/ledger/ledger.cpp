#include "pipeline/ledger/ledger.h"

#include "pipeline/ledger/sql/postgres_database.h"
#include "pipeline/ledger/sql/sqlite_database.h"
#include "pipeline/ledger/sql/tables.h"
#include "pipeline/ledger/sql_ledger.h"

namespace longtake {

std::unique_ptr<Ledger> open_ledger(const std::filesystem::path& file, Durability durability,
                                    const std::filesystem::path& locks)
{
    return std::make_unique<SqlLedger>(std::make_shared<SqliteDatabase>(file, durability, locks), "", false);
}

std::unique_ptr<Ledger> open_ledger(std::shared_ptr<Database> database, const std::string& batch)
{
    const bool server = dynamic_cast<PostgresDatabase*>(database.get()) != nullptr;
    return std::make_unique<SqlLedger>(std::move(database), batch, server);
}

bool is_server(const std::string& address)
{
    return address.starts_with("postgres://") || address.starts_with("postgresql://");
}

std::shared_ptr<Database> open_database(const std::string& address, bool make)
{
    if (is_server(address)) {
        auto server = std::make_shared<PostgresDatabase>(address);
        bring_up_to_date(*server, server->name(), make);
        return server;
    }
    const std::filesystem::path file = std::filesystem::absolute(address);
    return std::make_shared<SqliteDatabase>(file, make ? Durability::lasting : Durability::read_only,
                                            file.string() + ".locks");
}

} // namespace longtake
