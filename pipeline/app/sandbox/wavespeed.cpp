// WaveSpeedAI: models by slug, integers, pictures by URL.
#include "pipeline/app/sandbox/official.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

constexpr std::int64_t k_largest_upload = 200'000'000;

const char* prediction_word(Phase phase)
{
    switch (phase) {
    case Phase::queued: return "created";
    case Phase::working: return "processing";
    case Phase::done: return "completed";
    case Phase::failed: return "failed";
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

class WaveSpeedSurface final : public Surface {
public:
    explicit WaveSpeedSurface(Studio& studio) : studio_(studio) {}

    Reply answer(const Call& call) override
    {
        try {
            if (call.method == "PUT" && call.path.starts_with("/uploads/")) {
                return take_upload(call);
            }
            check_key(call, "wavespeed");
            return route(call);
        } catch (const Refusal& refusal) {
            studio_.note_refusal("wavespeed", call, refusal.code, refusal.what());
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
            return poll(id.ends_with("/result") ? id.substr(0, id.size() - 7) : id);
        }
        if (call.method == "POST" && call.path.starts_with("/api/v3/")) {
            return create(call, call.path.substr(8));
        }
        throw Refusal(1202, "there is no " + call.method + " " + call.path);
    }

    Reply create(const Call& call, const std::string& slug)
    {
        Studio::Words words;
        words.read = [&] { return read(slug, json_body(call)); };
        words.created = [this](const View& view) { return json_reply(wavespeed_envelope(prediction(view))); };
        words.refused = wavespeed_refusal;
        return studio_.submit("wavespeed", slug, call, words);
    }

    Reply poll(const std::string& id)
    {
        studio_.count("wavespeed", "poll");
        return studio_.poll("wavespeed", id, false, [&](const std::optional<View>& view) {
            if (!view) {
                throw Refusal(1203, "prediction '" + id + "' does not exist");
            }
            return json_reply(wavespeed_envelope(prediction(*view)));
        });
    }

    json prediction(const View& view) const
    {
        const bool done = view.phase == Phase::done;
        return {{"id", view.task.id},
                {"model", view.task.order.extra.value("slug", "")},
                {"outputs", done ? json::array({view.url}) : json::array()},
                {"urls", {{"get", studio_.root + "/wavespeed/api/v3/predictions/" + view.task.id + "/result"}}},
                {"has_nsfw_contents", done ? json::array({false}) : json::array()},
                {"status", prediction_word(view.phase)},
                {"created_at", iso_time(view.created)},
                {"error", view.reason},
                {"timings", {{"inference", done ? view.updated - view.created : 0}}}};
    }

    Picture picture(const std::string& value, const std::string& field)
    {
        if (!value.starts_with("http://") && !value.starts_with("https://")) {
            refuse(field + " must be a URL; upload the picture first");
        }
        return studio_.pictures.at(value);
    }

    /// The rows of the catalog that speak of this slug; their modes and lengths differ.
    std::vector<const Route*> routes(const std::string& slug) const
    {
        std::vector<const Route*> found;
        for (const Route& route : studio_.catalog.provider("wavespeed").routes) {
            if (route.slug == slug) {
                found.push_back(&route);
            }
        }
        return found;
    }

    Order read(const std::string& slug, const json& body)
    {
        Fields fields(body);
        Order order;
        const bool several = slug.starts_with("kwaivgi/kling-v1.6-multi-i2v-");
        const std::vector<const Route*> rows = routes(slug);
        if (several) {
            read_several(fields, order, slug.ends_with("-pro"));
        } else if (rows.empty()) {
            throw Refusal(1203, "model '" + slug + "' does not exist");
        } else {
            read_generation(fields, order, rows);
        }
        order.kind = order.pictures.empty() ? "text-to-video" : several ? "multi-image2video" : "image-to-video";
        order.extra = {{"slug", slug}};
        read_platform(fields);
        fields.finish();
        return order;
    }

    void read_several(Fields& fields, Order& order, bool pro)
    {
        order.model = "kling-v1-6";
        order.mode = pro ? "pro" : "std";
        order.prompt = fields.needed_text("prompt", 2500);
        fields.text("negative_prompt", 2500);
        const json* images = fields.array("images", 1, 4);
        if (images == nullptr) {
            refuse("property \"images\" is missing");
        }
        for (std::size_t i = 0; i < images->size(); ++i) {
            if (!(*images)[i].is_string()) {
                refuse(fmt::format("images[{}] must be a string", i));
            }
            order.pictures.push_back(picture((*images)[i].get<std::string>(), fmt::format("images[{}]", i)));
        }
        order.aspect = fields.one_of("aspect_ratio", {"1:1", "16:9", "9:16"});
        read_length(fields, order);
    }

    void read_length(Fields& fields, Order& order)
    {
        order.seconds = static_cast<double>(fields.integer("duration", 1, 60).value_or(5));
        if (!has_length(studio_.catalog.models.at(order.model), order.seconds)) {
            refuse(fmt::format("duration is {}; the model does not make that", order.seconds));
        }
    }

    void read_generation(Fields& fields, Order& order, const std::vector<const Route*>& rows)
    {
        const Route& route = matching(fields, rows);
        const Model& model = studio_.catalog.models.at(route.model);
        order.model = route.model;
        order.mode = route.mode.empty() ? model.modes.front() : route.mode;
        const bool parts = fields.has("multi_prompt");
        order.prompt = parts ? fields.text("prompt").value_or("")
                             : fields.needed_text("prompt", static_cast<std::size_t>(model.max_prompt));
        fields.text("negative_prompt", 2500);
        read_length(fields, order);
        if (!route.guidance.empty()) {
            fields.number(route.guidance, 0, 1);
        }
        if (route.sound) {
            order.sound = fields.flag("sound").value_or(false);
            read_voices(fields, order);
        }
        if (route.kind == "image") {
            order.pictures.push_back(picture(fields.needed_text("image"), "image"));
            read_end(fields, order, route);
        } else {
            order.aspect = fields.one_of("aspect_ratio", {"16:9", "9:16", "1:1"});
        }
        if (route.model == "kling-v3") {
            read_parts(fields, order);
        }
    }

    /// The row whose fixed members (a resolution) the request names; the first one's are the defaults.
    static const Route& matching(Fields& fields, const std::vector<const Route*>& rows)
    {
        for (const Route* row : rows) {
            bool same = true;
            for (const auto& [name, value] : row->fields.items()) {
                const auto given = fields.text(name);
                same = same && (!given || *given == value);
            }
            if (same) {
                return *row;
            }
        }
        refuse("one of the settings has a value this model does not know");
    }

    void read_end(Fields& fields, Order& order, const Route& route)
    {
        if (route.end_frame.empty()) {
            return;
        }
        const auto end = route.needs_end_frame ? fields.needed_text(route.end_frame) : fields.text(route.end_frame);
        if (end) {
            order.end = picture(*end, route.end_frame);
        }
    }

    static void read_voices(Fields& fields, const Order& order)
    {
        const json* voices = fields.array("voice_list", 0, 2);
        if (voices != nullptr && !voices->empty() && !order.sound) {
            refuse("voice_list needs sound");
        }
    }

    static void read_parts(Fields& fields, Order& order)
    {
        fields.one_of("shot_type", {"customize", "intelligent"});
        fields.array("element_list", 0, 3);
        const json* parts = fields.array("multi_prompt", 1, 6);
        if (parts == nullptr) {
            return;
        }
        double sum = 0;
        for (std::size_t i = 0; i < parts->size(); ++i) {
            Fields part((*parts)[i], fmt::format("multi_prompt[{}].", i));
            order.prompt += " / " + part.needed_text("prompt", 512);
            const auto seconds = part.integer("duration", 1, 15);
            if (!seconds) {
                refuse(part.full("duration") + " is required");
            }
            sum += static_cast<double>(*seconds);
            part.finish();
        }
        if (sum != order.seconds) {
            refuse(fmt::format("multi_prompt: the durations sum to {}, duration is {}", sum, order.seconds));
        }
    }

    static void read_platform(Fields& fields)
    {
        for (const char* name : {"enable_sync_mode", "enable_base64_output"}) {
            if (fields.flag(name).value_or(false)) {
                refuse(std::string(name) + " is not to be had here");
            }
        }
    }

    std::string upload_url(const std::string& file)
    {
        const std::lock_guard lock(mutex_);
        return fmt::format("{}/wavespeed/uploads/{}-{}", studio_.root, ++uploads_, file);
    }

    Reply promise_upload(const Call& call)
    {
        studio_.count("wavespeed", "upload");
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
            studio_.note_leak(call);
        }
        const std::string url = studio_.root + "/wavespeed" + call.path;
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
        studio_.pictures.publish(url, studio_.pictures.keep(call.body, "upload"));
        return json_reply(json::object());
    }

    Reply take_binary(const Call& call)
    {
        studio_.count("wavespeed", "upload");
        const auto part = call.form.find("file");
        if (!call.multipart || part == call.form.end() || !part->second.is_file) {
            refuse("a multipart file part `file` is required");
        }
        const std::string url = upload_url("file");
        studio_.pictures.publish(url, studio_.pictures.keep(part->second.content, "file"));
        return json_reply(wavespeed_envelope(
            {{"type", "image"}, {"download_url", url}, {"filename", "file"}, {"size", part->second.content.size()}}));
    }

    Studio& studio_;
    std::mutex mutex_;
    int uploads_ = 0;
    std::map<std::string, std::pair<std::int64_t, std::string>> promised_;
};

} // namespace

std::unique_ptr<Surface> make_wavespeed(Studio& studio)
{
    return std::make_unique<WaveSpeedSurface>(studio);
}

} // namespace longtake::sandbox
