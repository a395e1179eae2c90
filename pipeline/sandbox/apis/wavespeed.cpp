// WaveSpeedAI: models by slug, integers, pictures by URL.
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/sandbox/apis/kling_v1.h"
#include "pipeline/sandbox/apis/wavespeed_models.h"
#include "pipeline/sandbox/apis/wavespeed_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

constexpr std::int64_t k_largest_upload = 200'000'000;

const char* prediction_word(TaskState phase)
{
    switch (phase) {
    case TaskState::queued: return "created";
    case TaskState::working: return "processing";
    case TaskState::done: return "completed";
    case TaskState::failed: return "failed";
    }
    return "";
}

std::string iso_time(std::int64_t ms)
{
    const std::time_t seconds = ms / 1000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &utc);
    return fmt::format("{}.{:03}Z", text, ms % 1000);
}

json wavespeed_envelope(json data)
{
    return {{"code", 200}, {"message", "success"}, {"data", std::move(data)}};
}

/// The platform has no table of business codes: the HTTP status and a text.
Reply wavespeed_refusal(const Refusal& refusal)
{
    const BusinessCode* row = business_code(refusal.code);
    const int status = row == nullptr ? 400 : row->http;
    return json_reply({{"code", status}, {"message", refusal.what()}}, status);
}

class WaveSpeedSurface final : public FakeApi {
public:
    WaveSpeedSurface(ServiceState& service, std::string name) : service_(service), name_(std::move(name)) {}

    Reply answer(Call call) override
    {
        try {
            if (call.method == "PUT" && call.path.starts_with("/uploads/")) {
                return take_upload(call);
            }
            call.account = check_key(call, name_, service_.settings);
            return route(call);
        } catch (const Refusal& refusal) {
            service_.note_refusal(name_, call, refusal.code, refusal.what());
            return wavespeed_refusal(refusal);
        }
    }

private:
    Reply route(const Call& call)
    {
        if (call.method == "POST" && call.path == "/api/v3/media/uploads") {
            return promise_upload(call);
        }
        if (call.method == "POST" && call.path == "/api/v2/media/upload/binary") {
            return take_binary(call);
        }
        const std::string predictions = "/api/v3/predictions/";
        if (call.method == "GET" && call.path.starts_with(predictions)) {
            const std::string id = call.path.substr(predictions.size());
            return poll(call, id.ends_with("/result") ? id.substr(0, id.size() - 7) : id);
        }
        if (name_ == "wavespeed") { // who relays it has prices of their own
            if (const auto told = tell(call)) {
                return json_reply(wavespeed_envelope(*told));
            }
        }
        if (call.method == "POST" && call.path.starts_with("/api/v3/")) {
            return create(call, call.path.substr(8));
        }
        throw Refusal(1202, "there is no " + call.method + " " + call.path);
    }

    /// What the service tells for nothing; empty: it was asked for something else.
    std::optional<json> tell(const Call& call)
    {
        const std::string asked = call.method + " " + call.path;
        if (asked == "GET /api/v3/balance") {
            service_.count(name_, "balance");
            const double had = service_.settings.balance.value_or(100);
            return json{{"balance", std::max(0.0, had - service_.spent({name_, call.account}))}};
        }
        if (asked == "GET /api/v3/models") {
            service_.count(name_, "models");
            return wavespeed_models(service_.catalog, service_.catalog.provider(name_));
        }
        if (asked == "POST /api/v3/model/price") {
            service_.count(name_, "price");
            return quote(json_body(call));
        }
        return std::nullopt;
    }

    json quote(const json& body)
    {
        Fields fields(body);
        const std::string slug = fields.needed_text("model_id");
        const json* inputs = fields.object("inputs");
        fields.finish();
        const double price = wavespeed_price(service_.catalog, service_.catalog.provider(name_), slug,
                                             inputs == nullptr ? json::object() : *inputs);
        return {{"model_id", slug},
                {"price", price},
                {"discounted_price", price},
                {"discount_rate", 1},
                {"currency", "USD"}};
    }

    Reply create(const Call& call, const std::string& slug)
    {
        ServiceState::Words words;
        words.read = [&] {
            const auto media_at = [this](const std::string& url, const std::string& field) {
                return media(url, field);
            };
            return WaveSpeedRequests(service_, {name_, call.account}, media_at).read(slug, json_body(call));
        };
        words.created = [this](const TaskView& view) { return json_reply(wavespeed_envelope(prediction(view))); };
        words.refused = wavespeed_refusal;
        return service_.submit(name_, slug, call, words);
    }

    Reply poll(const Call& call, const std::string& id)
    {
        service_.count(name_, "poll");
        return service_.poll(
            {name_, call.account}, id, false,
            [&](const std::optional<TaskView>& view) {
                if (!view) {
                    throw Refusal(1203, "prediction '" + id + "' does not exist");
                }
                return json_reply(wavespeed_envelope(prediction(*view)));
            },
            wavespeed_refusal);
    }

    json prediction(const TaskView& view) const
    {
        const bool done = view.phase == TaskState::done;
        return {
            {"id", view.task.id},
            {"model", view.task.order.extra.value("slug", "")},
            {"outputs", view.url.empty() ? json::array() : json::array({view.url})},
            {"urls", {{"get", service_.root + "/wavespeed/api/v3/predictions/" + view.task.id + "/result"}}},
            {"has_nsfw_contents", view.withheld || !view.url.empty() ? json::array({view.withheld}) : json::array()},
            {"status", view.word.empty() ? prediction_word(view.phase) : view.word},
            {"created_at", iso_time(view.created)},
            {"error", view.reason},
            {"timings", {{"inference", done ? view.updated - view.created : 0}}}};
    }

    /// A film or recording that was uploaded; nothing is fetched from the network.
    std::filesystem::path media(const std::string& url, const std::string& field)
    {
        const std::lock_guard lock(mutex_);
        const auto found = media_.find(url);
        if (found == media_.end()) {
            refuse(field + " must be the address of an upload; this sandbox fetches nothing");
        }
        return found->second;
    }

    std::string upload_url(const std::string& file)
    {
        const std::lock_guard lock(mutex_);
        return fmt::format("{}/wavespeed/uploads/{}-{}", service_.root, ++uploads_, file);
    }

    Reply promise_upload(const Call& call)
    {
        service_.count(name_, "upload");
        const json body = json_body(call);
        Fields fields(body);
        const std::string type = fields.needed_text("content_type");
        const std::string url = upload_url(fields.needed_text("filename"));
        const auto size = fields.integer("size", 1, k_largest_upload);
        if (!size) {
            refuse("size is required");
        }
        fields.finish();
        const std::lock_guard lock(mutex_);
        promised_[url] = {*size, type};
        return json_reply(
            wavespeed_envelope({{"upload", {{"method", "PUT"}, {"url", url}, {"headers", {{"Content-Type", type}}}}},
                                {"download_url", url}}));
    }

    Reply take_upload(const Call& call)
    {
        if (!call.authorization.empty()) {
            service_.note_leak(call);
        }
        const std::string url = service_.root + "/wavespeed" + call.path;
        {
            const std::lock_guard lock(mutex_);
            const auto found = promised_.find(url);
            if (found == promised_.end()) {
                throw Refusal(1203, "nothing is expected at " + call.path);
            }
            const auto& [size, type] = found->second;
            if (size != static_cast<std::int64_t>(call.body.size()) || type != call.content_type) {
                refuse("the upload is not of the size and type that were announced");
            }
        }
        keep(url, call.body, call.content_type);
        return json_reply(json::object());
    }

    Reply take_binary(const Call& call)
    {
        service_.count(name_, "upload");
        const auto part = call.form.find("file");
        if (!call.multipart || part == call.form.end() || !part->second.is_file) {
            refuse("a multipart file part `file` is required");
        }
        const Call::Part& file = part->second;
        const std::string url = upload_url("file");
        keep(url, file.content, file.type);
        return json_reply(wavespeed_envelope(
            {{"type", file.type}, {"download_url", url}, {"filename", "file"}, {"size", file.content.size()}}));
    }

    /// Pictures are checked at once, films and recordings when they are used.
    void keep(const std::string& url, const std::string& bytes, const std::string& type)
    {
        if (type.starts_with("image/")) {
            return service_.pictures.publish(url, service_.pictures.keep(bytes, "upload"));
        }
        const auto file = service_.pictures.dir() / sha256_of(bytes);
        const std::lock_guard lock(mutex_);
        write_atomic(file, bytes);
        media_[url] = file;
    }

    ServiceState& service_;
    const std::string name_; ///< of the account: others relay this service
    std::mutex mutex_;
    int uploads_ = 0;
    std::map<std::string, std::filesystem::path> media_; ///< films and recordings, by address
    std::map<std::string, std::pair<std::int64_t, std::string>> promised_;
};

} // namespace

std::unique_ptr<FakeApi> make_wavespeed(ServiceState& service, const std::string& name)
{
    return std::make_unique<WaveSpeedSurface>(service, name);
}

} // namespace longtake::sandbox
