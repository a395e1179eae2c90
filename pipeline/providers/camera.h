#pragma once

#include "pipeline/base/ledger.h"
#include "pipeline/model/clip.h"
#include "pipeline/providers/provider.h"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>
#include <stop_token>

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
/// waiting, so that a crash at any instant neither pays twice nor loses footage.
class Camera {
public:
    struct Settings {
        std::filesystem::path takes;          ///< where footage is kept, by content hash
        std::chrono::milliseconds poll{5000}; ///< first interval, growing to six times that
    };

    Camera(Provider& provider, Ledger& ledger, Settings settings);

    /// The take for a request: the known one, or a new one. Blocks until it is downloaded, decoded to the end and
    /// kept. Safe to call from several threads for different requests.
    /// Throws Error(provider) when refused, Error(interrupted) when stopped (the job goes on and is found again).
    Take shoot(const TakeRequest& request, const Progress& progress, std::stop_token stop);

    std::string fingerprint(const TakeRequest& request) const;

private:
    /// Holds a fingerprint while its take is being made: a second request for the same waits and finds it made.
    class Turn;

    std::optional<Take> known(const TakeRecord& record) const;
    Ready wait(const Job& job, std::stop_token stop);
    Take keep(const Ready& ready, TakeRecord& record, const Progress& progress, std::stop_token stop);

    Provider& provider_;
    Ledger& ledger_;
    Settings settings_;
    std::mutex mutex_;
    std::condition_variable turn_over_;
    std::set<std::string> at_work_;
};

} // namespace longtake
