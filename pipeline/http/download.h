#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>

namespace longtake::http {

/// A file to fetch from an address somebody else named. It carries no credentials, unless `authorization` is given.
struct Download {
    std::string url{};                              ///< http or https
    std::filesystem::path file{};                   ///< what is there already is gone on from (Range), if it still fits
    std::int64_t max_bytes = std::int64_t{1} << 30; ///< more than this is refused, told in advance or not
    std::chrono::milliseconds stall{60'000};        ///< this long with less than 1 KiB arriving breaks it off
    /// Loopback, private and link-local addresses are refused, wherever a name or a redirect leads; but the host and
    /// port of this address (the configured service's own) may be loopback.
    std::string trusted{};
    /// The Authorization header's value, for footage that the configured service itself hands out. It is sent only to
    /// the scheme, host and port of `trusted`, and never to where a redirect leads. A private address is reached then,
    /// for it is the user's own choice.
    std::string authorization{};
    /// Given the first bytes (256, or all there are), says why they are not what was asked for; empty: they are.
    /// Nothing is written before, and what is there already is kept when they are refused. That comes to
    /// Error(pending).
    std::function<std::string(std::string_view head)> refuse_head{};
    std::function<void(std::int64_t done, std::int64_t total)> progress{}; ///< bytes; total 0: not told
};

/// Fetches it whole, following up to 5 redirects. What arrived stays in the file when it breaks off.
/// Throws Error(pending) when it broke off, timed out, or the address is not good any more (403, 404, 410: `stale
/// address`), or the first bytes were refused; Error(provider) when what is offered must not be taken: a private
/// address, another scheme, too many bytes; Error(interrupted) within a second of a stop request.
void fetch(const Download& download, std::stop_token stop);

} // namespace longtake::http
