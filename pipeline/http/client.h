#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace longtake::http {

/// One part of a multipart/form-data body: plain text, or a file with its name and content type.
struct Part {
    std::string name{};
    std::string text{};
    std::filesystem::path file{}; ///< sent instead of `text` where it is not empty
    std::string filename{};       ///< what the server is told; default: the file's own
    std::string type{};           ///< content type of a file
};

struct Request {
    std::string method = "GET";
    std::string url{}; ///< http or https; plain http to loopback only
    std::vector<std::pair<std::string, std::string>> headers{};
    std::string body{};                        ///< as it stands; with its content type among the headers
    std::vector<Part> parts{};                 ///< multipart/form-data instead of `body`
    std::filesystem::path upload{};            ///< the file that is the body (PUT) instead of `body`
    std::chrono::milliseconds timeout{30'000}; ///< in all
    /// A connection of its own, HTTP/1.1, and never a second try: libcurl silently sends a POST again when a reused
    /// connection turns out dead, and a submit sent twice is paid for twice.
    bool once = false;
};

/// Whatever the server answered, any status. Redirects are answers too: they are not followed.
struct Response {
    int status = 0;
    std::map<std::string, std::string> headers{}; ///< names in lower case
    std::string body{};

    /// Empty if there is none.
    std::string header(const std::string& name) const;
};

/// No answer.
struct Failure {
    bool sent = false;      ///< some of the request may have reached the server
    bool cancelled = false; ///< by the stop token
    std::string reason{};   ///< without secrets
};

using Outcome = std::variant<Response, Failure>;

/// Talks HTTP(S) to a service: TLS verified, proxies by the environment (`https_proxy`, `no_proxy`), HTTP/2 where the
/// server has it, connections reused. Safe to use from several threads.
class Client {
public:
    struct Settings {
        std::chrono::milliseconds connect_timeout{10'000};
        std::size_t max_body = 16U << 20U; ///< bytes of an answer; more is a Failure
    };

    Client() : Client(Settings{}) {}
    explicit Client(Settings settings);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// One exchange. Returns within a second of a stop request. What is thrown was never sent: Error(usage) for what is
    /// no address or has a line break in a header, Error(input) for a file that cannot be read.
    Outcome send(const Request& request, std::stop_token stop);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::http
