#include "pipeline/base/secrets.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <vector>

namespace longtake {
namespace {

constexpr std::size_t k_shortest = 6;
constexpr std::size_t k_shortest_part = 10; ///< of a secret that was cut short; less could be any word
constexpr std::string_view k_hidden = "[hidden]";

struct Secrets {
    std::mutex mutex;
    std::vector<std::string> values; ///< in every spelling
};

Secrets& secrets()
{
    static Secrets all;
    return all;
}

bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_unreserved(char c)
{
    return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.' || c == '~';
}

std::string percent_encoded(std::string_view text, std::string_view digits)
{
    std::string encoded;
    for (const char c : text) {
        if (is_unreserved(c)) {
            encoded += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            encoded += {'%', digits[byte >> 4U], digits[byte & 15U]};
        }
    }
    return encoded;
}

bool in_credential(char c)
{
    return is_unreserved(c) || c == '+' || c == '/' || c == '=' || c == '|' || c == '%';
}
bool in_signed_token(char c)
{
    return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.';
}

/// As some services write it in JSON.
std::string with_escaped_slashes(std::string_view text)
{
    std::string escaped;
    for (const char c : text) {
        escaped += c == '/' ? "\\/" : std::string(1, c);
    }
    return escaped;
}

/// Which characters of a text are to be hidden. All is looked for in the text as it was given: secrets that overlap are
/// hidden together.
class Mask {
public:
    explicit Mask(std::string_view text) : text_(text), hidden_(text.size(), false) {}

    void hide(std::size_t at, std::size_t count)
    {
        std::fill_n(hidden_.begin() + static_cast<std::ptrdiff_t>(at), count, true);
    }

    /// A secret, or what is left of one that was cut short: at least half of it.
    void hide_value(std::string_view value)
    {
        const std::string_view half = value.substr(0, std::max(k_shortest_part, (value.size() + 1) / 2));
        for (std::size_t at = text_.find(half); at != std::string_view::npos; at = text_.find(half, at + 1)) {
            const std::string_view rest = text_.substr(at, value.size());
            const auto differs = std::mismatch(rest.begin(), rest.end(), value.begin()).first;
            hide(at, static_cast<std::size_t>(differs - rest.begin()));
        }
    }

    /// Runs of at least `least` characters that `belongs` accepts, after every `lead`.
    template <class Belongs>
    void hide_after(std::string_view lead, std::size_t least, Belongs belongs)
    {
        for (std::size_t at = text_.find(lead); at != std::string_view::npos; at = text_.find(lead, at)) {
            at += lead.size();
            const auto rest = text_.substr(at);
            const auto run =
                static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), belongs) - rest.begin());
            if (run >= least) {
                hide(at, run);
            }
            at += run;
        }
    }

    /// Every JWT, cut short or not: they begin with '{"' in base64.
    void hide_signed_tokens()
    {
        constexpr std::string_view k_begin = "eyJ";
        for (std::size_t at = text_.find(k_begin); at != std::string_view::npos; at = text_.find(k_begin, at + 1)) {
            const auto rest = text_.substr(at);
            const auto run =
                static_cast<std::size_t>(std::find_if_not(rest.begin(), rest.end(), in_signed_token) - rest.begin());
            if (run >= k_begin.size() + 8) {
                hide(at, run);
                at += run - 1;
            }
        }
    }

    std::string text() const
    {
        std::string shown;
        for (std::size_t i = 0; i < text_.size(); ++i) {
            if (!hidden_[i]) {
                shown += text_[i];
            } else if (i == 0 || !hidden_[i - 1]) {
                shown += k_hidden;
            }
        }
        return shown;
    }

private:
    std::string_view text_;
    std::vector<bool> hidden_;
};

/// What a secret nobody told us about follows: a bearer token, a signature in an address.
constexpr std::array<std::string_view, 9> k_leads{
    "Bearer ", "bearer ", "Signature=", "signature=", "sign=", "sig=", "Token=", "token=", "auth_key="};

} // namespace

void keep_secret(std::string_view secret)
{
    if (secret.size() < k_shortest) {
        return;
    }
    const std::lock_guard lock(secrets().mutex);
    auto& values = secrets().values;
    for (std::string& spelling :
         std::array{std::string(secret), percent_encoded(secret, "0123456789ABCDEF"),
                    percent_encoded(secret, "0123456789abcdef"), with_escaped_slashes(secret)}) {
        if (std::find(values.begin(), values.end(), spelling) == values.end()) {
            values.push_back(std::move(spelling));
        }
    }
}

std::string redact(std::string_view text)
{
    Mask mask(text);
    {
        const std::lock_guard lock(secrets().mutex);
        for (const std::string& value : secrets().values) {
            mask.hide_value(value);
        }
    }
    for (const std::string_view lead : k_leads) {
        mask.hide_after(lead, k_shortest, in_credential);
    }
    mask.hide_signed_tokens();
    return mask.text();
}

} // namespace longtake
