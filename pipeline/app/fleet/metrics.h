#pragma once

#include "pipeline/base/child.h"
#include "pipeline/flow/fleet/worker.h"

#include <memory>
#include <string>

namespace longtake::app {

/// Prometheus's text about one worker, and about the rows and the money of its ledger:
/// https://prometheus.io/docs/instrumenting/exposition_formats/
class WorkerMetrics {
public:
    /// `ledger`: see open_database(). `slots`: films at once.
    WorkerMetrics(std::string ledger, int slots);
    ~WorkerMetrics();
    WorkerMetrics(const WorkerMetrics&) = delete;
    WorkerMetrics& operator=(const WorkerMetrics&) = delete;

    /// What the worker has come to. Seen by the processes that this one forks.
    void update(const WorkerTally& tally, std::size_t at_work);

    /// The page. Asks the ledger; one that cannot be reached is said as such.
    std::string text();

private:
    struct Shared;
    std::string of_worker() const;
    std::string of_ledger();

    const std::string ledger_;
    const int slots_;
    Shared* const shared_; ///< memory that forked processes have together
    std::shared_ptr<Database> database_;
};

/// Serves them at `http://ADDRESS/metrics` in a process of its own, until this ends: a worker has no threads beside the
/// one that forks its films.
class MetricsServer {
public:
    /// `address`: "127.0.0.1:9464", or a port of 127.0.0.1 alone; 0: any that is free. Throws Error(usage) where it is
    /// no address or is taken.
    MetricsServer(const std::string& address, WorkerMetrics& metrics);
    ~MetricsServer();
    MetricsServer(const MetricsServer&) = delete;
    MetricsServer& operator=(const MetricsServer&) = delete;

    int port() const noexcept { return port_; }

private:
    int port_ = 0;
    std::unique_ptr<Child> child_;
};

} // namespace longtake::app
