#include "pipeline/base/secrets.h"

#include <algorithm>
#include <mutex>
#include <regex>
#include <vector>

namespace longtake {
namespace {

constexpr std::size_t k_shortest = 6;
constexpr std::string_view k_hidden = "[hidden]";

struct Secrets {
    std::mutex mutex;
    std::vector<std::string> values; ///< longest first, so that no part of a longer one is left over
};

Secrets& secrets()
{
    static Secrets all;
    return all;
}

bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '~';
}

std::string percent_encoded(std::string_view text)
{
    constexpr std::string_view k_digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        if (is_unreserved(c)) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', k_digits[byte >> 4U], k_digits[byte & 15U]};
        }
    }
    return encoded;
}

void replace_all(std::string& text, const std::string& from)
{
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + k_hidden.size())) {
        text.replace(at, from.size(), k_hidden);
    }
}

void insert_longest_first(std::vector<std::string>& values, std::string value)
{
    const auto shorter = [&](const std::string& other) { return other.size() < value.size(); };
    if (std::find(values.begin(), values.end(), value) == values.end()) {
        values.insert(std::find_if(values.begin(), values.end(), shorter), std::move(value));
    }
}

} // namespace

void keep_secret(std::string_view secret)
{
    if (secret.size() < k_shortest) {
        return;
    }
    const std::lock_guard lock(secrets().mutex);
    insert_longest_first(secrets().values, std::string(secret));
    insert_longest_first(secrets().values, percent_encoded(secret));
}

std::string redact(std::string_view text)
{
    static const std::regex k_bearer(R"((Bearer )[A-Za-z0-9._~+/=|-]{6,})");
    static const std::regex k_signed_token(R"(eyJ[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*){0,2})"); // a JWT, cut short or not
    std::string clean(text);
    {
        const std::lock_guard lock(secrets().mutex);
        for (const std::string& value : secrets().values) {
            replace_all(clean, value);
        }
    }
    if (clean.find("Bearer ") != std::string::npos) {
        clean = std::regex_replace(clean, k_bearer, "$1[hidden]");
    }
    if (clean.find("eyJ") != std::string::npos) {
        clean = std::regex_replace(clean, k_signed_token, "[hidden]");
    }
    return clean;
}

} // namespace longtake
