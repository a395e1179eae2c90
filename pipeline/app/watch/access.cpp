#include "pipeline/app/watch/access.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

namespace longtake::app {
namespace {

/// Of the system's own source.
std::string random_token()
{
    std::array<unsigned char, 24> bytes{};
    if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
        throw Error(Errc::internal, "the system gives no random bytes");
    }
    return fmt::format("{:02x}", fmt::join(bytes, ""));
}

/// Compares all of it, however soon it differs.
bool same_in_constant_time(std::string_view given, std::string_view token)
{
    unsigned differs = given.size() == token.size() ? 0U : 1U;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const char c = i < given.size() ? given[i] : '\0';
        differs |= static_cast<unsigned char>(c) ^ static_cast<unsigned char>(token[i]);
    }
    return differs == 0;
}

} // namespace

Access::Access() : token_(random_token()) {}

std::string Access::address() const
{
    return fmt::format("http://127.0.0.1:{}/{}/", port_.load(), token_);
}

/// Under another name this machine may be what a web page's owner lets his own name point to (DNS rebinding).
bool Access::is_here(const std::string& host) const
{
    const std::array<const char*, 3> names = {"127.0.0.1", "localhost", "[::1]"};
    return std::ranges::any_of(names,
                               [&](const char* name) { return host == fmt::format("{}:{}", name, port_.load()); });
}

std::optional<std::string> Access::admit(const sandbox::Call& call, std::string& why) const
{
    const std::size_t end = std::min(call.path.find('/', 1), call.path.size());
    const bool known = same_in_constant_time(
        call.path.starts_with('/') ? std::string_view(call.path).substr(1, end - 1) : std::string_view(), token_);
    if (!is_here(call.host)) {
        why = "this page has the name 127.0.0.1 or localhost and no other";
        return std::nullopt;
    }
    if (!call.origin.empty() && call.origin != "http://" + call.host) {
        why = "no other page may ask here";
        return std::nullopt;
    }
    // A link to the page may stand anywhere; what is on it is for itself alone.
    const bool page = call.method == "GET" && end + 1 >= call.path.size();
    if (!page && !call.fetch_site.empty() && call.fetch_site != "same-origin" && call.fetch_site != "none") {
        why = "no other page may ask here";
        return std::nullopt;
    }
    if (!known) {
        why = "the address has to be the whole one that `longtake watch` said, with its token";
        return std::nullopt;
    }
    return end < call.path.size() ? call.path.substr(end + 1) : std::string();
}

} // namespace longtake::app
