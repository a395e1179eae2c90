#include "pipeline/providers/dialects/dmxapi.h"

#include "pipeline/http/url.h"
#include "pipeline/providers/dialects/kling_v1.h"

#include <algorithm>

namespace longtake::remote {
namespace {

constexpr const char* k_dmxapi_calls = "/kling/v1/videos/";
constexpr auto k_stream_timeout = std::chrono::minutes(5); ///< a stream may be held open while the task goes on

void check_sold_by_dmxapi(const TakeRequest& request, const ProviderFacts& facts)
{
    const Endpoint call = endpoint_of(request);
    const std::string who = "provider dmxapi ";
    require(call != Endpoint::images && call != Endpoint::effect, request,
            who + "cannot make " + words_for(call) + "; provider kling can");
    require(call != Endpoint::extend || facts.extends(request.model, request.settings.mode), request,
            who + "cannot extend " + request.model);
    require(request.settings.voices.empty(), request, who + "takes no \"voices\"; provider kling does");
}

/// What `/v1/responses` alone can make.
void check_sold_by_legacy_calls(const TakeRequest& request, const ProviderFacts& facts)
{
    const auto by_query = [&](const Route& route) { return route.model == request.model && !route.query.empty(); };
    const std::string who = "provider dmxapi ";
    require(std::none_of(facts.routes.begin(), facts.routes.end(), by_query), request,
            who + "does not sell " + words_for(endpoint_of(request)) + " with " + request.model +
                "; provider kling does");
    require(!request.settings.sound, request, who + "makes no sound with " + request.model + "; kling-v3 does");
    require(request.multi_shot.empty(), request,
            who + "shows no several shots with " + request.model + "; kling-v3 does");
    require(!request.settings.watermark, request, who + "sets no watermark with " + request.model + "; kling-v3 does");
}

} // namespace

DmxapiProvider::DmxapiProvider(const ProviderSettings& settings)
    : RemoteProvider("dmxapi", settings,
                     {{"/kling/v1/videos"},
                      {"/kling/v1"},
                      {"/v1/responses"},
                      {"/v1/videos", false},
                      {"/kling", false},
                      {"/v1", false}}),
      key_(key())
{
}

std::string DmxapiProvider::authorization_for(const std::string& path)
{
    return path == responses::k_path ? key_ : authorization();
}

bool DmxapiProvider::sends_cfg(const TakeRequest& request) const
{
    const Route* route = responses_route(request);
    return route != nullptr ? !route->guidance.empty() : kling_v1::sends_cfg(request);
}

const Route* DmxapiProvider::responses_route(const TakeRequest& request) const
{
    const Endpoint call = endpoint_of(request);
    if (call != Endpoint::text && call != Endpoint::image) {
        return nullptr;
    }
    const char* kind = call == Endpoint::text ? "text" : "image";
    const Route* route =
        facts().route(request.model, kind, request.settings.mode, request.take.seconds, arrives(request));
    return route != nullptr && !route->query.empty() ? route : nullptr;
}

Lookup DmxapiProvider::lookup(const TakeRequest& request) const
{
    return responses_route(request) != nullptr ? Lookup::none : Lookup::finds;
}

Submission DmxapiProvider::submit(const TakeRequest& request, std::stop_token stop)
{
    check_sold_by_dmxapi(request, facts());
    if (const Route* route = responses_route(request)) {
        return responses::submission_of(submit_json(responses::k_path, responses::body_of(request, *route), stop),
                                        *route);
    }
    check_sold_by_legacy_calls(request, facts());
    nlohmann::json body = kling_v1::body_of(request);
    if (endpoint_of(request) == Endpoint::extend) { // it must reach the upstream account that made the parent
        const std::string task = text_of(member(request.parent, "/task_id"));
        require(!task.empty(), request, "an extension needs the task id of the take before, which is not known");
        body["task_id"] = task;
    }
    const std::string path = kling_v1::path_of(endpoint_of(request));
    return kling_v1::submission_of(submit_json(k_dmxapi_calls + path, body, stop), path);
}

Job DmxapiProvider::adopt(const TakeRequest& request, const std::string& task) const
{
    const Route* route = responses_route(request);
    const auto question = route == nullptr ? std::nullopt : responses::Question::about(route->query, task);
    return question && !responses::is_job({task}) ? question->job() : kling_v1::job_of(request, task);
}

Search DmxapiProvider::search(const TakeRequest& request, std::stop_token stop)
{
    const std::string path = kling_v1::path_of(endpoint_of(request));
    return kling_v1::search_of(get(k_dmxapi_calls + path + "/" + http::encode(request.own_id), stop), path,
                               request.own_id);
}

Answer DmxapiProvider::ask(const responses::Question& question, const std::stop_token& stop)
{
    http::Request request;
    request.method = "POST";
    request.url = base() + responses::k_path;
    request.headers = {{"Content-Type", "application/json"}};
    request.body = question.body().dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (question.streams()) {
        request.timeout = k_stream_timeout;
    }
    return exchange(std::move(request), stop);
}

JobState DmxapiProvider::poll(const Job& job, std::stop_token stop)
{
    if (const auto question = responses::Question::of(job)) {
        return responses::state_of(ask(*question, stop), *question);
    }
    if (responses::is_job(job)) {
        return Missing{"the job '" + job.id + "' names no query and task that are known here; nothing was asked"};
    }
    const auto slash = job.id.find('/');
    JobState state = kling_v1::state_of(
        get(k_dmxapi_calls + job.id.substr(0, slash + 1) + http::encode(job.id.substr(slash + 1)), stop));
    if (auto* ready = std::get_if<Ready>(&state)) {
        ready->charged.reset();
    }
    if (auto* refused = std::get_if<Refused>(&state)) {
        refused->charged.reset(); // what it charged is not known
    }
    return state;
}

} // namespace longtake::remote
