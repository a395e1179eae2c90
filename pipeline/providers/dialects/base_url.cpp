#include "pipeline/providers/dialects/base_url.h"

#include "pipeline/base/error.h"
#include "pipeline/http/url.h"

#include <fmt/format.h>

namespace longtake::remote {
namespace {

constexpr const char* k_nowhere = "https://offline.invalid"; ///< a name that never leads anywhere (RFC 6761)

/// "klingai.com" of "api-singapore.klingai.com"
std::string domain_of(const std::string& url)
{
    const std::string host = http::parse_url(url).host;
    const auto last = host.rfind('.');
    const auto before = last == std::string::npos || last == 0 ? std::string::npos : host.rfind('.', last - 1);
    return before == std::string::npos ? host : host.substr(before + 1);
}

} // namespace

BaseUrl base_url_of(const std::string& provider, const ProviderSettings& settings, const std::vector<CallPath>& calls)
{
    const std::string variable = settings.facts.base_url_variable();
    const std::string given = settings.base_url.empty() ? settings.facts.base_url : settings.base_url;
    if (given.empty() && settings.offline) {
        return {k_nowhere, {}};
    }
    if (given.empty()) {
        throw Error(Errc::usage, "provider '" + provider + "' has no address of its own: set " + variable +
                                     " or providers." + provider + ".base_url");
    }
    const std::string base =
        in_context(variable + " (providers." + provider + ".base_url)", [&] { return http::checked_base(given); });
    for (const CallPath& call : calls) {
        if (!http::lower(base).ends_with(call.path)) {
            continue;
        }
        const std::string hint = fmt::format("{} has '{}' in it, which every call adds itself: set it to {}", variable,
                                             call.path, base.substr(0, base.size() - call.path.size()));
        const bool vendors = !settings.facts.base_url.empty() && domain_of(base) == domain_of(settings.facts.base_url);
        if (call.certain || vendors) {
            throw Error(Errc::usage, hint);
        }
        return {base, hint};
    }
    return {base, {}};
}

} // namespace longtake::remote
