#pragma once

#include "pipeline/sandbox/apis/call.h"

#include <atomic>
#include <optional>
#include <string>

namespace longtake::app {

/// Who may see a run and steer it: whoever has its address, which has a random token of 192 bits for its first part.
/// The token is no cookie: those are sent to every port of a machine. A page of another site can ask nothing here,
/// whatever name it has itself called by.
class Access {
public:
    Access();

    void serves(int port) noexcept { port_ = port; }

    /// "http://127.0.0.1:PORT/TOKEN/"
    std::string address() const;

    /// What is asked for, below the token: "", "events", "files/0". Empty: the request is refused, and why stands in
    /// `why`. Takes the same time whatever token it has.
    std::optional<std::string> admit(const sandbox::Call& call, std::string& why) const;

private:
    bool is_here(const std::string& host) const;

    std::string token_; ///< lower-case hex
    std::atomic<int> port_ = 0;
};

} // namespace longtake::app
