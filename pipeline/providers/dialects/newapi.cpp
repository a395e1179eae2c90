#include "pipeline/providers/dialects/newapi.h"

#include "pipeline/http/url.h"
#include "pipeline/providers/dialects/kling_v1.h"

namespace longtake::remote {
namespace {

using nlohmann::json;

constexpr const char* k_newapi_calls = "/kling/v1/videos/";
constexpr const char* k_contents = "/v1/videos/"; ///< ID/content: where a gateway hands out footage itself, for the key
constexpr const char* k_content = "/content";
/// Some operators refuse to extend without words.
constexpr const char* k_goes_on = "the scene goes on";

/// The gateway's own words, beside Kling's codes that it passes on. "fail_to_fetch_task" and "task_failed" are not
/// among them: they say no more than the HTTP status or the wording does.
const Classifications& newapi_codes()
{
    static const Classifications k_codes = [] {
        Classifications codes = kling_v1::codes();
        codes.merge(Classifications{
            {"insufficient_user_quota", {Reaction::stop, Errc::budget}},
            {"pre_consume_token_quota_failed", {Reaction::stop, Errc::budget}},
            {"invalid_request", {Reaction::give_up}},
            {"invalid_api_platform", {Reaction::give_up}},
            {"model_price_error", {Reaction::give_up}},
            {"build_request_failed", {Reaction::give_up}},
            {"task_not_exist", {Reaction::missing}},
            {"get_channel_failed", {Reaction::back_off, Errc::pending}},
            {"channel_no_available_key", {Reaction::back_off, Errc::pending}},
            {"task_channel_disable", {Reaction::back_off, Errc::pending}},
            {"model_mapping_failed", {Reaction::give_up}},
            {"not_implemented", {Reaction::give_up}},
            {"invalid_relay_mode", {Reaction::give_up}},
            {"do_request_failed", {Reaction::unclear, Errc::pending}}, // on its way to Kling
            {"read_response_body_failed", {Reaction::unclear, Errc::pending}},
            {"unmarshal_response_failed", {Reaction::unclear, Errc::pending}},
            {"get_task_failed", {Reaction::unclear, Errc::pending}},
            {"convert_to_openai_video_failed", {Reaction::unclear, Errc::pending}},
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

ApiError newapi_complaint(const json& body)
{
    ApiError complaint;
    complaint.code = first_text(body, {"/error/code", "/code", "/Response/Error/Code", "/error/type"});
    complaint.message = first_text(body, {"/error/message", "/message", "/Response/Error/Message"});
    complaint.request_id = first_text(body, {"/request_id", "/Response/RequestId"});
    if (const json inner = envelope_in(complaint.message); inner.is_object()) {
        return kling_v1::complaint_of(inner);
    }
    return complaint;
}

bool is_an_error(const json& body)
{
    const std::string code = text_of(member(body, "/code"));
    return member(body, "/error").is_object() || member(body, "/Response/Error").is_object() ||
           !(code.empty() || code == "0" || code == "success" || code == "200");
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

/// A task's word; where the whole reply is the task, an error's "status" may be an HTTP status instead.
std::string word_of(const json& task)
{
    std::string word = first_text(task, {"/task_status", "/status"});
    return number_of(word) ? std::string() : word;
}

std::string video_url_of(const json& task)
{
    std::string url = address_in(raw_of(task), {"/task_result/videos/0/url"});
    if (url.empty()) {
        url = address_in(task, {"/result_url", "/url", "/metadata/url", "/data/0/url"});
    }
    if (url.empty() && phase_of(word_of(task)) == Phase::done) {
        url = address_in(task, {"/fail_reason"}); // where old versions put it
    }
    return url;
}

/// Of the reasons, the gateway's own may be Kling's whole envelope as text.
std::string why_it_failed(const json& task)
{
    const std::string message = failure_reason(task, {"/fail_reason", "/task_status_msg", "/error/message"});
    const std::string inner = text_of(member(envelope_in(message), "/message"));
    return is_telling(inner) ? inner : message;
}

} // namespace

/// The footage at an address, or at the gateway's own where there is none. Gateways build the latter from a setting
/// that often still names another host ("http://localhost:3000"): its path counts, and the key goes to the base URL
/// alone.
Ready NewapiProvider::footage_at(const std::string& url, const std::string& task) const
{
    const std::string content = k_contents + http::encode(task) + k_content;
    Ready ready;
    ready.url = url;
    if (url.empty() || http::shown(url).ends_with(content)) {
        ready.url = base() + content;
        ready.with_key = true;
        return ready;
    }
    try {
        const http::Url address = http::parse_url(url);
        const http::Url own = http::parse_url(base());
        const std::string calls = (own.path == "/" ? "" : own.path) + "/v1/";
        ready.with_key = http::same_origin(address, own) && address.path.starts_with(calls);
    } catch (const Error&) {
        ready.with_key = false; // the download will say what is wrong with it
    }
    return ready;
}

JobState NewapiProvider::state_of_task(const json& task, const ApiError& envelope, const std::string& id) const
{
    const std::string word = word_of(task);
    const Phase phase = phase_of(word);
    const std::string url = video_url_of(task);
    Ready ready = footage_at(url, id);
    // An address elsewhere is an end, whatever the word; the gateway's own is there before there is footage.
    if (url.empty() || ready.with_key) {
        if (phase == Phase::running) {
            return running(word);
        }
        if (phase == Phase::failed) {
            return failed_task(why_it_failed(task), envelope, std::nullopt); // what the operator charged is not known
        }
    }
    const json& raw = raw_of(task);
    const std::string upstream = text_of(member(raw, "/task_id"));
    ready.ref = kling_v1::ref_of(upstream.empty() ? first_text(task, {"/task_id", "/id"}) : upstream,
                                 member(raw, "/task_result/videos/0"));
    ready.expires = expiry_of(member(raw, "/created_at"));
    return ready;
}

NewapiProvider::NewapiProvider(const ProviderSettings& settings)
    : RemoteProvider("newapi", settings,
                     {{"/kling/v1/videos"}, {"/kling/v1"}, {"/v1/videos", false}, {"/kling", false}, {"/v1", false}}),
      key_(key()), passes_through_(settings.shape == "passthrough")
{
    if (!settings.shape.empty() && settings.shape != "vanilla" && !passes_through_) {
        throw Error(Errc::usage,
                    "providers.newapi.shape is '" + settings.shape + "'; must be vanilla, passthrough or left out");
    }
}

bool NewapiProvider::sends_cfg(const TakeRequest& request) const
{
    return kling_v1::sends_cfg(request);
}

void NewapiProvider::check_passed_on(const TakeRequest& request) const
{
    if (passes_through_) {
        return;
    }
    const Endpoint call = endpoint_of(request);
    const std::string remedy = "; set providers.newapi.shape to passthrough if this operator passes it on, or use "
                               "provider kling";
    require(call == Endpoint::text || call == Endpoint::image, request,
            "a plain New-API gateway has no call for " + words_for(call) + remedy);
    require(request.settings.voices.empty(), request, "a plain New-API gateway drops \"voices\"" + remedy);
    require(!request.settings.sound, request, "a plain New-API gateway drops \"sound\"" + remedy);
    require(!request.settings.watermark, request, "a plain New-API gateway drops \"watermark\"" + remedy);
    require(!request.take.prompt.empty(), request, "a plain New-API gateway refuses a take without a prompt");
    require(request.multi_shot.empty(), request, "a plain New-API gateway drops \"multi_shot\"" + remedy);
}

Submission NewapiProvider::submit(const TakeRequest& request, std::stop_token stop)
{
    check_passed_on(request);
    const Endpoint call = endpoint_of(request);
    json body = kling_v1::body_of(request);
    if (call == Endpoint::extend) { // operators differ in what they ask for: both ids and words satisfy them all
        body["task_id"] = text_of(member(request.parent, "/task_id"));
        body.emplace("prompt", k_goes_on);
    }
    const std::string path = kling_v1::path_of(call);
    const Answer answer = submit_json(k_newapi_calls + path, body, stop);
    const ApiError complaint = newapi_complaint(answer.body);
    const bool well = answer.readable() && answer.status < 300 && !is_an_error(answer.body);
    const std::string id =
        first_text(answer.body, {"/data/task_id", "/task_id", "/id", "/data/id", "/Response/TaskId"});
    if (well && !id.empty()) {
        return Accepted{{path + "/" + id}};
    }
    return submission_of(answer, complaint, newapi_codes(), k_common_wordings);
}

Job NewapiProvider::adopt(const TakeRequest& request, const std::string& task) const
{
    return kling_v1::job_of(request, task);
}

JobState NewapiProvider::poll(const Job& job, std::stop_token stop)
{
    const auto slash = job.id.find('/');
    const std::string id = job.id.substr(slash + 1);
    const Answer answer = get(k_newapi_calls + job.id.substr(0, slash + 1) + http::encode(id), stop);
    const ApiError complaint = newapi_complaint(answer.body);
    const json& task = task_of(answer.body);
    const bool stands = !word_of(task).empty() || !video_url_of(task).empty();
    if (answer.failure || !stands || (&task == &answer.body && answer.status >= 400)) {
        return state_of(answer, complaint, newapi_codes(), k_common_wordings);
    }
    return state_of_task(task, complaint, id);
}

} // namespace longtake::remote
