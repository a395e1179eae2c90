#pragma once

#include "pipeline/base/store.h"
#include "pipeline/flow/workdir.h"
#include "pipeline/ledger/ledger.h"
#include "stages/deliver/segment_share.h"

#include <memory>
#include <string>

namespace longtake {

/// What films of several processes or machines have together, in place of what lies in the working directory.
struct Commons {
    std::shared_ptr<Database> database{};          ///< of the ledger; null: the working directory's own file
    std::string batch{};                           ///< whose spending is counted
    std::shared_ptr<Store> store{};                ///< where stills and takes are found; null: they stay here
    std::shared_ptr<stages::SegmentShare> share{}; ///< others who make segments of the film; null: there are none

    bool spans() const { return database != nullptr; }

    /// Whether another has the film, and this process makes segments for it: nothing is paid or delivered here.
    bool helps() const { return share && share->helps(); }
};

/// The ledger that a film writes in.
std::unique_ptr<Ledger> open_ledger(const Commons& commons, const Workdir& workdir, Durability durability);

} // namespace longtake
