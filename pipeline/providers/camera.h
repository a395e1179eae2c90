#pragma once

#include "pipeline/base/ledger.h"
#include "pipeline/model/clip.h"
#include "pipeline/providers/provider.h"
#include "pipeline/providers/purse.h"
#include "pipeline/providers/slots.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace longtake {

/// Finished footage and what is needed to go on from it.
struct Take {
    Footage footage;
    nlohmann::json ref; ///< the service's handle on it
    std::string fingerprint;
    bool reused = false; ///< found again, nothing was asked for
};

/// The one class that asks providers for takes, and so the one that spends money. A take is found again by the
/// fingerprint of everything that shapes it; its intent is in the ledger before the submit, its job's id before the
/// waiting, so that a crash at any instant neither pays twice nor loses footage. A submit whose answer was lost is
/// looked up where the service can be asked, and never sent again on a guess.
class Camera {
public:
    struct Settings {
        std::filesystem::path takes;                 ///< where footage is kept, by content hash
        std::chrono::milliseconds poll{5000};        ///< first interval, growing to six times that; between tries too
        int concurrency = 64;                        ///< takes at work at once, to begin with
        std::chrono::milliseconds reconcile{60'000}; ///< how long a service may take to know of a submit
        std::chrono::milliseconds task_timeout{3'600'000}; ///< waiting for one take, before it is left for another run
        std::set<std::string> resubmit = {};               ///< shots whose ambiguous takes may be paid for again
        std::map<std::string, std::string> adopt = {}; ///< shot -> the task that its ambiguous take turned out to be
        std::string again = "longtake run ...";        ///< the command that would go on from here
        std::function<void(const std::string& shot, const std::string& text)> note; ///< for the user to read
    };

    Camera(Provider& provider, Ledger& ledger, Purse& purse, Settings settings);

    /// The take for a request: the known one, or a new one. Blocks until it is downloaded, decoded to the end and
    /// kept. Safe to call from several threads for different requests.
    /// Throws Error(provider) when refused, damaged or ambiguous; Error(budget) and Error(credentials) when the account
    /// cannot go on, after which nothing more is sent; Error(pending) when it is still running or out of reach;
    /// Error(interrupted) when stopped (the job goes on and is found again).
    Take shoot(const TakeRequest& request, const Progress& progress, std::stop_token stop);

    std::string fingerprint(const TakeRequest& request) const;

private:
    /// Holds a fingerprint while its take is being made: a second request for the same waits and finds it made.
    class Turn;
    /// One take on its way through the ledger.
    struct Errand {
        TakeRequest request; ///< with own_id
        TakeRecord record;
        Slots::Slot slot;
        std::optional<Ready> ready; ///< some services have it at once
        bool fresh = false;         ///< submitted just now: no use looking at once
        bool again = false;         ///< beyond the plan's cost
        std::stop_token stop;
    };

    std::optional<Take> known(const TakeRecord& record) const;
    void resolve(Errand& errand);
    void reconcile(Errand& errand);
    void submit(Errand& errand);
    std::optional<Declined> send(Errand& errand);
    void accept(Errand& errand, const Accepted& accepted);
    void wait_before_next(Errand& errand, const Declined& declined, int tries);
    Take finish(Errand& errand, const Progress& progress);
    std::variant<Ready, Refused> wait(Errand& errand);
    void refuse(Errand& errand, const Refused& refused);
    Take keep(const Ready& ready, Errand& errand, const Progress& progress);
    void try_download_again(Errand& errand, const Error& error, int downloads);

    void put(Errand& errand, TakeState state, const std::string& message = {});
    [[noreturn]] void give_up_ambiguous(Errand& errand, const std::string& reason);
    [[noreturn]] void halt(const Error& error);
    Slots::Slot enter(const std::stop_token& stop);
    void check_halted();
    void note(const Errand& errand, const std::string& text) const;

    Provider& provider_;
    Ledger& ledger_;
    Purse& purse_;
    Settings settings_;
    Slots slots_;
    std::mutex mutex_;
    std::condition_variable turn_over_;
    std::set<std::string> at_work_;
    std::optional<Error> halted_; ///< why nothing more is sent in this run
};

} // namespace longtake
