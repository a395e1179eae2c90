#include "pipeline/providers/newapi.h"

#include "pipeline/http/url.h"
#include "pipeline/providers/official.h"

namespace longtake::remote {
namespace {

using nlohmann::json;

constexpr const char* k_newapi_calls = "/kling/v1/videos/";
/// Some operators refuse to extend without words.
constexpr const char* k_goes_on = "the scene goes on";

/// The gateway's own words, beside Kling's codes that it passes on. "fail_to_fetch_task" and "task_failed" are not
/// among them: they say no more than the HTTP status or the wording does.
const Verdicts& newapi_codes()
{
    static const Verdicts k_codes = [] {
        Verdicts codes = official::codes();
        codes.merge(Verdicts{
            {"insufficient_user_quota", {Means::stop, Errc::budget}},
            {"pre_consume_token_quota_failed", {Means::stop, Errc::budget}},
            {"invalid_request", {Means::give_up}},
            {"invalid_api_platform", {Means::give_up}},
            {"model_price_error", {Means::give_up}},
            {"build_request_failed", {Means::give_up}},
            {"task_not_exist", {Means::missing}},
            {"get_channel_failed", {Means::back_off, Errc::pending}},
            {"do_request_failed", {Means::unclear, Errc::pending}}, // on its way to Kling
        });
        return codes;
    }();
    return k_codes;
}

/// Kling's own envelope inside a message, where there is one.
json envelope_in(const std::string& message)
{
    const auto brace = message.find('{');
    if (brace == std::string::npos) {
        return nullptr;
    }
    json inner = json::parse(message.substr(brace), nullptr, false);
    return inner.is_object() && number_of(member(inner, "/code")) ? inner : json();
}

Complaint newapi_complaint(const json& body)
{
    Complaint complaint;
    complaint.code = first_text(body, {"/error/code", "/code", "/error/type"});
    complaint.message = first_text(body, {"/error/message", "/message"});
    complaint.request_id = first_text(body, {"/request_id"});
    if (const json inner = envelope_in(complaint.message); inner.is_object()) {
        return official::complaint_of(inner);
    }
    return complaint;
}

bool is_an_error(const json& body)
{
    const std::string code = text_of(member(body, "/code"));
    return member(body, "/error").is_object() || !(code.empty() || code == "0" || code == "success" || code == "200");
}

/// The task's own object: wrapped in `data`, or the whole reply.
const json& task_of(const json& body)
{
    const json& data = member(body, "/data");
    return data.is_object() ? data : body;
}

/// What Kling itself said about the task, however deep it lies.
const json& raw_of(const json& task)
{
    for (const char* place : {"/data/data", "/data", ""}) {
        if (const json& raw = member(task, place); raw.is_object() && raw.contains("task_result")) {
            return raw;
        }
    }
    static const json k_none = json::object();
    return k_none;
}

std::string video_url_of(const json& task)
{
    std::string url = text_of(member(raw_of(task), "/task_result/videos/0/url"));
    if (url.empty()) {
        url = first_text(task, {"/result_url", "/url", "/metadata/url"});
    }
    if (const std::string reason = text_of(member(task, "/fail_reason")); url.empty() && reason.starts_with("http")) {
        url = reason; // where old versions put it
    }
    return url;
}

JobState newapi_state(const json& task, const Complaint& envelope)
{
    switch (phase_of(first_text(task, {"/task_status", "/status"}))) {
    case Phase::running: return Running{};
    case Phase::failed: {
        std::string message = first_text(task, {"/fail_reason", "/task_status_msg", "/error/message"});
        if (message.empty()) {
            message = text_of(member(raw_of(task), "/task_status_msg"));
        }
        return failed_task(message, envelope, std::nullopt); // what the operator charged is not known
    }
    case Phase::done: break;
    }
    Ready ready;
    ready.url = video_url_of(task);
    if (ready.url.empty()) {
        return Unreachable{"the gateway calls the take finished, but names no footage"};
    }
    const json& raw = raw_of(task);
    const std::string upstream = text_of(member(raw, "/task_id"));
    ready.ref = official::ref_of(upstream.empty() ? first_text(task, {"/task_id", "/id"}) : upstream,
                                 member(raw, "/task_result/videos/0"));
    ready.expires = expiry_of(member(raw, "/created_at"));
    return ready;
}

} // namespace

NewapiProvider::NewapiProvider(const ProviderSettings& settings)
    : RemoteProvider("newapi", settings), key_(key()), passes_through_(settings.shape == "passthrough")
{
    if (!settings.shape.empty() && settings.shape != "vanilla" && !passes_through_) {
        throw Error(Errc::usage,
                    "providers.newapi.shape is '" + settings.shape + "'; must be vanilla, passthrough or left out");
    }
}

bool NewapiProvider::sends_cfg(const TakeRequest& request) const
{
    return official::sends_cfg(request);
}

void NewapiProvider::check_passed_on(const TakeRequest& request) const
{
    if (passes_through_) {
        return;
    }
    const Call call = call_of(request);
    const std::string remedy = "; set providers.newapi.shape to passthrough if this operator passes it on, or use "
                               "provider kling";
    require(call == Call::text || call == Call::image, request,
            "a plain New-API gateway has no call for " + words_for(call) + remedy);
    require(request.settings.voices.empty(), request, "a plain New-API gateway drops \"voices\"" + remedy);
    require(request.multi_shot.empty(), request, "a plain New-API gateway drops \"multi_shot\"" + remedy);
}

Submission NewapiProvider::submit(const TakeRequest& request, std::stop_token stop)
{
    check_passed_on(request);
    const Call call = call_of(request);
    json body = official::body_of(request);
    if (call == Call::extend) { // operators differ in what they ask for: both ids and words satisfy them all
        body["task_id"] = text_of(member(request.parent, "/task_id"));
        body.emplace("prompt", k_goes_on);
    }
    const std::string path = official::path_of(call);
    const Answer answer = submit_json(k_newapi_calls + path, body, stop);
    if (answer.failure) {
        return submission_of(*answer.failure);
    }
    const Complaint complaint = newapi_complaint(answer.body);
    const bool well = answer.readable() && answer.status < 300 && !is_an_error(answer.body);
    const std::string id = first_text(answer.body, {"/data/task_id", "/task_id", "/id", "/data/id"});
    if (well && !id.empty()) {
        return Accepted{{path + "/" + id}};
    }
    return submission_of(judge(complaint, answer.status, newapi_codes(), k_common_wordings),
                         reason_of(complaint, answer.status));
}

Job NewapiProvider::adopt(const TakeRequest& request, const std::string& task) const
{
    return official::job_of(request, task);
}

JobState NewapiProvider::poll(const Job& job, std::stop_token stop)
{
    const auto slash = job.id.find('/');
    const std::string path = job.id.substr(0, slash + 1) + http::encode(job.id.substr(slash + 1));
    const Answer answer = get(k_newapi_calls + path, stop);
    const Complaint complaint = newapi_complaint(answer.body);
    const json& task = task_of(answer.body);
    const bool stands = !first_text(task, {"/task_status", "/status"}).empty();
    if (answer.failure || !stands || (is_an_error(answer.body) && &task == &answer.body && answer.status >= 400)) {
        return state_of(answer, complaint, newapi_codes(), k_common_wordings);
    }
    return newapi_state(task, complaint);
}

} // namespace longtake::remote
