#include "pipeline/providers/dmxapi.h"

#include "pipeline/http/url.h"
#include "pipeline/providers/official.h"

namespace longtake::remote {
namespace {

constexpr const char* k_dmxapi_calls = "/kling/v1/videos/";

void check_sold_by_dmxapi(const TakeRequest& request, const ProviderFacts& facts)
{
    const Call call = call_of(request);
    const std::string who = "provider dmxapi ";
    require(call != Call::images && call != Call::effect, request,
            who + "cannot make " + words_for(call) + "; provider kling can");
    require(call != Call::extend || facts.extends(request.model, request.settings.mode), request,
            who + "cannot extend " + request.model);
    require(!request.settings.sound && request.settings.voices.empty(), request,
            who + "makes no sound; provider kling does, with kling-v2-6");
    require(request.multi_shot.empty(), request, who + "knows no \"multi_shot\"; provider kling does, with kling-v3");
}

} // namespace

DmxapiProvider::DmxapiProvider(const ProviderSettings& settings)
    : RemoteProvider("dmxapi", settings,
                     {{"/kling/v1/videos"}, {"/kling/v1"}, {"/v1/videos", false}, {"/kling", false}, {"/v1", false}}),
      key_(key())
{
}

bool DmxapiProvider::sends_cfg(const TakeRequest& request) const
{
    return official::sends_cfg(request);
}

Submission DmxapiProvider::submit(const TakeRequest& request, std::stop_token stop)
{
    check_sold_by_dmxapi(request, facts());
    nlohmann::json body = official::body_of(request);
    if (call_of(request) == Call::extend) { // it must reach the upstream account that made the parent
        const std::string task = text_of(member(request.parent, "/task_id"));
        require(!task.empty(), request, "an extension needs the task id of the take before, which is not known");
        body["task_id"] = task;
    }
    const std::string path = official::path_of(call_of(request));
    return official::submission_of(submit_json(k_dmxapi_calls + path, body, stop), path);
}

Job DmxapiProvider::adopt(const TakeRequest& request, const std::string& task) const
{
    return official::job_of(request, task);
}

Search DmxapiProvider::search(const TakeRequest& request, std::stop_token stop)
{
    const std::string path = official::path_of(call_of(request));
    return official::search_of(get(k_dmxapi_calls + path + "/" + http::encode(request.own_id), stop), path,
                               request.own_id);
}

JobState DmxapiProvider::poll(const Job& job, std::stop_token stop)
{
    const auto slash = job.id.find('/');
    JobState state = official::state_of(
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
