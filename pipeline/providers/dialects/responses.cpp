#include "pipeline/providers/dialects/responses.h"

#include "pipeline/base/base64.h"
#include "pipeline/providers/dialects/kling_v1.h"
#include "pipeline/providers/dialects/responses_reply.h"

#include <algorithm>
#include <array>

namespace longtake::remote::responses {

struct Page {
    std::string_view query; ///< asks after its tasks
    bool streams = false;   ///< the query is answered with a stream
    bool counts = false;    ///< `duration` is a number; else text
};

namespace {

using nlohmann::json;

constexpr std::string_view k_jobs = "responses/";

/// Every query that is ever sent. None of them creates anything.
constexpr std::array<Page, 2> k_pages = {{
    {"kling-text2video-get", true, true}, // V2.6
    {"kling-v3-get-all", false, false},
}};

const Page* page_of(std::string_view query)
{
    const auto* found =
        std::find_if(k_pages.begin(), k_pages.end(), [&](const Page& page) { return page.query == query; });
    return found == k_pages.end() ? nullptr : found;
}

/// Several shots in one take. From text they are `multi_prompt`, and the page wants an `input` beside it that does not
/// count; from a picture they are the `input`.
void add_shots(json& body, const TakeRequest& request)
{
    json script = kling_v1::script_of(request);
    json shots = std::move(script.at("multi_prompt"));
    script.erase("multi_prompt");
    body.update(script);
    if (endpoint_of(request) == Endpoint::image) {
        body["input"] = std::move(shots);
        return;
    }
    body["input"] = request.multi_shot.front().prompt;
    body["multi_prompt"] = std::move(shots);
}

void add_words(json& body, const TakeRequest& request)
{
    if (!request.multi_shot.empty()) {
        add_shots(body, request);
        return;
    }
    require(!request.take.prompt.empty(), request, "provider dmxapi needs a prompt for " + request.model);
    body["input"] = request.take.prompt;
    if (!request.settings.negative_prompt.empty()) {
        body["negative_prompt"] = request.settings.negative_prompt;
    }
}

void add_pictures(json& body, const TakeRequest& request, const Route& route)
{
    if (endpoint_of(request) == Endpoint::text) {
        body["aspect_ratio"] = aspect_ratio_of(request);
        return;
    }
    body["image"] = base64_of_file(request.stills.image->file); // bare: the page refuses a "data:" prefix
    if (arrives(request)) {
        body[route.end_frame] = base64_of_file(request.stills.end_image->file);
    }
}

void check_expressible(const TakeRequest& request, const Route& route)
{
    const ShotSettings& settings = request.settings;
    const auto lacks = [&](const char* feature) {
        return std::find(route.lacks.begin(), route.lacks.end(), feature) != route.lacks.end();
    };
    const std::string who = "provider dmxapi ";
    require(!settings.camera && !has_masks(request), request,
            who + "takes no camera moves and no motion-brush masks for " + request.model + "; kling-v1-5 does");
    require(!settings.sound || route.sound, request,
            who + "makes no sound with " + request.model + " in mode " + settings.mode + "; kling-v3 does");
    require(request.multi_shot.empty() || !arrives(request), request, "\"multi_shot\" cannot arrive at an end image");
    require(!settings.watermark || !lacks("watermark"), request,
            who + "sets no watermark with " + request.model + "; kling-v3 has one");
    require(settings.callback_url.empty() || !lacks("callback"), request,
            who + "calls nobody back for " + request.model + "; kling-v2-6 does");
}

void add_options(json& body, const TakeRequest& request, const Route& route)
{
    const ShotSettings& settings = request.settings;
    body["sound"] = settings.sound ? "on" : "off"; // V2.6 makes sound, and bills it, where nothing is said
    if (!route.guidance.empty()) {
        body[route.guidance] = settings.cfg_scale;
    }
    if (settings.watermark) {
        body["watermark_info"] = {{"enabled", true}};
    }
    if (!settings.callback_url.empty()) {
        body["callback_url"] = settings.callback_url;
    }
}

/// Where a task stands by a text for people, or by the response's own status where it has none. Words that are not
/// known may be the way there.
JobState state_by_text(const Reply& reply, const Question& question, JobState verdict)
{
    if (std::string url = footage_in(reply.text); !url.empty()) {
        Ready ready;
        ready.url = std::move(url);
        ready.ref = {{"task_id", question.task()}};
        if (const auto seconds = seconds_in(reply.text)) {
            ready.ref["seconds"] = *seconds;
        }
        return ready;
    }
    const std::string word = status_in(reply.text);
    if (!word.empty()) {
        return phase_of(word) == Phase::done ? JobState(names_no_footage()) : JobState(running(word));
    }
    if (!reply.status.empty() && phase_of(reply.status) == Phase::running) {
        return running(reply.status);
    }
    const bool denies = std::holds_alternative<Missing>(verdict) || std::holds_alternative<Barred>(verdict);
    return denies ? std::move(verdict) : running(reply.text);
}

JobState state_by(const Answer& answer, const Reply& reply, const Question& question)
{
    const std::string& code = reply.complaint.code;
    const json& data = member(reply.envelope, "/data");
    if ((code.empty() || code == "0") && data.is_object()) {
        return kling_v1::state_of_task(data, reply.complaint);
    }
    const std::string& said = reply.text.empty() ? reply.complaint.message : reply.text;
    if (says_task_failed(said)) { // with any HTTP status, 400 among them
        return failed_task(said, reply.complaint, std::nullopt);
    }
    Answer read = answer;
    read.body = reply.response; // of a stream, its last event
    JobState verdict = remote::state_of(read, reply.complaint, kling_v1::codes(), k_common_wordings);
    const bool goes_on = reply.text.empty() && !reply.status.empty() && phase_of(reply.status) == Phase::running;
    const bool is_words = !reply.text.empty() && !reply.envelope.is_object();
    if (answer.status < 300 && code.empty() && (is_words || goes_on)) {
        return state_by_text(reply, question, std::move(verdict));
    }
    return verdict;
}

} // namespace

std::optional<Question> Question::about(std::string_view query, std::string_view task)
{
    const Page* page = page_of(query);
    const bool named = task.find_first_not_of(" \t\r\n") != std::string_view::npos;
    return page != nullptr && named ? std::optional(Question(*page, task)) : std::nullopt;
}

std::optional<Question> Question::of(const Job& job)
{
    if (!is_job(job)) {
        return std::nullopt;
    }
    const std::string_view name = std::string_view(job.id).substr(k_jobs.size());
    const auto slash = name.find('/');
    return slash == std::string_view::npos ? std::nullopt : about(name.substr(0, slash), name.substr(slash + 1));
}

Job Question::job() const
{
    return {std::string(k_jobs) + std::string(page_->query) + "/" + task_};
}

bool Question::streams() const
{
    return page_->streams;
}

json Question::body() const
{
    json body = {{"model", page_->query}, {"input", task_}};
    if (page_->streams) {
        body["stream"] = true;
    }
    return body;
}

bool is_job(const Job& job)
{
    return job.id.starts_with(k_jobs);
}

json body_of(const TakeRequest& request, const Route& route)
{
    const Page* page = page_of(route.query);
    require(page != nullptr, request, "the query '" + route.query + "' of " + route.slug + " is not known here");
    check_expressible(request, route);
    json body = route.fields;
    body["model"] = route.slug;
    body["mode"] = request.settings.mode;
    const int seconds = whole_seconds(request);
    body["duration"] = page->counts ? json(seconds) : json(std::to_string(seconds));
    add_words(body, request);
    add_pictures(body, request, route);
    add_options(body, request, route);
    return body;
}

Submission submission_of(const Answer& answer, const Route& route)
{
    if (answer.failure) {
        return remote::submission_of(*answer.failure);
    }
    const Reply reply = reply_of(answer);
    const std::string& code = reply.complaint.code;
    if (code.empty() || code == "0") {
        std::string task = first_text(reply.envelope, {"/data/task_id", "/taskId", "/task_id"});
        if (task.empty() && !reply.envelope.is_object()) {
            task = task_in(reply.text);
        }
        if (task.empty() && reply.complaint.request_id.starts_with("tsk-")) {
            task = reply.complaint.request_id; // the same id stands there too
        }
        if (const auto question = Question::about(route.query, task)) {
            return Accepted{question->job()};
        }
    }
    if (code == "0") {
        return Unclear{
            reason_of({code, "the service accepted, but named no task", reply.complaint.request_id}, answer.status)};
    }
    return remote::submission_of(answer, reply.complaint, kling_v1::codes(), k_common_wordings);
}

JobState state_of(const Answer& answer, const Question& question)
{
    if (answer.failure) {
        return remote::state_of(answer, {}, kling_v1::codes());
    }
    JobState state = state_by(answer, reply_of(answer), question);
    if (auto* ready = std::get_if<Ready>(&state)) {
        ready->charged.reset(); // Kling's price, not DMXAPI's
    }
    if (auto* refused = std::get_if<Refused>(&state)) {
        refused->charged.reset();
    }
    return state;
}

} // namespace longtake::remote::responses
