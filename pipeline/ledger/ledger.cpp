#include "pipeline/ledger/ledger.h"

#include "pipeline/ledger/sqlite_ledger.h"

namespace longtake {

std::unique_ptr<Ledger> open_ledger(const std::filesystem::path& file, Durability durability)
{
    return std::make_unique<SqliteLedger>(file, durability);
}

} // namespace longtake
