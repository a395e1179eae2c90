#pragma once

#include "pipeline/app/watch/access.h"
#include "pipeline/app/watch/watched_run.h"
#include "pipeline/sandbox/server.h"

#include <atomic>
#include <memory>
#include <string>

namespace longtake::app {

/// The page of a watched run on 127.0.0.1, for whoever has its address: see Access. Below the token stand the page
/// (""), its changes ("events", server-sent), the films and pictures of the Shelf, and "control", to which
/// {"do": ..., "run": ...} is posted (see WatchedRun::steer()).
class WatchServer {
public:
    /// Listens at once; port 0 takes a free one. Throws as sandbox::Server does.
    WatchServer(WatchedRun& run, int port);

    /// Ends all viewers.
    ~WatchServer();
    WatchServer(const WatchServer&) = delete;
    WatchServer& operator=(const WatchServer&) = delete;

    std::string address() const { return access_.address(); }
    int port() const noexcept { return server_->port(); }

    /// Pages that are open now.
    int viewers() const noexcept { return viewers_; }

private:
    sandbox::Reply answer(const sandbox::Call& call);
    sandbox::Reply found(const sandbox::Call& call, const std::string& path);
    sandbox::Reply events(const sandbox::Call& call);
    sandbox::Reply control(const sandbox::Call& call);
    sandbox::Reply file(const sandbox::Call& call, const std::string& path) const;

    WatchedRun& run_;
    Access access_;
    std::string page_;
    std::string policy_; ///< Content-Security-Policy of the page
    std::atomic<int> viewers_ = 0;
    std::unique_ptr<sandbox::Server> server_; ///< last: it answers when everything else stands
};

} // namespace longtake::app
