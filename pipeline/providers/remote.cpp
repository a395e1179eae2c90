#include "pipeline/providers/remote.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"
#include "pipeline/base/text.h"
#include "pipeline/http/download.h"
#include "pipeline/http/url.h"
#include "pipeline/providers/asked.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace longtake::remote {
namespace {

using nlohmann::json;

constexpr std::int64_t k_most_bytes = std::int64_t{1} << 30;
constexpr std::int64_t k_least_bytes = std::int64_t{256} << 20;
constexpr const char* k_nowhere = "https://offline.invalid"; ///< a name that never leads anywhere (RFC 6761)
constexpr double k_bytes_a_second = 40e6;                    ///< several times what these services encode 4k with

std::string base_of(const std::string& name, const ProviderSettings& settings)
{
    const std::string variable = settings.facts.base_url_variable();
    const std::string address = settings.base_url.empty() ? settings.facts.base_url : settings.base_url;
    if (address.empty() && settings.offline) {
        return k_nowhere;
    }
    if (address.empty()) {
        throw Error(Errc::usage, "provider '" + name + "' has no address of its own: set " + variable +
                                     " or providers." + name + ".base_url");
    }
    return in_context(variable + " (providers." + name + ".base_url)", [&] { return http::checked_base(address); });
}

std::int64_t bytes_allowed(const json& ref)
{
    const auto seconds = number_of(member(ref, "/seconds"));
    if (!seconds) {
        return k_most_bytes;
    }
    const double bytes = std::clamp(*seconds * k_bytes_a_second, double(k_least_bytes), double(k_most_bytes));
    return static_cast<std::int64_t>(bytes);
}

} // namespace

RemoteProvider::RemoteProvider(std::string name, const ProviderSettings& settings)
    : name_(std::move(name)), settings_(settings), base_(base_of(name_, settings)),
      rehearsal_(http::is_loopback(http::parse_url(base_).host))
{
}

std::string RemoteProvider::account() const
{
    const http::Url url = http::parse_url(base_); // its own spelling: upper case and a named default port do not count
    return fmt::format("{}://{}:{}{}\n{}", url.scheme, url.host, url.port, url.path, credential());
}

json RemoteProvider::shape(const TakeRequest& request) const
{
    return shape_of_take(request, sends_cfg(request));
}

void RemoteProvider::download(const Ready& footage, const std::filesystem::path& file, const Progress& progress,
                              std::stop_token stop)
{
    http::Download download;
    download.url = footage.url;
    download.file = file;
    download.max_bytes = bytes_allowed(footage.ref);
    download.trusted = base_;
    download.progress = progress;
    http::fetch(download, stop);
}

std::string RemoteProvider::key(const std::string& variable) const
{
    const auto found = settings_.keys.find(variable);
    if (found == settings_.keys.end() || settings_.offline) {
        return {};
    }
    const auto blank = [](unsigned char c) { return c <= ' ' || c == 0x7f; };
    std::string key = found->second;
    key.erase(std::find_if_not(key.rbegin(), key.rend(), blank).base(), key.end());
    key.erase(key.begin(), std::find_if_not(key.begin(), key.end(), blank));
    if (std::any_of(key.begin(), key.end(), blank)) {
        throw Error(Errc::credentials, variable + " holds a blank or control character inside; set it to the bare key");
    }
    keep_secret(key);
    return key;
}

std::string RemoteProvider::key() const
{
    for (const std::string& variable : facts().keys) {
        if (std::string found = key(variable); !found.empty()) {
            return found;
        }
    }
    if (settings_.offline) {
        return {};
    }
    throw Error(Errc::credentials, "provider '" + name_ + "' needs a key: set " + join(facts().keys, " or "));
}

Answer RemoteProvider::get(const std::string& path, const std::stop_token& stop)
{
    http::Request request;
    request.url = base_ + path;
    return exchange(std::move(request), stop);
}

Answer RemoteProvider::submit_json(const std::string& path, const json& body, const std::stop_token& stop)
{
    http::Request request;
    request.method = "POST";
    request.url = base_ + path;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
    request.timeout = settings_.submit_timeout;
    request.once = true;
    return exchange(std::move(request), stop);
}

Answer RemoteProvider::submit_parts(const std::string& path, std::vector<http::Part> parts, const std::stop_token& stop)
{
    http::Request request;
    request.method = "POST";
    request.url = base_ + path;
    request.parts = std::move(parts);
    request.timeout = settings_.submit_timeout;
    request.once = true;
    return exchange(std::move(request), stop);
}

Answer RemoteProvider::exchange(http::Request request, const std::stop_token& stop)
{
    request.headers.emplace_back("Authorization", authorization());
    Answer answer = answer_of(client_.send(request, stop));
    if (!renew(answer)) {
        return answer;
    }
    request.headers.back().second = authorization();
    return answer_of(client_.send(request, stop));
}

} // namespace longtake::remote
