#pragma once

#include "pipeline/app/sandbox/call.h"

#include <functional>
#include <memory>

namespace longtake::sandbox {

/// An HTTP/1.1 server on 127.0.0.1. The only file that knows the HTTP library.
class Server {
public:
    using Answer = std::function<Reply(const Call&)>;

    /// Listens at once; port 0 takes a free one. `threads` connections are served at a time.
    /// Throws Error(usage) if the port cannot be had.
    Server(int port, int threads, Answer answer);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    int port() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::sandbox
