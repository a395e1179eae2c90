#include "pipeline/providers/dialects/kling.h"

#include "pipeline/http/url.h"
#include "pipeline/providers/dialects/kling_v1.h"
#include "pipeline/providers/dialects/kling_v2.h"

#include <algorithm>

namespace longtake::remote {
namespace {

using nlohmann::json;

constexpr const char* k_legacy_calls = "/v1/videos/";
constexpr const char* k_job_of_api2 = "tasks/";
constexpr const char* k_omni = "omni-video";

} // namespace

KlingProvider::KlingProvider(const ProviderSettings& settings)
    : RemoteProvider("kling", settings, {{"/v1/videos"}, {"/v1", false}})
{
    api_key_ = either_key("API_KEY");
    access_key_ = either_key("ACCESS_KEY");
    const std::string secret = either_key("SECRET_KEY");
    if (!access_key_.empty() && !secret.empty()) {
        signer_.emplace(access_key_, secret);
    }
    if (api_key_.empty() && !signer_ && !settings.offline) {
        throw Error(Errc::credentials,
                    "provider 'kling' needs a key: set KLING_API_KEY, or KLING_ACCESS_KEY and KLING_SECRET_KEY");
    }
}

std::string KlingProvider::either_key(const std::string& name) const
{
    const std::string own = key("KLING_" + name);
    return own.empty() ? key("KLINGAI_" + name) : own;
}

std::string KlingProvider::api2_model(const TakeRequest& request) const
{
    const Endpoint call = endpoint_of(request);
    if (call != Endpoint::text && call != Endpoint::image) {
        return {}; // API 2.0 has no calls for the others
    }
    const auto models = facts().facts.find("api2");
    return models == facts().facts.end() ? std::string() : models->value(request.model, "");
}

std::string KlingProvider::path_for(const TakeRequest& request) const
{
    const Endpoint call = endpoint_of(request);
    const json models = facts().facts.value("omni", json::array());
    const bool listed = std::find(models.begin(), models.end(), request.model) != models.end();
    const bool omni = listed && call != Endpoint::lip_sync && call != Endpoint::effect;
    return omni ? k_omni : kling_v1::path_of(call);
}

std::string KlingProvider::authorization()
{
    return "Bearer " + (api_key_.empty() ? signer_->token() : api_key_);
}

bool KlingProvider::renew(const Answer& answer)
{
    const std::string code = kling_v1::complaint_of(answer.body).code;
    if (!api_key_.empty() || (code != "1003" && code != "1004")) {
        return false;
    }
    signer_->renew(answer.date);
    return true;
}

bool KlingProvider::sends_cfg(const TakeRequest& request) const
{
    return api2_model(request).empty() && kling_v1::sends_cfg(request);
}

Submission KlingProvider::submit(const TakeRequest& request, std::stop_token stop)
{
    const Endpoint call = endpoint_of(request);
    if (const std::string model = api2_model(request); !model.empty()) {
        if (api_key_.empty()) {
            throw Error(Errc::credentials, request.model + " needs an API key: set KLING_API_KEY; access and secret "
                                                           "keys are for the older models");
        }
        return kling_v2::submission_of(
            submit_json(kling_v2::path_of(request, model), kling_v2::body_of(request, model), stop));
    }
    require(call != Endpoint::extend || facts().extends(request.model, request.settings.mode), request,
            "provider kling cannot extend " + request.model);
    const std::string path = path_for(request);
    const json body = path == k_omni ? kling_v1::omni_body_of(request) : kling_v1::body_of(request);
    return kling_v1::submission_of(submit_json(k_legacy_calls + path, body, stop), path);
}

Lookup KlingProvider::lookup(const TakeRequest& request) const
{
    const bool nameless = api2_model(request).empty() && endpoint_of(request) == Endpoint::lip_sync;
    return nameless ? Lookup::none : Lookup::proves;
}

Job KlingProvider::adopt(const TakeRequest& request, const std::string& task) const
{
    const bool whole = task.find('/') != std::string::npos;
    return {whole ? task : api2_model(request).empty() ? path_for(request) + "/" + task : k_job_of_api2 + task};
}

Search KlingProvider::search(const TakeRequest& request, std::stop_token stop)
{
    if (!api2_model(request).empty()) {
        return kling_v2::search_of(get("/tasks?external_task_ids=" + http::encode(request.own_id), stop),
                                   request.own_id);
    }
    const std::string path = path_for(request);
    return kling_v1::search_of(get(k_legacy_calls + path + "/" + http::encode(request.own_id), stop), path,
                               request.own_id);
}

JobState KlingProvider::poll(const Job& job, std::stop_token stop)
{
    const auto slash = job.id.find('/');
    const std::string kind = job.id.substr(0, slash + 1);
    const std::string task = job.id.substr(slash + 1);
    if (kind == k_job_of_api2) {
        return kling_v2::state_of(get("/tasks?task_ids=" + http::encode(task), stop), task);
    }
    return kling_v1::state_of(get(k_legacy_calls + kind + http::encode(task), stop));
}

} // namespace longtake::remote
