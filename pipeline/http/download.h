#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>

namespace longtake::http {

/// A file to fetch from an address somebody else named. It carries no credentials.
struct Download {
    std::string url{};                              ///< http or https
    std::filesystem::path file{};                   ///< what is there already is gone on from (Range), if it still fits
    std::int64_t max_bytes = std::int64_t{1} << 30; ///< more than this is refused, told in advance or not
    std::chrono::milliseconds stall{60'000};        ///< this long without a byte breaks it off
    /// Loopback, private and link-local addresses are refused, wherever a name or a redirect leads; but the host and
    /// port of this address (the configured service's own) may be loopback.
    std::string trusted{};
    std::function<void(std::int64_t done, std::int64_t total)> progress{}; ///< bytes; total 0: not told
};

/// Fetches it whole, following up to 5 redirects. What arrived stays in the file when it breaks off.
/// Throws Error(pending) when it broke off, timed out, or the address is not good any more (403, 404, 410: `stale
/// address`); Error(provider) when what is offered must not be taken: a private address, another scheme, too many
/// bytes, an HTML page; Error(interrupted) within a second of a stop request.
void fetch(const Download& download, std::stop_token stop);

} // namespace longtake::http
