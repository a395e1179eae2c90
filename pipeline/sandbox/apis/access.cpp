#include "pipeline/sandbox/apis/access.h"

#include "pipeline/base/hash.h"

#include <fmt/format.h>
#include <jwt.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <random>

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

bool is_key(const std::string& credential, const std::string& surface, const Settings& settings)
{
    return credential == settings.api_keys.at(surface) ||
           (settings.any_key && credential.starts_with("sandbox-" + surface + "-"));
}

/// The pair of keys and the API key that the sandbox shows are one account, as the real service's are; any other key is
/// an account of its own.
std::string account_of(const std::string& surface, const std::string& key)
{
    return sha256_of(surface + " " + key).substr(0, 8);
}

std::string checked_account(const std::string& key, const std::string& surface, const Settings& settings)
{
    if (!is_key(key, surface, settings)) {
        throw Refusal(1002, "Authorization is invalid: the key is not one of this account");
    }
    return account_of(surface, key);
}

std::string random_digits()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}", random(), random(), random());
}

} // namespace

Settings with_keys(Settings settings)
{
    for (const char* surface : {"kling", "newapi", "dmxapi", "wavespeed", "302ai"}) {
        settings.api_keys.try_emplace(surface, fmt::format("sandbox-{}-{}", surface, random_digits()));
    }
    if (settings.access_key.empty()) {
        settings.access_key = "sandbox-access-" + random_digits();
    }
    if (settings.secret_key.empty()) {
        settings.secret_key = "sandbox-secret-" + random_digits();
    }
    return settings;
}

std::string check_key(const Call& call, const std::string& surface, const Settings& settings)
{
    return checked_account(credential_of(call), surface, settings);
}

std::string check_bare_key(const Call& call, const std::string& surface, const Settings& settings)
{
    if (call.authorization.empty()) {
        throw Refusal(1001, "Authorization is empty");
    }
    if (call.authorization.find(' ') != std::string::npos) {
        throw Refusal(1000, "Authentication failed: the header must be the key alone");
    }
    return checked_account(call.authorization, surface, settings);
}

std::string check_key_or_token(const Call& call, const std::string& surface, const Settings& settings, std::int64_t now)
{
    const std::string credential = credential_of(call);
    if (!is_key(credential, surface, settings) && std::count(credential.begin(), credential.end(), '.') == 2) {
        check_token(credential, settings, now);
        return account_of(surface, settings.api_keys.at(surface));
    }
    return check_key(call, surface, settings);
}

} // namespace longtake::sandbox
