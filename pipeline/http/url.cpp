#include "pipeline/http/url.h"

#include "pipeline/base/error.h"

#include <curl/curl.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace longtake::http {
namespace {

using CurlUrl = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;

/// One part of a parsed address; empty if it has none.
std::string part(CURLU* url, CURLUPart which, unsigned flags = 0)
{
    char* text = nullptr;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK || text == nullptr) {
        return {};
    }
    std::string copy(text);
    curl_free(text);
    return copy;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

} // namespace

Url parse_url(const std::string& text)
{
    const CurlUrl url(curl_url(), &curl_url_cleanup);
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
        throw Error(Errc::usage, "'" + text + "' is no web address");
    }
    Url parsed;
    parsed.scheme = lower(part(url.get(), CURLUPART_SCHEME));
    if (parsed.scheme != "https" && parsed.scheme != "http") {
        throw Error(Errc::usage, "'" + text + "': must start with https:// (or http:// for loopback)");
    }
    if (!part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty()) {
        throw Error(Errc::usage, "a web address must not carry a user name or password");
    }
    parsed.host = lower(part(url.get(), CURLUPART_HOST));
    if (parsed.host.size() > 2 && parsed.host.front() == '[') {
        parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
    }
    parsed.port = std::stoi(part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
    parsed.path = part(url.get(), CURLUPART_PATH);
    if (const std::string query = part(url.get(), CURLUPART_QUERY); !query.empty()) {
        parsed.path += "?" + query;
    }
    return parsed;
}

bool is_loopback(const std::string& host)
{
    return host == "localhost" || host == "::1" || host.rfind("127.", 0) == 0;
}

std::string checked_base(const std::string& text)
{
    const Url url = parse_url(text);
    if (url.scheme == "http" && !is_loopback(url.host)) {
        throw Error(Errc::usage, "'" + text + "': plain http is for loopback only; use https");
    }
    std::string base = text;
    while (!base.empty() && base.back() == '/') {
        base.pop_back();
    }
    return base;
}

std::string encode(const std::string& text)
{
    const std::unique_ptr<char, decltype(&curl_free)> encoded(
        curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size())), &curl_free);
    return encoded ? encoded.get() : text;
}

} // namespace longtake::http
