// WaveSpeedAI: models by slug, integers, pictures by URL.
#include "pipeline/app/sandbox/official.h"
#include "pipeline/av/probe.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

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

    Reply answer(Call call) override
    {
        try {
            if (call.method == "PUT" && call.path.starts_with("/uploads/")) {
                return take_upload(call);
            }
            call.account = check_key(call, "wavespeed", studio_.settings);
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
            return poll(call, id.ends_with("/result") ? id.substr(0, id.size() - 7) : id);
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

    Reply poll(const Call& call, const std::string& id)
    {
        studio_.count("wavespeed", "poll");
        return studio_.poll(
            {"wavespeed", call.account}, id, false,
            [&](const std::optional<View>& view) {
                if (!view) {
                    throw Refusal(1203, "prediction '" + id + "' does not exist");
                }
                return json_reply(wavespeed_envelope(prediction(*view)));
            },
            wavespeed_refusal);
    }

    json prediction(const View& view) const
    {
        const bool done = view.phase == Phase::done;
        return {
            {"id", view.task.id},
            {"model", view.task.order.extra.value("slug", "")},
            {"outputs", view.url.empty() ? json::array() : json::array({view.url})},
            {"urls", {{"get", studio_.root + "/wavespeed/api/v3/predictions/" + view.task.id + "/result"}}},
            {"has_nsfw_contents", view.withheld || !view.url.empty() ? json::array({view.withheld}) : json::array()},
            {"status", view.word.empty() ? prediction_word(view.phase) : view.word},
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
        for (const Route& route : facts().routes) {
            if (route.slug == slug) {
                found.push_back(&route);
            }
        }
        return found;
    }

    Order read(const std::string& slug, const json& body)
    {
        const std::vector<const Route*> rows = routes(slug);
        if (rows.empty()) {
            throw Refusal(1203, "model '" + slug + "' does not exist");
        }
        Fields fields(body);
        Order order;
        order.kind = rows.front()->kind;
        order.model = rows.front()->model.empty() ? facts().default_model : rows.front()->model;
        order.mode = rows.front()->mode.empty() ? model_of(order).modes.front() : rows.front()->mode;
        order.extra = {{"slug", slug}};
        if (order.kind == "multi") {
            read_several(fields, order);
        } else if (order.kind == "effect") {
            read_effect(fields, order);
        } else if (order.kind.starts_with("lip_sync")) {
            read_lip_sync(fields, order);
        } else {
            read_generation(fields, order, rows);
        }
        order.kind = kind_word(order.kind);
        read_platform(fields);
        fields.finish();
        return order;
    }

    static std::string kind_word(const std::string& kind)
    {
        return kind == "text"     ? "text2video"
               : kind == "image"  ? "image2video"
               : kind == "multi"  ? "multi-image2video"
               : kind == "effect" ? "effects"
                                  : "lip-sync";
    }

    const ProviderFacts& facts() const { return studio_.catalog.provider("wavespeed"); }
    const Model& model_of(const Order& order) const { return studio_.catalog.models.at(order.model); }

    void read_several(Fields& fields, Order& order)
    {
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

    void read_effect(Fields& fields, Order& order)
    {
        order.prompt = fields.needed_text("effect_scene");
        order.pictures.push_back(picture(fields.needed_text("image"), "image"));
        order.price = facts().effect_price(order.prompt);
    }

    void read_lip_sync(Fields& fields, Order& order)
    {
        order.film = media(fields.needed_text("video"), "video");
        if (order.kind == "lip_sync_audio") {
            media(fields.needed_text("audio"), "audio");
        } else {
            order.prompt = fields.needed_text("text", 120);
            fields.needed_text("voice_id");
            fields.one_of("voice_language", {"zh", "en"});
            fields.number("voice_speed", 0.8, 2);
        }
        const double seconds = av::probe(order.film).seconds_claimed;
        if (seconds < 2 || seconds > 10.5) {
            refuse(fmt::format("video: {:.1f} s; 2 to 10 s are allowed", seconds));
        }
        order.price = facts().lip_sync_price(seconds).value_or(0.07 * std::ceil((seconds - 0.2) / 5));
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

    void read_length(Fields& fields, Order& order)
    {
        order.seconds = static_cast<double>(fields.integer("duration", 1, 60).value_or(5));
        if (!has_length(model_of(order), order.seconds)) {
            refuse(fmt::format("duration is {}; the model does not make that", order.seconds));
        }
    }

    void read_generation(Fields& fields, Order& order, const std::vector<const Route*>& rows)
    {
        const Route& route = matching(fields, rows);
        const Model& model = model_of(order);
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
            order.sound = fields.flag("sound").value_or(false) ? Sound::on : Sound::silent;
        }
        if (route.voices) {
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

    static void read_voices(Fields& fields, Order& order)
    {
        const json* voices = fields.array("voice_list", 0, 2);
        if (voices == nullptr || voices->empty()) {
            return;
        }
        if (order.sound == Sound::silent) {
            refuse("voice_list needs sound");
        }
        order.sound = Sound::voices;
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
        keep(url, call.body, call.content_type);
        return json_reply(json::object());
    }

    Reply take_binary(const Call& call)
    {
        studio_.count("wavespeed", "upload");
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
            return studio_.pictures.publish(url, studio_.pictures.keep(bytes, "upload"));
        }
        const auto file = studio_.pictures.dir() / sha256_of(bytes);
        const std::lock_guard lock(mutex_);
        write_atomic(file, bytes);
        media_[url] = file;
    }

    Studio& studio_;
    std::mutex mutex_;
    int uploads_ = 0;
    std::map<std::string, std::filesystem::path> media_; ///< films and recordings, by address
    std::map<std::string, std::pair<std::int64_t, std::string>> promised_;
};

} // namespace

std::unique_ptr<Surface> make_wavespeed(Studio& studio)
{
    return std::make_unique<WaveSpeedSurface>(studio);
}

} // namespace longtake::sandbox
