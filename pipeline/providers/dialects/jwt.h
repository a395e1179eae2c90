#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace longtake::remote {

/// Makes the tokens of Kling's access and secret keys: HS256, good for half an hour, signed again when fewer than 60 s
/// are left. Every token is remembered as a secret. Safe from several threads.
class TokenSigner {
public:
    /// Unix seconds.
    using Clock = std::function<std::int64_t()>;

    TokenSigner(std::string access_key, std::string secret_key, Clock clock = {});

    std::string token();

    /// Signs anew from here on, after the service called a token expired or not valid yet. `date` is the HTTP header of
    /// its answer: where the two clocks differ, the service's counts.
    void renew(const std::string& date);

private:
    std::string sign(std::int64_t now) const;

    const std::string access_key_;
    const std::string secret_key_;
    const Clock clock_;
    std::mutex mutex_;
    std::int64_t ahead_ = 0; ///< seconds the service's clock is ahead of ours
    std::int64_t expires_ = 0;
    std::string token_;
};

} // namespace longtake::remote
