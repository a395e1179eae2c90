#pragma once

#include "pipeline/base/store.h"
#include "pipeline/flow/workdir.h"
#include "pipeline/ledger/ledger.h"

#include <memory>
#include <string>

namespace longtake {

/// What films of several processes or machines have together, in place of what lies in the working directory.
struct Commons {
    std::shared_ptr<Database> database{}; ///< of the ledger; null: the working directory's own file
    std::string batch{};                  ///< whose spending is counted
    std::shared_ptr<Store> store{};       ///< where stills, takes and segments are found; null: they stay here

    bool spans() const { return database != nullptr; }
};

/// The ledger that a film writes in.
std::unique_ptr<Ledger> open_ledger(const Commons& commons, const Workdir& workdir, Durability durability);

} // namespace longtake
