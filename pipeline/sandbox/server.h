#pragma once

#include "pipeline/sandbox/apis/call.h"

#include <cstddef>
#include <functional>
#include <memory>

namespace longtake::sandbox {

/// An HTTP/1.1 server on 127.0.0.1. The only file that knows the HTTP library.
class Server {
public:
    using Answer = std::function<Reply(const Call&)>;

    struct Limits {
        int threads = 64;              ///< connections served at a time
        int waiting = 256;             ///< connections that may wait for a thread; more are closed at once
        double head_seconds = 20;      ///< a request's header must be there by then
        std::size_t body = 320U << 20; ///< bytes a request's may have
    };

    /// Listens at once; port 0 takes a free one. Throws Error(usage) if the port cannot be had, and Error(internal) if
    /// a thread cannot be started.
    Server(int port, const Limits& limits, Answer answer);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    int port() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::sandbox
