#pragma once

#include "pipeline/flow/fleet/queued_film.h"

#include <chrono>
#include <functional>
#include <stop_token>

namespace longtake {

/// What a worker did.
struct WorkerTally {
    std::int64_t films = 0;   ///< done
    std::int64_t others = 0;  ///< failed, or given back
    std::int64_t crashes = 0; ///< processes that a signal or the stall watch has ended
};

/// How a worker works.
struct WorkerOptions {
    FleetPlace place;
    int films_at_once = 0;                          ///< 0: one per core
    bool until_done = false;                        ///< ends once no row is open or at work; else it waits for more
    std::chrono::seconds stall{600};                ///< a film that says nothing for so long is ended
    std::function<std::stop_token()> watch_signals; ///< in a row's own process: from then on signals ask it to stop
    std::function<void()> changed{};                ///< told after rows may have changed, and at the end
    /// Told often what it has come to, and how many processes are at work.
    std::function<void(const WorkerTally& tally, std::size_t at_work)> progress{};
};

/// Makes films of rows as long as there are any, each in a process and a session of its own: a damaged file or a lack
/// of memory takes one film. A process that a signal ended counts against its row, one that was told to stop does not.
/// Where the ledger is out of reach it waits for it. Throws Error(usage) for an address or a format that cannot be.
WorkerTally work_at_rows(const WorkerOptions& options, const Account& account, const Observer& observer);

} // namespace longtake
