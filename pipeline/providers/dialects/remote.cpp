#include "pipeline/providers/dialects/remote.h"

#include "pipeline/base/error.h"
#include "pipeline/base/secrets.h"
#include "pipeline/base/text.h"
#include "pipeline/http/download.h"
#include "pipeline/http/url.h"
#include "pipeline/providers/dialects/bare_key.h"
#include "pipeline/providers/dialects/request_shape.h"
#include "pipeline/providers/footage_head.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::remote {
namespace {

using nlohmann::json;

constexpr std::int64_t k_most_bytes = std::int64_t{1} << 30;
constexpr std::int64_t k_least_bytes = std::int64_t{256} << 20;
constexpr double k_bytes_a_second = 40e6; ///< several times what these services encode 4k with

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

RemoteProvider::RemoteProvider(std::string name, const ProviderSettings& settings, const std::vector<CallPath>& calls)
    : name_(std::move(name)), settings_(settings), base_(base_url_of(name_, settings, calls)),
      rehearsal_(http::is_loopback(http::parse_url(base()).host))
{
}

std::string RemoteProvider::account() const
{
    const http::Url url = http::parse_url(base()); // its own spelling: upper case and a named default port do not count
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
    download.trusted = base();
    download.refuse_head = why_no_footage;
    if (footage.with_key) {
        download.authorization = authorization();
    }
    download.progress = progress;
    http::fetch(download, stop);
}

std::string RemoteProvider::key(const std::string& variable) const
{
    const auto found = settings_.keys.find(variable);
    if (found == settings_.keys.end() || settings_.offline) {
        return {};
    }
    std::string key = bare_key(variable, found->second);
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
    request.url = base() + path;
    return exchange(std::move(request), stop);
}

Answer RemoteProvider::submit_json(const std::string& path, const json& body, const std::stop_token& stop)
{
    http::Request request;
    request.method = "POST";
    request.url = base() + path;
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
    request.url = base() + path;
    request.parts = std::move(parts);
    request.timeout = settings_.submit_timeout;
    request.once = true;
    return exchange(std::move(request), stop);
}

Answer RemoteProvider::exchange(http::Request request, const std::stop_token& stop)
{
    const std::string path = request.url.substr(base().size());
    request.headers.emplace_back("Authorization", authorization_for(path));
    Answer answer = answer_of(client_.send(request, stop));
    if (renew(answer)) {
        request.headers.back().second = authorization_for(path);
        answer = answer_of(client_.send(request, stop));
    }
    if (answer.readable() && answer.status < 300) {
        answers_ = true;
    } else if (!answers_ && (answer.page || answer.status == 404 || answer.status == 405)) {
        answer.hint = base_.hint;
        answer.astray = request.once && answer.page && !answer.hint.empty() && is_no_service(stop);
    }
    return answer;
}

/// Whether a look at a task is answered with a page too: one GET, which owes nothing. A submit that got a page may be
/// running and billed all the same, unless nothing here knows of tasks.
bool RemoteProvider::is_no_service(const std::stop_token& stop)
{
    http::Request look;
    look.url = base() + probe_path();
    look.headers.emplace_back("Authorization", authorization());
    const Answer answer = answer_of(client_.send(look, stop));
    return answer.page && answer.status < 500;
}

} // namespace longtake::remote
