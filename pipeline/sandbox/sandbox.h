#pragma once

#include "pipeline/model/preset.h"
#include "pipeline/model/rate.h"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace longtake::sandbox {

/// What a sandbox is like.
struct Settings {
    PresetDirs preset_dirs;                  ///< where the models stand; empty: the program's own
    int port = 0;                            ///< 0: a free one
    double queue_seconds = 0.5;              ///< a task waits so long, then
    double take_seconds = 1.5;               ///< is worked on so long (longer if rendering takes longer)
    std::optional<Size> size;                ///< of every film, whatever is asked for; even sides
    double scale = 1;                        ///< of the service's own sizes, 0.05..1; `size` wins
    int slots = 5;                           ///< tasks an account may have at once; more: 1303
    double rate = 0;                         ///< submits a second an account may make, 0: any; more: 1302
    std::optional<double> balance;           ///< USD each account has; more: 1102
    std::optional<std::int64_t> max_request; ///< bytes; a larger POST meets the proxy's 413 and its web page
    bool cumulative = true;                  ///< an extension's result is the whole film; false: only what was added
    bool newapi_passthrough = false;         ///< newapi speaks the official dialect, extensions included
    double drift = 0;                        ///< see Footage::drift
    double clock = 0;                        ///< seconds the service's clock is ahead of ours
    std::string access_key; ///< of the official service, as the next; empty: a new random one at each start
    std::string secret_key;
    std::map<std::string, std::string> api_keys; ///< by service; one that is missing: a new random one at each start
    bool any_key = true;                         ///< takes also every other key that begins with `sandbox-<service>-`
    double url_seconds = 30 * 86400;             ///< file addresses are good for
    std::vector<std::string> faults;             ///< see FaultBook::order
    int threads = 64;                            ///< connections served at a time
    int waiting = 256;                           ///< connections that may wait for a thread; more are closed at once
    double head_seconds = 20;                    ///< a request's header must be there by then
    int render_threads = 2;
};

/// A local server that speaks the dialects of all five services, on 127.0.0.1 alone. It renders what it is asked for
/// with the local provider's renderer, and keeps everything in memory and in a temporary folder that is gone with it.
///
/// Each service lives under a path of its own, `http://127.0.0.1:PORT/<provider>`, and takes the keys that keys()
/// names: the official one also tokens signed with its pair. Each key is an account of its own (that pair and the
/// official API key are one): a task is there for the account alone that made it. Result files and the page that shows
/// what happened (`/`) lie beside them. Requests that name another host, or come from another web page, are refused.
class Sandbox {
public:
    /// Listens at once. Throws Error(usage) for a port that is taken or a fault that does not exist.
    explicit Sandbox(Settings settings);
    ~Sandbox();
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    int port() const noexcept;

    /// "http://127.0.0.1:PORT/kling": what `LONGTAKE_KLING_BASE_URL` takes.
    std::string base_url(const std::string& provider) const;

    /// Keys it accepts, by environment variable.
    std::map<std::string, std::string> keys() const;

    /// All of keys() and `LONGTAKE_<PROVIDER>_BASE_URL` for each provider.
    std::map<std::string, std::string> environment() const;

    /// What `GET /sandbox/state` says: requests, submits, tasks, bills and their total, faults, refused requests, and
    /// leaks (requests for files that carried credentials).
    nlohmann::json state() const;

    /// Orders a fault while running, e.g. "drop-after-accept:2"; see known_faults(). Throws Error(usage).
    void order_fault(const std::string& fault);

    /// Lifts all faults, from the tasks that have them too.
    void forgive();

    /// Forgets tasks, bills, counters and faults.
    void reset();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::sandbox
