#include "pipeline/sandbox/apis/wavespeed_requests.h"

#include "pipeline/av/probe.h"
#include "pipeline/sandbox/apis/kling_v1_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longtake::sandbox {

using nlohmann::json;

Picture WaveSpeedRequests::picture(const std::string& value, const std::string& field)
{
    if (!value.starts_with("http://") && !value.starts_with("https://")) {
        refuse(field + " must be a URL; upload the picture first");
    }
    return service_.pictures.at(value);
}

/// The rows of the catalog that speak of this slug; their modes and lengths differ.
std::vector<const Route*> WaveSpeedRequests::routes(const std::string& slug) const
{
    std::vector<const Route*> found;
    for (const Route& route : facts().routes) {
        if (route.slug == slug) {
            found.push_back(&route);
        }
    }
    return found;
}

Order WaveSpeedRequests::read(const std::string& slug, const json& body)
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
    } else if (order.kind == "extend") {
        read_extension(fields, order, rows);
    } else if (order.kind == "edit") {
        read_edit(fields, order, rows);
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

std::string WaveSpeedRequests::kind_word(const std::string& kind)
{
    return kind == "text"        ? "text2video"
           : kind == "image"     ? "image2video"
           : kind == "multi"     ? "multi-image2video"
           : kind == "reference" ? "reference-to-video"
           : kind == "edit"      ? "video-edit"
           : kind == "extend"    ? "video-extend"
           : kind == "effect"    ? "effects"
                                 : "lip-sync";
}

void WaveSpeedRequests::read_several(Fields& fields, Order& order)
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

void WaveSpeedRequests::read_effect(Fields& fields, Order& order)
{
    order.prompt = fields.needed_text("effect_scene");
    order.pictures.push_back(picture(fields.needed_text("image"), "image"));
    order.price = facts().effect_price(order.prompt);
}

void WaveSpeedRequests::read_lip_sync(Fields& fields, Order& order)
{
    order.film = media_(fields.needed_text("video"), "video");
    if (order.kind == "lip_sync_audio") {
        media_(fields.needed_text("audio"), "audio");
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

void WaveSpeedRequests::read_length(Fields& fields, Order& order)
{
    order.seconds = static_cast<double>(fields.integer("duration", 1, 60).value_or(5));
    if (!has_length(model_of(order), order.seconds)) {
        refuse(fmt::format("duration is {}; the model does not make that", order.seconds));
    }
}

void WaveSpeedRequests::read_generation(Fields& fields, Order& order, const std::vector<const Route*>& rows)
{
    const Route& route = matching(fields, rows);
    const Model& model = model_of(order);
    order.mode = route.mode.empty() ? model.modes.front() : route.mode;
    const bool parts = fields.has("multi_prompt");
    if (parts && fields.has("prompt")) {
        refuse("prompt and multi_prompt exclude each other");
    }
    const bool needed = !parts && route.prompt_required.value_or(true);
    const auto longest = static_cast<std::size_t>(model.max_prompt);
    order.prompt = needed ? fields.needed_text("prompt", longest) : fields.text("prompt", longest).value_or("");
    if (model.negative_prompt) {
        fields.text("negative_prompt", 2500);
    }
    read_length(fields, order);
    read_hdr(fields, order);
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
        read_keyframes(fields, order, route);
    } else {
        order.aspect = fields.one_of("aspect_ratio", facts().aspect_ratios(model, route.kind, order.mode));
    }
    read_references(fields, order, route);
    const bool free = order.end.has_value() || route.kind == "reference";
    if (!model.durations.allows(route.kind, order.seconds, free)) {
        refuse(fmt::format("duration is {}; without an end frame the model makes {}", order.seconds,
                           fmt::join(model.durations.plain.at(route.kind), " or ")));
    }
    if (model.multi_shot) {
        read_parts(fields, order);
    }
}

/// Ten bits, where lines enough are asked for.
void WaveSpeedRequests::read_hdr(Fields& fields, const Order& order)
{
    if (order.model != "kling-v4") {
        return;
    }
    if (fields.one_of("dynamic_range", {"sdr", "hdr"}) == "hdr" && order.mode == "std") {
        refuse("dynamic_range: hdr needs a resolution of 1080p or 4k");
    }
}

void WaveSpeedRequests::read_keyframes(Fields& fields, const Order& order, const Route& route)
{
    const json* list = route.keyframes.empty() ? nullptr : fields.array(route.keyframes, 1, 9);
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        picture((*list)[i].get<std::string>(), fmt::format("{}[{}]", route.keyframes, i));
    }
    if (list != nullptr && list->size() + order.pictures.size() + (order.end ? 1 : 0) > 10) {
        refuse("image, last_image and keyframes: at most 10 pictures");
    }
}

/// Pictures, films and sounds to be named in the prompt; the sandbox shows the first picture.
void WaveSpeedRequests::read_references(Fields& fields, Order& order, const Route& route)
{
    if (route.references.empty()) {
        return;
    }
    fields.flag("keep_original_sound");
    std::size_t files = 0;
    for (const auto& [name, most] : route.references) {
        for (const std::string& url : addresses(fields, name, static_cast<std::size_t>(most))) {
            ++files;
            if (name.starts_with("image")) {
                order.pictures.push_back(picture(url, name));
            } else {
                check_seconds(media_(url, name), name, order);
            }
        }
    }
    if (const auto& limits = model_of(order).references; limits && files > static_cast<std::size_t>(limits->files)) {
        refuse(fmt::format("at most {} references", limits->files));
    }
}

void WaveSpeedRequests::check_seconds(const std::filesystem::path& file, const std::string& name,
                                      const Order& order) const
{
    const Model::References& limits = model_of(order).references.value();
    const double seconds = av::probe(file).seconds_claimed;
    if (seconds < limits.min_seconds - 0.1 || seconds > limits.max_seconds + 0.5) {
        refuse(
            fmt::format("{}: {:.1f} s; {} to {} s are allowed", name, seconds, limits.min_seconds, limits.max_seconds));
    }
}

/// One address, or a list of them where the parameter is one of several.
std::vector<std::string> WaveSpeedRequests::addresses(Fields& fields, const std::string& name, std::size_t most)
{
    if (!name.ends_with('s')) {
        const auto one = fields.text(name);
        return one ? std::vector<std::string>{*one} : std::vector<std::string>{};
    }
    const json* list = fields.array(name, 1, most);
    std::vector<std::string> found;
    for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
        if (!(*list)[i].is_string()) {
            refuse(fmt::format("{}[{}] must be a string", name, i));
        }
        found.push_back((*list)[i].get<std::string>());
    }
    return found;
}

/// The whole is answered, old and new; only the new part is charged.
void WaveSpeedRequests::read_extension(Fields& fields, Order& order, const std::vector<const Route*>& rows)
{
    const Route& route = matching(fields, rows);
    order.mode = route.mode;
    order.prompt = fields.needed_text("prompt", static_cast<std::size_t>(model_of(order).max_prompt));
    const auto parent = service_.result_of_file(account_, media_(fields.needed_text("video"), "video"));
    if (!parent) {
        refuse("video: this sandbox extends only films that it made");
    }
    order.parent = parent->task.video_id;
    read_end(fields, order, route);
    read_length(fields, order);
    order.adds = order.seconds;
    const auto price = service_.catalog.price(facts(), model_of(order), order.mode);
    order.price = price.value_or(0.1) * order.seconds;
}

/// Its result is as long as what goes in; the sandbox gives back that film.
void WaveSpeedRequests::read_edit(Fields& fields, Order& order, const std::vector<const Route*>& rows)
{
    const Route& route = matching(fields, rows);
    const Model& model = model_of(order);
    order.mode = route.mode;
    order.prompt = fields.needed_text("prompt", static_cast<std::size_t>(model.max_prompt));
    order.film = media_(fields.needed_text("video"), "video");
    const double seconds = av::probe(order.film).seconds_claimed;
    if (seconds < model.edit->min_seconds - 0.1) {
        refuse(fmt::format("video: {:.1f} s; at least {} s are needed", seconds, model.edit->min_seconds));
    }
    read_references(fields, order, route);
    const auto price = service_.catalog.price(facts(), model, order.mode, Sound::silent, true);
    order.price = price.value_or(0.1) * std::ceil(seconds) * (model.counts_film ? 2 : 1);
}

/// The row whose fixed members (a resolution) the request names; the first one's are the defaults.
const Route& WaveSpeedRequests::matching(Fields& fields, const std::vector<const Route*>& rows)
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

void WaveSpeedRequests::read_end(Fields& fields, Order& order, const Route& route)
{
    if (route.end_frame.empty()) {
        return;
    }
    const auto end = route.needs_end_frame ? fields.needed_text(route.end_frame) : fields.text(route.end_frame);
    if (end) {
        order.end = picture(*end, route.end_frame);
    }
}

void WaveSpeedRequests::read_voices(Fields& fields, Order& order)
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

void WaveSpeedRequests::read_parts(Fields& fields, Order& order)
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

void WaveSpeedRequests::read_platform(Fields& fields)
{
    for (const char* name : {"enable_sync_mode", "enable_base64_output"}) {
        if (fields.flag(name).value_or(false)) {
            refuse(std::string(name) + " is not to be had here");
        }
    }
}

} // namespace longtake::sandbox
