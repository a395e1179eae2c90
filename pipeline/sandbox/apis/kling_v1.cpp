#include "pipeline/sandbox/apis/kling_v1.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

std::string request_id()
{
    thread_local std::mt19937_64 random(std::random_device{}());
    const std::uint64_t a = random();
    const std::uint64_t b = random();
    return fmt::format("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", a >> 32, a >> 16 & 0xFFFF, a & 0xFFF, b >> 52,
                       b & 0xFFFFFFFFFFFF);
}

const char* official_word(TaskState phase)
{
    switch (phase) {
    case TaskState::queued: return "submitted";
    case TaskState::working: return "processing";
    case TaskState::done: return "succeed";
    case TaskState::failed: return "failed";
    }
    return "";
}

std::string length_text(const Footage& footage)
{
    return fmt::format("{:.3f}", footage.seconds());
}

std::string number_text(double value)
{
    return fmt::format("{:.4g}", value);
}

} // namespace

json official_envelope(json data)
{
    return {{"code", 0}, {"message", "SUCCEED"}, {"request_id", request_id()}, {"data", std::move(data)}};
}

Reply official_refusal(const Refusal& refusal)
{
    const BusinessCode* row = business_code(refusal.code);
    return json_reply({{"code", refusal.code}, {"message", refusal.what()}, {"request_id", request_id()}},
                      row == nullptr ? 400 : row->http);
}

json official_task(const TaskView& view)
{
    const Task& task = view.task;
    json data = {{"task_id", task.id},
                 {"task_status", view.word.empty() ? official_word(view.phase) : view.word},
                 {"task_status_msg", view.reason},
                 {"task_info", json::object()},
                 {"created_at", view.created},
                 {"updated_at", view.updated}};
    if (!task.order.own_id.empty()) {
        data["task_info"]["external_task_id"] = task.order.own_id;
    }
    if (view.parent) {
        data["task_info"]["parent_video"] = {
            {"id", view.parent->video_id}, {"url", view.parent_url}, {"duration", length_text(view.parent->footage)}};
    }
    if (view.phase == TaskState::done) {
        data["task_result"]["videos"] = json::array();
        data["watermark_info"] = {{"enabled", task.order.watermark}};
    }
    if (!view.url.empty()) {
        data["task_result"]["videos"] = {{{"id", task.video_id},
                                          {"url", view.url},
                                          {"watermark_url", task.order.watermark ? view.url + "&watermark=1" : ""},
                                          {"duration", length_text(task.footage)}}};
    }
    if ((view.phase == TaskState::done || view.phase == TaskState::failed) && view.says_charge) {
        data["final_unit_deduction"] = number_text(view.charged / 0.14);
        data["final_balance_deduction"] = {{"quota", "0"}, {"list_price", number_text(view.charged)}};
    }
    return data;
}

std::int64_t query_number(const Call& call, const std::string& name, std::int64_t low, std::int64_t high,
                          std::optional<std::int64_t> fallback)
{
    const auto found = call.query.find(name);
    if (found == call.query.end() && fallback) {
        return *fallback;
    }
    const std::string text = found == call.query.end() ? "" : found->second;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
        throw Refusal(1201, fmt::format("{} is '{}'; it must be an integer from {} to {}", name, text, low, high));
    }
    return value;
}

KlingV1Api::KlingV1Api(ServiceState& service, Traits traits) : service_(service), traits_(std::move(traits)) {}

Reply KlingV1Api::answer(Call call)
{
    try {
        if (traits_.tokens) {
            const auto now = std::chrono::duration_cast<std::chrono::seconds>(service_.now().time_since_epoch());
            call.account = check_key_or_token(call, traits_.name, service_.settings, now.count());
        } else {
            call.account = check_key(call, traits_.name, service_.settings);
        }
        return route(call);
    } catch (const Refusal& refusal) {
        service_.note_refusal(traits_.name, call, refusal.code, refusal.what());
        return refused(refusal);
    }
}

Reply KlingV1Api::refused(const Refusal& refusal) const
{
    return official_refusal(refusal);
}

Reply KlingV1Api::elsewhere(const Call& call)
{
    throw Refusal(1202, "there is no " + call.method + " " + call.path);
}

Reply KlingV1Api::route(const Call& call)
{
    const std::string base = traits_.prefix + "/v1/videos/";
    if (!call.path.starts_with(base)) {
        return elsewhere(call);
    }
    std::string kind = call.path.substr(base.size());
    std::string id;
    if (const auto slash = kind.find('/'); slash != std::string::npos) {
        id = kind.substr(slash + 1);
        kind.resize(slash);
    }
    if (std::find(traits_.kinds.begin(), traits_.kinds.end(), kind) == traits_.kinds.end()) {
        throw Refusal(1202, "there is no " + call.path);
    }
    if (call.method == "POST" && id.empty()) {
        return create(kind, call);
    }
    if (call.method == "GET") {
        return id.empty() ? list(kind, call) : one(kind, id, call);
    }
    throw Refusal(1202, call.method + " is not a method of " + call.path);
}

Reply KlingV1Api::create(const std::string& kind, const Call& call)
{
    ServiceState::Words words;
    words.read = [&] {
        return OfficialRequests(service_, account(call), traits_.extend_by).read(kind, json_body(call));
    };
    words.created = [](const TaskView& view) { return json_reply(official_envelope(official_task(view))); };
    words.refused = [this](const Refusal& refusal) { return refused(refusal); };
    return service_.submit(traits_.name, kind, call, words);
}

Reply KlingV1Api::list(const std::string& kind, const Call& call)
{
    service_.count(traits_.name, "list");
    const auto page = query_number(call, "pageNum", 1, 1000, 1);
    const auto size = query_number(call, "pageSize", 1, 500, 30);
    json rows = json::array();
    const std::vector<TaskView> views = service_.list(account(call), kind);
    for (auto i = (page - 1) * size; i < page * size && i < static_cast<std::int64_t>(views.size()); ++i) {
        rows.push_back(official_task(views[static_cast<std::size_t>(i)]));
    }
    return json_reply(official_envelope(rows));
}

Reply KlingV1Api::one(const std::string& kind, const std::string& id, const Call& call)
{
    service_.count(traits_.name, "poll");
    return service_.poll(
        account(call), id, true,
        [&](const std::optional<TaskView>& view) {
            if (!view || view->task.order.kind != kind) {
                throw Refusal(1203, "task '" + id + "' does not exist");
            }
            return json_reply(official_envelope(official_task(*view)));
        },
        official_refusal);
}

} // namespace longtake::sandbox
