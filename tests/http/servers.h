#pragma once

#include <httplib.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace longtake::test {

/// A well-behaved HTTP server on loopback for as long as it lives.
class WebServer {
public:
    template <class SetUp>
    explicit WebServer(SetUp&& set_up)
    {
        server_.set_tcp_nodelay(true);
        set_up(server_);
        port_ = server_.bind_to_any_port("127.0.0.1");
        thread_ = std::thread([this] { server_.listen_after_bind(); });
        while (!server_.is_running()) {
            std::this_thread::yield();
        }
    }
    ~WebServer()
    {
        server_.stop();
        thread_.join();
    }
    WebServer(const WebServer&) = delete;
    WebServer& operator=(const WebServer&) = delete;

    int port() const { return port_; }
    std::string url(const std::string& path) const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

private:
    httplib::Server server_;
    int port_ = 0;
    std::thread thread_;
};

/// One connection a rude server has accepted.
class Peer {
public:
    Peer(int socket, const std::atomic<bool>& over) : socket_(socket), over_(over) {}

    /// Everything up to the end of a request's headers and body; empty if the other side closed first.
    std::string read_request() const
    {
        std::string text;
        std::size_t wanted = std::string::npos;
        while (text.size() < wanted) {
            const std::string more = read_some();
            if (more.empty()) {
                return {};
            }
            text += more;
            if (const auto end = text.find("\r\n\r\n"); wanted == std::string::npos && end != std::string::npos) {
                wanted = end + 4 + body_size(text.substr(0, end));
            }
        }
        return text;
    }

    void write(const std::string& text) const { (void)!::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }

    /// Until the other side closes, or the server's life ends.
    void stay_silent() const
    {
        while (!read_some().empty()) {
        }
    }

    bool over() const { return over_; }

private:
    std::string read_some() const
    {
        while (!over_) {
            pollfd readable{socket_, POLLIN, 0};
            if (::poll(&readable, 1, 20) == 1) {
                std::string buffer(65536, '\0');
                const auto got = ::recv(socket_, buffer.data(), buffer.size(), 0);
                return buffer.substr(0, got > 0 ? static_cast<std::size_t>(got) : 0);
            }
        }
        return {};
    }

    static std::size_t body_size(const std::string& headers)
    {
        const auto at = headers.find("Content-Length: ");
        return at == std::string::npos ? 0 : std::stoul(headers.substr(at + 16));
    }

    int socket_;
    const std::atomic<bool>& over_;
};

/// A server with bad manners: `serve` gets each connection in turn, on a thread of its own, and closes it by returning.
class RudeServer {
public:
    explicit RudeServer(std::function<void(const Peer&, int connection)> serve) : serve_(std::move(serve))
    {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 64) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("no port on loopback");
        }
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { accept_all(); });
    }
    ~RudeServer()
    {
        over_ = true;
        thread_.join();
        for (std::thread& peer : peers_) {
            peer.join();
        }
        ::close(listener_);
    }
    RudeServer(const RudeServer&) = delete;
    RudeServer& operator=(const RudeServer&) = delete;

    int port() const { return port_; }
    int connections() const { return connections_; }
    std::string url(const std::string& path = "/") const { return "http://127.0.0.1:" + std::to_string(port_) + path; }

private:
    void accept_all()
    {
        while (!over_) {
            pollfd readable{listener_, POLLIN, 0};
            if (::poll(&readable, 1, 20) != 1) {
                continue;
            }
            const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            const int number = ++connections_;
            peers_.emplace_back([this, socket, number] {
                serve_(Peer(socket, over_), number);
                ::close(socket);
            });
        }
    }

    std::function<void(const Peer&, int)> serve_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<bool> over_ = false;
    std::atomic<int> connections_ = 0;
    std::vector<std::thread> peers_; ///< the accepting thread's, until it has ended
    std::thread thread_;
};

class EnvironmentVariable {
public:
    EnvironmentVariable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
    ~EnvironmentVariable() { unsetenv(name_); }
    EnvironmentVariable(const EnvironmentVariable&) = delete;
    EnvironmentVariable& operator=(const EnvironmentVariable&) = delete;

private:
    const char* name_;
};

/// A port on loopback nobody listens on.
inline int refused_port()
{
    return RudeServer([](const Peer&, int) {}).port();
}

} // namespace longtake::test
