#include "pipeline/model/models.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

using Strings = std::vector<std::string>;
using Doubles = std::vector<double>;

Model::Durations durations_of(const json& value)
{
    Model::Durations durations;
    durations.slots = value.value("slots", Doubles{});
    std::sort(durations.slots.begin(), durations.slots.end());
    if (value.contains("min") && value.contains("max")) {
        durations.min = value.at("min").get<double>();
        durations.max = value.at("max").get<double>();
    }
    durations.step = value.value("step", 1.0);
    for (const char* kind : {"image", "text"}) {
        if (value.contains(kind)) {
            durations.plain[kind] = value.at(kind).get<Doubles>();
        }
    }
    if (durations.slots.empty() && !(durations.min && *durations.min <= *durations.max)) {
        throw Error(Errc::usage, "durations: needs slots, or min and max with min <= max");
    }
    return durations;
}

Model::Where where_of(const json& value)
{
    Model::Where where;
    where.modes = value.value("modes", Strings{});
    where.durations = value.value("durations", Doubles{});
    where.kinds = value.value("kinds", Strings{});
    where.silent_only = value.value("silent_only", false);
    return where;
}

std::optional<Model::Where> where_of(const json& features, const char* key)
{
    return features.contains(key) ? std::optional(where_of(features.at(key))) : std::nullopt;
}

bool names(const json& list, const char* word)
{
    return std::find(list.begin(), list.end(), word) != list.end();
}

Model::Extend extend_of(const json& value)
{
    if (value.contains("lengths")) {
        const Model::Durations lengths = durations_of(value.at("lengths"));
        const double least = lengths.slots.empty() ? *lengths.min : lengths.slots.front();
        return {least, least, value.at("max_total").get<double>(), lengths};
    }
    return {value.at("sure_seconds").get<double>(), value.at("billed_seconds").get<double>(),
            value.at("max_total").get<double>()};
}

/// What it can be made from beside a prompt, a first and a last picture.
void read_inputs(const json& features, Model& model)
{
    model.keyframes = features.value("keyframes", 0);
    if (features.contains("references")) {
        const json& value = features.at("references");
        model.references =
            Model::References{value.value("pictures", 0),     value.value("with_film", value.value("pictures", 0)),
                              value.value("films", 0),        value.value("sounds", 0),
                              value.at("files").get<int>(),   value.value("min_seconds", 0.0),
                              value.value("max_seconds", 0.0)};
    }
    if (features.contains("edit")) {
        const json& value = features.at("edit");
        model.edit = Model::Edit{value.value("pictures", 0), value.at("min_seconds").get<double>(),
                                 value.at("max_seconds").get<double>()};
    }
}

void read_features(const json& features, Model& model)
{
    read_inputs(features, model);
    model.hdr = where_of(features, "hdr");
    model.aspect_ratios = features.value("aspect_ratios", Strings{"16:9", "9:16", "1:1"});
    model.end_frame = where_of(features, "end_frame");
    model.camera = where_of(features, "camera");
    model.camera_types = features.value("camera", json::object()).value("types", Strings{});
    model.motion_brush = where_of(features, "motion_brush");
    if (features.contains("extend")) {
        model.extend = extend_of(features.at("extend"));
    }
    model.multi_image = where_of(features, "multi_image");
    model.multi_shot = where_of(features, "multi_shot");
    model.voices = where_of(features, "voices");
    if (features.contains("effects")) {
        const json& effects = features.at("effects");
        model.effects = Model::Effects{where_of(effects), effects.at("pictures").get<std::vector<int>>()};
    }
    model.cfg_scale = features.value("cfg_scale", false);
    model.negative_prompt = features.value("negative_prompt", true);
    const json sound = features.value("sound", json(false));
    model.sound_always = sound == "always";
    model.sound = model.sound_always || sound == true;
    model.sound_modes = features.value("sound_modes", Strings{});
    model.max_prompt = features.value("max_prompt", model.max_prompt);
}

Model model_of(const std::string& name, const json& value)
{
    Model model;
    model.name = name;
    const json& output = value.at("output");
    output.at("modes").get_to(model.modes);
    model.durations = durations_of(output.at("durations"));
    for (const auto& [mode, size] : output.at("size").items()) {
        model.size[mode] = size.get<Size>();
    }
    for (const auto& [kind, fps] : output.at("fps").items()) {
        model.fps[kind] = fps.get<Rate>();
    }
    model.text_to_video = names(output.at("kinds"), "text");
    model.image_to_video = names(output.at("kinds"), "image");
    read_features(value.at("features"), model);
    value.at("price").at("usd_per_second").get_to(model.price);
    model.price_sound = value.at("price").value("usd_per_second_sound", std::map<std::string, double>{});
    model.price_voice = value.at("price").value("usd_per_second_voice", std::map<std::string, double>{});
    model.price_film = value.at("price").value("usd_per_second_film", std::map<std::string, double>{});
    model.counts_film = value.at("price").value("counts_film", false);
    if (value.contains("retires")) {
        model.retirement = Model::Retirement{value.at("retires").at("on"), value.at("retires").at("successor")};
    }
    model.facts = value;
    return model;
}

ImageRules image_rules_of(const json& value)
{
    ImageRules rules;
    value.at("min_side").get_to(rules.min_side);
    value.at("max_side").get_to(rules.max_side);
    value.at("max_aspect").get_to(rules.max_aspect);
    value.at("max_bytes").get_to(rules.max_bytes);
    value.at("formats").get_to(rules.formats);
    return rules;
}

Route route_of(const json& value)
{
    Route route;
    route.model = value.value("model", "");
    value.at("kind").get_to(route.kind);
    route.mode = value.value("mode", "");
    if (value.contains("seconds")) {
        route.seconds = value.at("seconds").get<double>();
    }
    value.at("slug").get_to(route.slug);
    route.end_frame = value.value("end_frame", "");
    route.needs_end_frame = value.value("needs_end_frame", false);
    route.guidance = value.value("guidance", "");
    const json sound = value.value("sound", json(false));
    route.sound = sound == true;
    route.sound_always = sound == "always";
    route.dialect = value.value("dialect", "");
    route.voices = value.value("voices", false);
    route.aspect_ratios = value.value("aspect_ratios", Strings{});
    if (value.contains("prompt_required")) {
        route.prompt_required = value.at("prompt_required").get<bool>();
    }
    route.no_length = value.value("no_length", false);
    route.keyframes = value.value("keyframes", "");
    route.references = value.value("references", std::map<std::string, int>{});
    route.hdr = value.value("hdr", json::object());
    if (value.contains("price")) {
        route.price = value.at("price").get<double>();
    }
    route.lacks = value.value("lacks", Strings{});
    route.query = value.value("query", "");
    route.fields = value.value("fields", json::object());
    return route;
}

void read_extend(const json& value, ProviderFacts& provider)
{
    provider.extend = value.is_object() || value == true;
    if (value.is_object()) {
        provider.extend_models = value.value("models", Strings{});
        provider.extend_modes = value.value("modes", Strings{});
    }
}

LipSyncLimits lip_sync_of(const json& value)
{
    LipSyncLimits limits;
    value.at("min_seconds").get_to(limits.min_seconds);
    value.at("max_seconds").get_to(limits.max_seconds);
    if (value.contains("max_extended")) {
        limits.max_extended = value.at("max_extended").get<double>();
    }
    value.at("max_side").get_to(limits.max_side);
    value.at("max_audio_bytes").get_to(limits.max_audio_bytes);
    value.at("audio").get_to(limits.audio);
    return limits;
}

/// What a surface can be asked for, whatever the model.
void read_switches(const json& value, ProviderFacts& provider)
{
    read_extend(value.value("extend", json(false)), provider);
    provider.end_frame = value.value("end_frame", false);
    provider.camera = value.value("camera", false);
    provider.motion_brush = value.value("motion_brush", false);
    provider.sound = value.value("sound", false);
    provider.multi_image = value.value("multi_image", false);
    provider.multi_shot = value.value("multi_shot", false);
    provider.voices = value.value("voices", false);
    provider.references = value.value("references", Strings{});
    provider.edit = value.value("edit", false);
    provider.effects = value.value("effects", std::vector<int>{});
    provider.lip_sync = std::nullopt;
    if (value.contains("lip_sync")) {
        provider.lip_sync = lip_sync_of(value.at("lip_sync"));
    }
    provider.watermark = value.value("watermark", false);
    provider.callback = where_of(value, "callback");
    provider.why_not = value.value("why_not", std::map<std::string, std::string>{});
    provider.prompt_required = value.value("prompt_required", false);
}

ProviderFacts provider_of(const std::string& name, const json& value)
{
    ProviderFacts provider;
    provider.name = name;
    value.at("default_model").get_to(provider.default_model);
    provider.models = value.value("models", Strings{});
    provider.slugs = value.value("slugs", std::map<std::string, std::string>{});
    provider.keys = value.value("keys", Strings{});
    value.at("paid").get_to(provider.paid);
    provider.base_url = value.value("base_url", "");
    read_switches(value, provider);
    provider.list_price = value.value("list_price", false);
    provider.concurrency = value.value("concurrency", provider.concurrency);
    provider.image = image_rules_of(value.at("image"));
    provider.price = value.value("price", decltype(provider.price){});
    for (const json& route : value.value("routes", json::array())) {
        provider.routes.push_back(route_of(route));
        if (const Route& added = provider.routes.back(); !added.model.empty()) {
            provider.slugs.emplace(added.slug, added.model);
        }
    }
    value.at("source").get_to(provider.source);
    value.at("checked").get_to(provider.checked);
    provider.facts = value;
    return provider;
}

void add_model(const std::string& name, const json& entry, ModelCatalog& catalog)
{
    Model model = in_context("model '" + name + "'", [&] { return model_of(name, entry); });
    if (!catalog.models.emplace(name, std::move(model)).second) {
        throw Error(Errc::usage, fmt::format("model '{}' stands in another file too", name));
    }
}

void add_file(const fs::path& file, ModelCatalog& catalog)
{
    const json value = read_json(file);
    check_schema(value, "models", file.string());
    in_context(file.string(), [&] {
        const json models = value.value("models", json::object());
        for (const auto& [name, entry] : models.items()) {
            add_model(name, entry, catalog);
        }
        const json providers = value.value("providers", json::object());
        for (const auto& [name, entry] : providers.items()) {
            if (!catalog.providers.emplace(name, provider_of(name, entry)).second) {
                throw Error(Errc::usage, fmt::format("provider '{}' stands in another file too", name));
            }
        }
    });
    catalog.priced_on = std::max(catalog.priced_on, value.value("priced_on", ""));
}

void check_known(const Strings& named, const Strings& known, const std::string& where)
{
    for (const std::string& model : named) {
        if (std::find(known.begin(), known.end(), model) == known.end()) {
            throw Error(Errc::usage, fmt::format("{}: {}", where, unknown_name("model", model, known)));
        }
    }
}

/// Every model a provider or another model names must be there, whichever file it stands in.
void check_names(const ModelCatalog& catalog, const fs::path& dir)
{
    Strings known;
    for (const auto& [name, model] : catalog.models) {
        known.push_back(name);
    }
    for (const auto& [name, provider] : catalog.providers) {
        Strings named = provider.models;
        named.push_back(provider.default_model);
        named.insert(named.end(), provider.extend_models.begin(), provider.extend_models.end());
        for (const Route& route : provider.routes) {
            if (!route.model.empty()) {
                named.push_back(route.model);
            }
        }
        check_known(named, known, fmt::format("{}: provider '{}'", dir.string(), name));
    }
    for (const auto& [name, model] : catalog.models) {
        if (model.retirement) {
            check_known({model.retirement->successor}, known, fmt::format("{}: model '{}'", dir.string(), name));
        }
    }
}

Strings json_files(const fs::path& dir)
{
    std::set<std::string> files;
    if (fs::is_directory(dir)) {
        for (const auto& entry : fs::directory_iterator(dir)) {
            if (entry.is_regular_file() && entry.path().extension() == ".json") {
                files.insert(entry.path().string());
            }
        }
    }
    return {files.begin(), files.end()};
}

} // namespace

void set_prices(ProviderFacts& provider, const nlohmann::json& prices, const std::string& origin)
{
    Problems problems(origin);
    const json models = prices.is_object() ? prices : json::object();
    if (!prices.is_object()) {
        problems.add("", fmt::format("found {}; must be model -> mode -> USD a second", found_text(prices)));
    }
    for (const auto& [model, modes] : models.items()) {
        if (!modes.is_object()) {
            problems.add(pointer_to("", model),
                         fmt::format("found {}; must be mode -> USD a second", found_text(modes)));
            continue;
        }
        for (const auto& [mode, price] : modes.items()) {
            if (!price.is_number() || !(price.get<double>() >= 0) || !std::isfinite(price.get<double>())) {
                problems.add(pointer_to(pointer_to("", model), mode),
                             fmt::format("found {}; must be USD a second", found_text(price)));
                continue;
            }
            provider.price[model][mode] = price.get<double>();
        }
    }
    problems.check();
}

void set_shape(ProviderFacts& provider, const std::string& shape)
{
    if (shape.empty()) {
        return;
    }
    const json shapes = provider.facts.value("shapes", json::object());
    if (!shapes.contains(shape)) {
        Strings known;
        for (const auto& [name, switches] : shapes.items()) {
            known.push_back(name);
        }
        throw Error(Errc::usage, fmt::format("providers.{}.shape: {}", provider.name,
                                             known.empty() ? "it has no shapes" : unknown_name("shape", shape, known)));
    }
    json facts = provider.facts;
    facts.merge_patch(shapes.at(shape));
    read_switches(facts, provider);
}

ModelCatalog load_models(const PresetDirs& dirs)
{
    for (const fs::path& dir : dirs) {
        const Strings files = json_files(dir / "models");
        if (files.empty()) {
            continue;
        }
        ModelCatalog catalog;
        for (const std::string& file : files) {
            add_file(file, catalog);
        }
        check_names(catalog, dir / "models");
        return catalog;
    }
    Strings looked;
    for (const fs::path& dir : dirs) {
        looked.push_back((dir / "models").string());
    }
    throw Error(Errc::usage, fmt::format("no models found; looked for *.json in: {}", join(looked)));
}

} // namespace longtake
