#include "pipeline/http/url.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"
#include "pipeline/http/address.h"
#include "pipeline/http/handle.h"

#include <algorithm>
#include <memory>

namespace longtake::http {

std::string lower(std::string text)
{
    const auto lowered = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
    std::transform(text.begin(), text.end(), text.begin(), lowered);
    return text;
}

std::string shown(const std::string& url)
{
    std::string text = url.substr(0, url.find_first_of("?#"));
    const auto host = text.find("://") == std::string::npos ? 0 : text.find("://") + 3;
    const auto user_end = text.substr(0, text.find('/', host)).rfind('@');
    if (user_end != std::string::npos && user_end >= host) {
        text.erase(host, user_end + 1 - host);
    }
    return redact(text);
}

Url parse_url(const std::string& text)
{
    const UrlPtr url(curl_url());
    if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
        throw Error(Errc::usage, "'" + shown(text) + "' is no web address");
    }
    Url parsed;
    parsed.scheme = lower(url_part(url.get(), CURLUPART_SCHEME));
    if (parsed.scheme != "https" && parsed.scheme != "http") {
        throw Error(Errc::usage, "'" + shown(text) + "': must start with https:// (or http:// for loopback)");
    }
    if (!url_part(url.get(), CURLUPART_USER).empty() || !url_part(url.get(), CURLUPART_PASSWORD).empty()) {
        throw Error(Errc::usage, "a web address must not carry a user name or password");
    }
    parsed.host = lower(url_part(url.get(), CURLUPART_HOST));
    if (parsed.host.size() > 2 && parsed.host.front() == '[') {
        parsed.host = parsed.host.substr(1, parsed.host.size() - 2);
    }
    parsed.port = std::stoi(url_part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT));
    parsed.path = url_part(url.get(), CURLUPART_PATH);
    if (const std::string query = url_part(url.get(), CURLUPART_QUERY); !query.empty()) {
        parsed.path += "?" + query;
    }
    return parsed;
}

bool same_origin(const Url& one, const Url& other)
{
    return one.scheme == other.scheme && one.host == other.host && one.port == other.port;
}

bool is_loopback(const std::string& host)
{
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    const std::string bare = bracketed ? host.substr(1, host.size() - 2) : host;
    return lower(bare) == "localhost" || reach_of_literal(bare) == Reach::loopback;
}

std::string checked_base(const std::string& text)
{
    const Url url = parse_url(text);
    if (url.scheme == "http" && !is_loopback(url.host)) {
        throw Error(Errc::usage, "'" + shown(text) + "': plain http is for loopback only; use https");
    }
    if (text.find_first_of("?#") != std::string::npos) {
        throw Error(Errc::usage, "'" + shown(text) + "': a base address has no query");
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
