#include "pipeline/app/sandbox/access.h"

#include <jwt.h>

#include <algorithm>
#include <cerrno>
#include <memory>

namespace longtake::sandbox {
namespace {

struct FreeToken {
    void operator()(jwt_t* token) const { jwt_free(token); }
};
using Token = std::unique_ptr<jwt_t, FreeToken>;

/// HS256 with our secret, or 1002.
Token verified(const std::string& text, const std::string& secret)
{
    jwt_t* raw = nullptr;
    const int failed = jwt_decode(&raw, text.c_str(), reinterpret_cast<const unsigned char*>(secret.data()),
                                  static_cast<int>(secret.size()));
    Token token(raw);
    if (failed != 0 || jwt_get_alg(token.get()) != JWT_ALG_HS256) {
        throw Refusal(1002,
                      "Authorization is invalid: the token's signature is not HS256 with the account's secret key");
    }
    return token;
}

std::int64_t instant(jwt_t* token, const char* name)
{
    errno = 0;
    const long value = jwt_get_grant_int(token, name);
    if (errno != 0) {
        throw Refusal(1002, std::string("Authorization is invalid: ") + name + " is not an integer");
    }
    return value;
}

void check_token(const std::string& text, const Settings& account, std::int64_t now)
{
    const Token token = verified(text, account.secret_key);
    const char* issuer = jwt_get_grant(token.get(), "iss");
    if (issuer == nullptr || issuer != account.access_key) {
        throw Refusal(1002, "Authorization is invalid: iss is not an access key known here");
    }
    if (instant(token.get(), "exp") <= now) {
        throw Refusal(1004, "Authorization has expired");
    }
    if (instant(token.get(), "nbf") > now) {
        throw Refusal(1003, "Authorization is not yet valid");
    }
}

std::string credential_of(const Call& call)
{
    constexpr std::string_view k_scheme = "Bearer ";
    if (call.authorization.empty()) {
        throw Refusal(1001, "Authorization is empty");
    }
    if (!call.authorization.starts_with(k_scheme) || call.authorization.size() == k_scheme.size()) {
        throw Refusal(1000, "Authentication failed: the header must read `Bearer ...`");
    }
    return call.authorization.substr(k_scheme.size());
}

bool is_key(const std::string& credential, const std::string& surface)
{
    return credential.starts_with("sandbox-" + surface + "-");
}

} // namespace

std::string api_key(const std::string& surface)
{
    return "sandbox-" + surface + "-7c19e4b2d8f05a36";
}

void check_key(const Call& call, const std::string& surface)
{
    if (!is_key(credential_of(call), surface)) {
        throw Refusal(1002, "Authorization is invalid: the key is not one of this account");
    }
}

void check_key_or_token(const Call& call, const std::string& surface, const Settings& account, std::int64_t now)
{
    const std::string credential = credential_of(call);
    if (!is_key(credential, surface) && std::count(credential.begin(), credential.end(), '.') == 2) {
        return check_token(credential, account, now);
    }
    check_key(call, surface);
}

} // namespace longtake::sandbox
