// DMXAPI: Kling's legacy calls under a prefix, and /v1/responses, one address that makes takes and answers questions.
#include "pipeline/sandbox/apis/kling_v1.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

constexpr const char* k_responses = "/v1/responses";
constexpr const char* k_token_prefix = "tsk-"; ///< of V3's tasks

/// What a page of theirs has. The fields are Kling's own but for `model`, `input` and their types.
struct ResponsesPage {
    const char* model;
    const char* canonical;
    const char* query;
    bool from_picture; ///< always; else where it has one
    std::vector<std::string> fields;
};

const ResponsesPage k_responses_pages[] = {
    {"kling-v2-6-text2video",
     "kling-v2-6",
     "kling-text2video-get",
     false,
     {"negative_prompt", "mode", "sound", "aspect_ratio", "duration", "callback_url"}},
    {"kling-v2-6-image2video",
     "kling-v2-6",
     "kling-image2video-get",
     true,
     {"image", "image_tail", "negative_prompt", "mode", "sound", "voice_list", "aspect_ratio", "duration",
      "callback_url"}},
    {"kling-v3",
     "kling-v3",
     "kling-v3-get-all",
     false,
     {"image", "image_tail", "negative_prompt", "mode", "sound", "aspect_ratio", "duration", "cfg_scale", "multi_shot",
      "shot_type", "multi_prompt", "element_list", "watermark_info"}},
};

bool is_v3(const ResponsesPage& page)
{
    return page.canonical == std::string("kling-v3");
}

const ResponsesPage* page_with(const char* ResponsesPage::*name, const std::string& model)
{
    const auto* found = std::find_if(std::begin(k_responses_pages), std::end(k_responses_pages),
                                     [&](const ResponsesPage& page) { return page.*name == model; });
    return found == std::end(k_responses_pages) ? nullptr : found;
}

/// A body as the vendor behind the gateway gets it.
class ResponsesRequest {
public:
    ResponsesRequest(const ResponsesPage& page, const json& body) : page_(page), body_(body), fields_(body) {}

    json upstream()
    {
        fields_.text("model");
        up_ = {{"model_name", page_.canonical}};
        for (const std::string& name : page_.fields) {
            if (fields_.has(name)) {
                up_[name] = body_[name];
            }
        }
        read_input();
        if (is_v3(page_)) {
            fields_.number("cfg_scale", 0, 1);
            up_.erase("cfg_scale");
        } else {
            read_v26();
        }
        fields_.finish();
        return up_;
    }

    bool from_picture() const { return page_.from_picture || up_.contains("image") || up_.contains("image_tail"); }

private:
    /// From a picture, V3's several shots stand where the prompt does.
    void read_input()
    {
        const bool parts = is_v3(page_) && fields_.flag("multi_shot").value_or(false) &&
                           fields_.text("shot_type").value_or("") == "customize";
        if (parts && from_picture()) {
            if (fields_.array("input", 1, 6) == nullptr) {
                refuse("input is required: the shots of a take from a picture");
            }
            if (up_.contains("multi_prompt")) {
                refuse("multi_prompt is not a parameter here; the shots are the input");
            }
            up_["multi_prompt"] = body_["input"];
            return;
        }
        up_["prompt"] = parts ? fields_.text("input").value_or("") : fields_.needed_text("input", 2500);
    }

    void read_v26()
    {
        const auto seconds = fields_.integer("duration", 5, 10);
        up_["duration"] = std::to_string(seconds.value_or(5));
        const std::string mode = fields_.one_of("mode", page_.from_picture ? std::vector<std::string>{"pro"}
                                                                           : std::vector<std::string>{"std", "pro"});
        up_["mode"] = mode;
        if (!up_.contains("sound") && mode == "pro") {
            up_["sound"] = "on"; // billed, though nobody asked for it
        }
        if (page_.from_picture) {
            read_v26_picture();
        }
    }

    void read_v26_picture()
    {
        fields_.needed_text("aspect_ratio");
        fields_.one_of("aspect_ratio", {"16:9", "9:16", "1:1"});
        up_.erase("aspect_ratio"); // the picture's counts
        for (const char* name : {"image", "image_tail"}) {
            const std::string address = fields_.text(name).value_or("");
            if (address.empty() && name == std::string("image_tail")) {
                up_.erase(name);
            } else if (!address.starts_with("http")) {
                refuse(std::string(name) + " must be the address of a picture");
            }
        }
        if (up_.contains("voice_list")) {
            json voices = json::array();
            for (const json& voice : up_["voice_list"]) {
                voices.push_back({{"voice_id", voice.is_object() ? voice.value("voiceId", "") : ""}});
            }
            up_["voice_list"] = std::move(voices);
        }
    }

    const ResponsesPage& page_;
    const json& body_;
    Fields fields_;
    json up_;
};

json usage(int tokens)
{
    return {{"total_tokens", tokens},
            {"input_tokens", 0},
            {"input_tokens_details", {{"cached_tokens", 0}}},
            {"output_tokens", tokens},
            {"output_tokens_details", {{"reasoning_tokens", 0}}}};
}

json output_of(const std::string& text)
{
    return {{{"type", "message"}, {"content", {{{"type", "output_text"}, {"text", text}}}}}};
}

/// V3's task: the vendor's envelope as text, with ids of the gateway's own.
json v3_task(const TaskView& view)
{
    json task = official_task(view);
    task["task_id"] = k_token_prefix + view.task.id;
    task["task_info"] = json::object();
    if (!view.url.empty()) {
        task["task_result"]["videos"][0]["id"] = "mda-" + view.task.video_id;
    }
    return task;
}

/// V2.6's task in words.
std::string told_task(const TaskView& view)
{
    std::string text = fmt::format("任务ID: {}\n", view.task.id);
    if (view.phase == TaskState::done || view.phase == TaskState::failed) {
        text += fmt::format("任务状态: {}\n", view.phase == TaskState::failed ? "failed" : "succeed");
    }
    if (!view.reason.empty()) {
        text += fmt::format("原因: {}\n", view.reason);
    }
    if (!view.url.empty()) {
        text += fmt::format("视频链接: {}\n时长: {:.3f}秒\n", view.url, view.task.footage.seconds());
    }
    return text;
}

const char* response_word(TaskState phase)
{
    switch (phase) {
    case TaskState::queued: return "queued";
    case TaskState::working: return "in_progress";
    case TaskState::done: return "completed";
    case TaskState::failed: return "failed";
    }
    return "";
}

std::string event(const std::string& type, const json& response)
{
    return "event: " + type + "\ndata: " + json{{"type", type}, {"response", response}}.dump() + "\n\n";
}

Reply stream_of(const TaskView& view)
{
    const std::string word = view.word.empty() ? response_word(view.phase) : view.word;
    json response = {{"id", "resp_" + view.task.id}, {"object", "response"}, {"status", "in_progress"}};
    response["output"] = json::array();
    Reply reply;
    reply.type = "text/event-stream";
    reply.body = ": keep-alive\n\n" + event("response.created", response);
    response["status"] = word;
    if (view.phase == TaskState::done || view.phase == TaskState::failed) {
        response["output"] = output_of(told_task(view));
    }
    reply.body += event("response." + word, response) + "data: [DONE]\n\n";
    return reply;
}

/// Kling's business codes in the gateway's wrapping.
Reply responses_refusal(const Refusal& refusal)
{
    const BusinessCode* row = business_code(refusal.code);
    const bool is_key = refusal.code >= 1000 && refusal.code <= 1004;
    const std::string code = is_key ? "" : fmt::format("dmxapi_kling_error_{}", refusal.code);
    return json_reply({{"error",
                        {{"message", is_key ? "Invalid token" : refusal.what()},
                         {"type", is_key ? "new_api_error" : "upstream_error"},
                         {"param", ""},
                         {"code", code}}}},
                      row == nullptr ? 400 : row->http);
}

class DmxapiSurface final : public KlingV1Api {
public:
    explicit DmxapiSurface(ServiceState& service)
        : KlingV1Api(service, {"dmxapi",
                               "/kling",
                               false,
                               ExtendBy::video_and_task,
                               {"text2video", "image2video", "video-extend", "lip-sync", "effects"}})
    {
    }

    Reply answer(Call call) override
    {
        if (call.path != k_responses) {
            return KlingV1Api::answer(std::move(call));
        }
        try {
            call.account = check_bare_key(call, traits_.name, service_.settings);
            return responses(call);
        } catch (const Refusal& refusal) {
            service_.note_refusal(traits_.name, call, refusal.code, refusal.what());
            return responses_refusal(refusal);
        }
    }

private:
    /// The name of the model alone tells a question from an order.
    Reply responses(const Call& call)
    {
        if (call.method != "POST") {
            throw Refusal(1202, call.method + " is not a method of " + call.path);
        }
        const json body = json::parse(call.body, nullptr, false);
        const std::string model = body.is_object() && body.contains("model") && body["model"].is_string()
                                      ? body["model"].get<std::string>()
                                      : "";
        const ResponsesPage* asked = page_with(&ResponsesPage::query, model);
        return asked != nullptr ? tell(call, *asked) : make(call, model);
    }

    Reply make(const Call& call, const std::string& model)
    {
        const ResponsesPage* page = page_with(&ResponsesPage::model, model);
        ServiceState::Words words;
        words.read = [&] {
            if (page == nullptr) {
                throw Refusal(1203, "model '" + model + "' does not exist");
            }
            const json body = json_body(call);
            ResponsesRequest request(*page, body);
            const json upstream = request.upstream();
            const std::string kind = request.from_picture() ? "image2video" : "text2video";
            Order order = OfficialRequests(service_, {"kling", call.account}, ExtendBy::video).read(kind, upstream);
            order.extra = {{"query", page->query}};
            return order;
        };
        words.created = [&](const TaskView& view) {
            if (!is_v3(*page)) {
                json envelope = official_envelope(official_task(view));
                envelope["usage"] = usage(2125);
                return json_reply(envelope);
            }
            const std::string id = k_token_prefix + view.task.id;
            return json_reply(
                {{"request_id", id}, {"output", output_of(json{{"taskId", id}}.dump())}, {"usage", usage(45000)}});
        };
        words.refused = responses_refusal;
        return service_.submit(traits_.name, "responses", call, words);
    }

    /// Owes nothing, however often it is asked.
    Reply tell(const Call& call, const ResponsesPage& page)
    {
        service_.count(traits_.name, "poll");
        const json body = json_body(call);
        Fields fields(body);
        fields.text("model");
        const std::string task = fields.needed_text("input");
        const bool streams = !is_v3(page) && fields.flag("stream").value_or(false);
        fields.finish();
        const bool prefixed = task.starts_with(k_token_prefix);
        const std::string id = prefixed ? task.substr(std::string_view(k_token_prefix).size()) : task;
        return service_.poll(
            account(call), is_v3(page) == prefixed ? id : "", false,
            [&](const std::optional<TaskView>& view) {
                if (!view || view->task.order.extra.value("query", "") != page.query) {
                    throw Refusal(1203, "task '" + task + "' does not exist");
                }
                return told(page, *view, streams);
            },
            responses_refusal);
    }

    static Reply told(const ResponsesPage& page, const TaskView& view, bool streams)
    {
        if (is_v3(page)) {
            const json envelope = official_envelope(v3_task(view));
            return json_reply(
                {{"request_id", envelope["request_id"]}, {"output", output_of(envelope.dump())}, {"usage", usage(0)}});
        }
        return streams ? stream_of(view) : json_reply(official_envelope(official_task(view)));
    }
};

} // namespace

std::unique_ptr<FakeApi> make_dmxapi(ServiceState& service)
{
    return std::make_unique<DmxapiSurface>(service);
}

} // namespace longtake::sandbox
