#include "pipeline/flow/fleet/commons.h"

namespace longtake {

std::unique_ptr<Ledger> open_ledger(const Commons& commons, const Workdir& workdir, Durability durability)
{
    return commons.spans() ? open_ledger(commons.database, commons.batch)
                           : open_ledger(workdir.ledger(), durability, workdir.locks());
}

} // namespace longtake
