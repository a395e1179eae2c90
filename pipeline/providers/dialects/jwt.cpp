#include "pipeline/providers/dialects/jwt.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"
#include "pipeline/http/date.h"

#include <jwt.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <utility>

namespace longtake::remote {
namespace {

constexpr std::int64_t k_lives = 1800; ///< seconds, as the vendor's own sample
constexpr std::int64_t k_before = 5;   ///< seconds a token is valid before it was made
constexpr std::int64_t k_margin = 60;  ///< seconds that must be left of it

std::int64_t unix_seconds()
{
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

void check_jwt(int error)
{
    if (error != 0) {
        throw Error(Errc::internal, "libjwt cannot make a token (error " + std::to_string(error) + ")");
    }
}

} // namespace

TokenSigner::TokenSigner(std::string access_key, std::string secret_key, Clock clock)
    : access_key_(std::move(access_key)), secret_key_(std::move(secret_key)), clock_(clock ? clock : unix_seconds)
{
    keep_secret(access_key_);
    keep_secret(secret_key_);
}

std::string TokenSigner::token()
{
    const std::lock_guard lock(mutex_);
    const std::int64_t now = clock_() + ahead_;
    if (token_.empty() || expires_ - now < k_margin) {
        token_ = sign(now);
        expires_ = now + k_lives;
        keep_secret(token_);
    }
    return token_;
}

void TokenSigner::renew(const std::string& date)
{
    const std::lock_guard lock(mutex_);
    token_.clear();
    if (const auto theirs = http::seconds_of_date(date)) {
        ahead_ = *theirs - clock_();
    }
}

std::string TokenSigner::sign(std::int64_t now) const
{
    jwt_t* made = nullptr;
    check_jwt(jwt_new(&made));
    const std::unique_ptr<jwt_t, decltype(&jwt_free)> jwt(made, &jwt_free);
    check_jwt(jwt_add_header(made, "typ", "JWT"));
    check_jwt(jwt_add_grant(made, "iss", access_key_.c_str()));
    check_jwt(jwt_add_grant_int(made, "exp", static_cast<long>(now + k_lives)));
    check_jwt(jwt_add_grant_int(made, "nbf", static_cast<long>(now - k_before)));
    check_jwt(jwt_set_alg(made, JWT_ALG_HS256, reinterpret_cast<const unsigned char*>(secret_key_.data()),
                          static_cast<int>(secret_key_.size())));
    const std::unique_ptr<char, decltype(&std::free)> text(jwt_encode_str(made), &std::free);
    if (!text) {
        throw Error(Errc::internal, "libjwt cannot sign a token");
    }
    return text.get();
}

} // namespace longtake::remote
