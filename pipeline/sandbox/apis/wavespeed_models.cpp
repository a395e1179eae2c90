// WaveSpeedAI's list of models and their prices, made from the routes that the sandbox serves.
#include "pipeline/sandbox/apis/wavespeed_models.h"

#include "pipeline/sandbox/apis/call.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace longtake::sandbox {
namespace {

using nlohmann::json;

constexpr double k_unknown_price = 0.1; ///< USD a second: here nothing may be free

/// The type a member has in every model that knows it.
json member_schema(const std::string& name)
{
    static const std::set<std::string> k_lists = {"images",     "videos",       "audios",      "keyframes",
                                                  "voice_list", "element_list", "multi_prompt"};
    static const std::set<std::string> k_numbers = {"guidance_scale", "cfg_scale", "voice_speed"};
    static const std::set<std::string> k_flags = {"sound", "keep_original_sound"};
    if (name == "duration") {
        return {{"type", "integer"}, {"default", 5}};
    }
    return {{"type", k_lists.contains(name)     ? "array"
                     : k_numbers.contains(name) ? "number"
                     : k_flags.contains(name)   ? "boolean"
                                                : "string"}};
}

/// A request's description that grows by the routes that lead to it.
class RequestSchema {
public:
    void may(const std::string& name)
    {
        if (!name.empty() && !properties_.contains(name)) {
            properties_[name] = member_schema(name);
            order_.push_back(name);
        }
    }
    void must(const std::string& name)
    {
        may(name);
        required_.insert(name);
    }

    void add(const Route& route, const Model* model)
    {
        if (route.kind.starts_with("lip_sync")) {
            return add_lip_sync(route);
        }
        if (route.kind == "effect") {
            must("image");
            return must("effect_scene");
        }
        add_words(route, *model);
        add_files(route);
        for (const json* members : {&route.fields, &route.hdr}) {
            for (const auto& [name, value] : members->items()) {
                may(name);
            }
        }
        may(route.guidance);
        may(route.sound ? "sound" : "");
        may(route.voices ? "voice_list" : "");
    }

    json whole() const
    {
        return {
            {"type", "object"}, {"properties", properties_}, {"required", required_}, {"x-order-properties", order_}};
    }

private:
    void add_lip_sync(const Route& route)
    {
        must("video");
        if (route.kind == "lip_sync_audio") {
            return must("audio");
        }
        must("text");
        must("voice_id");
        may("voice_language");
        may("voice_speed");
    }

    void add_words(const Route& route, const Model& model)
    {
        const bool parts = model.multi_shot.has_value() && route.kind != "edit" && route.kind != "extend";
        may("prompt");
        if (!parts && route.prompt_required.value_or(true)) {
            must("prompt");
        }
        for (const char* name : {"multi_prompt", "shot_type", "element_list"}) {
            may(parts ? name : "");
        }
        may(model.negative_prompt ? "negative_prompt" : "");
        may(route.no_length ? "" : "duration");
    }

    void add_files(const Route& route)
    {
        if (route.kind == "image") {
            must("image");
        } else if (route.kind == "edit" || route.kind == "extend") {
            must("video");
        } else {
            may("aspect_ratio");
        }
        if (route.kind == "multi") {
            must("images");
        }
        may(route.end_frame);
        if (route.needs_end_frame) {
            must(route.end_frame);
        }
        may(route.keyframes);
        may(route.references.empty() ? "" : "keep_original_sound");
        for (const auto& [name, most] : route.references) {
            may(name);
        }
    }

    json properties_ = json::object();
    std::set<std::string> required_;
    std::vector<std::string> order_;
};

const Model* model_of(const ModelCatalog& catalog, const Route& route)
{
    const auto found = catalog.models.find(route.model);
    return found == catalog.models.end() ? nullptr : &found->second;
}

/// Whether the inputs do not contradict the members that this route alone sends as they stand.
bool agrees(const Route& route, const json& inputs)
{
    for (const auto& [name, value] : route.fields.items()) {
        if (inputs.contains(name) && inputs[name] != value) {
            return false;
        }
    }
    return true;
}

double take_price(const ModelCatalog& catalog, const ProviderFacts& facts, const Route& route, double seconds)
{
    const Model* model = model_of(catalog, route);
    if (route.kind.starts_with("lip_sync")) {
        return facts.lip_sync_price(seconds).value_or(k_unknown_price * seconds);
    }
    if (route.kind == "effect" || model == nullptr) {
        return facts.effect_price("any").value_or(k_unknown_price * seconds);
    }
    const std::string& mode = route.mode.empty() ? model->modes.front() : route.mode;
    const bool from_film = route.kind == "edit";
    auto price = route.price ? route.price : catalog.price(facts, *model, mode, Sound::silent, from_film);
    if (!price && !from_film) { // as it bills
        price = model->list_price(mode);
    }
    return price.value_or(k_unknown_price) * seconds * (from_film && model->counts_film ? 2 : 1);
}

} // namespace

json wavespeed_models(const ModelCatalog& catalog, const ProviderFacts& facts)
{
    std::map<std::string, RequestSchema> schemas;
    std::map<std::string, const Route*> first;
    for (const Route& route : facts.routes) {
        schemas[route.slug].add(route, model_of(catalog, route));
        first.emplace(route.slug, &route);
    }
    json models = json::array();
    for (const auto& [slug, schema] : schemas) {
        const double price = take_price(catalog, facts, *first.at(slug), 5);
        const json described = {{"type", "model_run"}, {"request_schema", schema.whole()}};
        models.push_back({{"model_id", slug},
                          {"name", slug},
                          {"type", first.at(slug)->kind},
                          {"base_price", price},
                          {"formula", ""},
                          {"api_schema", {{"api_schemas", json::array({described})}}}});
    }
    return models;
}

double wavespeed_price(const ModelCatalog& catalog, const ProviderFacts& facts, const std::string& slug,
                       const json& inputs)
{
    for (const Route& route : facts.routes) {
        if (route.slug == slug && agrees(route, inputs)) {
            const auto seconds = inputs.find("duration");
            return take_price(catalog, facts, route,
                              seconds != inputs.end() && seconds->is_number() ? seconds->get<double>() : 5);
        }
    }
    throw Refusal(1203, "model '" + slug + "' does not exist");
}

} // namespace longtake::sandbox
