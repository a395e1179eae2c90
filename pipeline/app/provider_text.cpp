#include "pipeline/app/provider_text.h"

#include "pipeline/base/text.h"
#include "pipeline/providers/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <utility>

namespace longtake::app {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

bool contains(const Words& words, const std::string& word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// "set" or "missing"; a key's value is never shown.
json keys_of(const ProviderFacts& provider, const Session& session)
{
    json keys = json::object();
    for (const std::string& key : provider.keys) {
        keys[key] = session.variable(key).value_or("").empty() ? "missing" : "set";
    }
    return keys;
}

std::string keys_text(const json& keys)
{
    Words words;
    for (const auto& [key, state] : keys.items()) {
        words.push_back(key + " " + state.get<std::string>());
    }
    return words.empty() ? "needs no key" : join(words);
}

bool usable(const ProviderFacts& provider)
{
    return contains(provider_names(), provider.name);
}

const char* state_text(const ProviderFacts& provider)
{
    return usable(provider) ? "ready to use" : "not in this version";
}

std::string base_url_of(const ProviderFacts& provider, const Session& session)
{
    const std::string variable = provider.base_url_variable();
    const std::string own = variable.empty() ? "" : session.variable(variable).value_or("");
    return own.empty() ? provider.base_url : own;
}

/// What can be asked of the surface, by the words the storyboard has for it.
std::vector<std::pair<const char*, bool>> switches_of(const ProviderFacts& provider)
{
    return {{"continue: extend", provider.extend},
            {"end_image", provider.end_frame},
            {"camera", provider.camera},
            {"dynamic_masks", provider.motion_brush},
            {"images", provider.multi_image},
            {"multi_shot", provider.multi_shot},
            {"references", !provider.references.empty()},
            {"edit", provider.edit},
            {"effect", !provider.effects.empty()},
            {"lip_sync", provider.lip_sync.has_value()},
            {"sound", provider.sound},
            {"voices", provider.voices},
            {"watermark", provider.watermark},
            {"callback_url", provider.callback.has_value()}};
}

Words can(const ProviderFacts& provider, bool able)
{
    Words words;
    for (const auto& [word, is_able] : switches_of(provider)) {
        if (is_able == able) {
            words.emplace_back(word);
        }
    }
    return words;
}

std::string lengths_text(const Model& model)
{
    if (model.durations.slots.empty()) {
        return fmt::format("{:.6g}-{:.6g} s", *model.durations.min, *model.durations.max);
    }
    return fmt::format("{:.6g} s", fmt::join(model.durations.slots, "/"));
}

json lengths_of(const Model& model)
{
    const auto& durations = model.durations;
    return durations.slots.empty() ? json{{"min", *durations.min}, {"max", *durations.max}, {"step", durations.step}}
                                   : json{{"slots", durations.slots}};
}

template <class Takes>
bool any_route(const ProviderFacts& provider, const Model& model, Takes takes)
{
    return std::any_of(provider.routes.begin(), provider.routes.end(),
                       [&](const Route& route) { return route.model == model.name && std::invoke(takes, route); });
}

bool has_kind(const ProviderFacts& provider, const Model& model, const char* kind)
{
    return provider.routes.empty() ||
           any_route(provider, model, [&](const Route& route) { return route.kind == kind; });
}

bool arrives(const ProviderFacts& provider, const Model& model)
{
    const auto offers = [](const Route& route) { return !route.end_frame.empty(); };
    return provider.end_frame &&
           (provider.routes.empty() ? model.end_frame.has_value() : any_route(provider, model, offers));
}

bool extends(const ProviderFacts& provider, const Model& model)
{
    return model.extend && std::any_of(model.modes.begin(), model.modes.end(),
                                       [&](const std::string& mode) { return provider.extends(model.name, mode); });
}

/// What this model can be asked for on this surface, some of it in some modes only.
Words features_of(const ProviderFacts& provider, const Model& model)
{
    const bool sounds =
        provider.sound && (provider.routes.empty() ? model.sound : any_route(provider, model, &Route::sound));
    const bool speaks =
        provider.voices && model.voices && (provider.routes.empty() || any_route(provider, model, &Route::voices));
    const auto passes = [](const Route& route) { return !route.keyframes.empty(); };
    const auto wide = [](const Route& route) { return !route.hdr.empty(); };
    const std::array<std::pair<const char*, bool>, 13> all = {
        {{"continue: extend", extends(provider, model)},
         {"end_image", arrives(provider, model)},
         {"camera", provider.camera && model.camera},
         {"dynamic_masks", provider.motion_brush && model.motion_brush},
         {"images", provider.multi_image && model.multi_image},
         {"multi_shot", provider.multi_shot && model.multi_shot},
         {"keyframes", model.keyframes > 0 && any_route(provider, model, passes)},
         {"references", !provider.references.empty() && model.references && has_kind(provider, model, "reference")},
         {"edit", provider.edit && model.edit && has_kind(provider, model, "edit")},
         {"hdr", model.hdr && any_route(provider, model, wide)},
         {"effect", !provider.effects.empty() && model.effects},
         {model.sound_always ? "sound always" : "sound", sounds || model.sound_always},
         {"voices", speaks}}};
    Words words;
    for (const auto& [word, is_able] : all) {
        if (is_able) {
            words.emplace_back(word);
        }
    }
    return words;
}

/// The modes this surface sells the model in.
Words modes_of(const ProviderFacts& provider, const Model& model)
{
    Words modes = model.modes;
    std::erase_if(modes, [&](const std::string& mode) {
        const auto leads_there = [&](const Route& route) {
            return route.model == model.name && (route.mode.empty() || route.mode == mode);
        };
        return !provider.routes.empty() && std::none_of(provider.routes.begin(), provider.routes.end(), leads_there);
    });
    return modes;
}

/// USD a second by mode, "pro sound" and "pro voice" among them; empty where it is not known.
using Prices = std::vector<std::pair<std::string, std::optional<double>>>;

Prices prices_of(const ModelCatalog& catalog, const ProviderFacts& provider, const Model& model)
{
    const Words features = features_of(provider, model);
    Prices prices;
    for (const std::string& mode : modes_of(provider, model)) {
        const auto add = [&](Sound sound) {
            prices.emplace_back(priced_mode(model, mode, sound), catalog.price(provider, model, mode, sound));
        };
        add(Sound::silent);
        if (contains(features, "sound") && (model.sound_modes.empty() || contains(model.sound_modes, mode))) {
            add(Sound::on);
        }
        if (contains(features, "edit")) {
            prices.emplace_back(priced_mode(model, mode, Sound::silent, true),
                                catalog.price(provider, model, mode, Sound::silent, true));
        }
        if (contains(features, "voices") && (model.voices->modes.empty() || contains(model.voices->modes, mode))) {
            add(Sound::voices);
        }
    }
    return prices;
}

std::string prices_text(const Prices& prices, bool paid)
{
    Words words;
    for (const auto& [mode, price] : prices) {
        words.push_back(price ? fmt::format("{} ${:.6g}/s", mode, *price) : mode + " unknown");
    }
    return paid ? join(words) : "free";
}

json model_json(const ModelCatalog& catalog, const ProviderFacts& provider, const Model& model)
{
    json prices = json::object();
    for (const auto& [mode, price] : prices_of(catalog, provider, model)) {
        prices[mode] = price ? json(*price) : json();
    }
    return {{"name", model.name},           {"modes", modes_of(provider, model)},
            {"seconds", lengths_of(model)}, {"features", features_of(provider, model)},
            {"usd_per_second", prices},     {"facts", model.facts}};
}

void print_model(const ModelCatalog& catalog, const ProviderFacts& provider, const Model& model, Console& console)
{
    console.print(fmt::format("  {:<18} {:<11} {:<9} {}", model.name, join(modes_of(provider, model), "/"),
                              lengths_text(model), prices_text(prices_of(catalog, provider, model), provider.paid)));
    if (const Words features = features_of(provider, model); !features.empty()) {
        console.print(fmt::format("  {:<18} {}", "", join(features)));
    }
    if (model.retirement) {
        console.print(fmt::format("  {:<18} was to be retired on {}: {} is its successor", "", model.retirement->on,
                                  model.retirement->successor));
    }
}

void print_provider(const ProviderFacts& provider, const Session& session, Console& console)
{
    const auto line = [&](const char* name, const std::string& text) {
        if (!text.empty()) {
            console.print(fmt::format("  {:<9} {}", name, text));
        }
    };
    console.print(fmt::format("{}: {}, {}", provider.name, provider.paid ? "paid" : "free", state_text(provider)));
    const std::string variable = provider.base_url_variable();
    const std::string address = base_url_of(provider, session);
    line("address", address.empty() && provider.paid ? "the operator's; set " + variable : address);
    line("keys", keys_text(keys_of(provider, session)));
    line("at once", fmt::format("{} takes", provider.concurrency));
    line("pictures",
         fmt::format("{} to {} pixels a side, at most {:.6g}:1 and {:.1f} MB, {}", provider.image.min_side,
                     provider.image.max_side, provider.image.max_aspect,
                     static_cast<double>(provider.image.max_bytes) / 1e6, join(provider.image.formats, " or ")));
    line("takes", join(can(provider, true)));
    line("refuses", join(can(provider, false)));
    for (const auto& [feature, why] : provider.why_not) {
        line("", fmt::format("{}: {}", feature, why));
    }
    if (provider.paid && provider.lip_sync) {
        const auto price = provider.lip_sync_price(1);
        line("lip_sync", fmt::format("films of {:.6g} to {:.6g} s, {}", provider.lip_sync->min_seconds,
                                     provider.lip_sync->max_seconds,
                                     price ? fmt::format("${:.6g} for each 5 s begun", *price) : "price unknown"));
    }
}

json provider_json(const ProviderFacts& provider, const Session& session)
{
    return {{"name", provider.name},
            {"paid", provider.paid},
            {"usable", usable(provider)},
            {"base_url", base_url_of(provider, session)},
            {"keys", keys_of(provider, session)},
            {"concurrency", provider.concurrency},
            {"default_model", provider.default_model},
            {"features", can(provider, true)}};
}

} // namespace

int list_providers(const ModelCatalog& catalog, Session& session)
{
    json rows = json::array();
    for (const auto& [name, provider] : catalog.providers) {
        session.console.print(fmt::format("{:<10} {:<5} {:<22} {}", name, provider.paid ? "paid" : "free",
                                          state_text(provider), keys_text(keys_of(provider, session))));
        rows.push_back(provider_json(provider, session));
    }
    session.console.result({{"providers", rows}, {"priced_on", catalog.priced_on}});
    return 0;
}

int show_provider(const ModelCatalog& catalog, const std::string& name, Session& session,
                  const std::function<json()>& further)
{
    const ProviderFacts& provider = catalog.provider(name);
    print_provider(provider, session, session.console);
    session.console.print(provider.paid ? fmt::format("  models, with the prices of {} in USD:", catalog.priced_on)
                                        : "  models:");
    json result = provider_json(provider, session);
    result.erase("name");
    result["provider"] = name;
    result["priced_on"] = catalog.priced_on;
    result["models"] = json::array();
    for (const auto& [canonical, model] : catalog.models) {
        if (provider.sells(canonical)) {
            print_model(catalog, provider, model, session.console);
            result["models"].push_back(model_json(catalog, provider, model));
        }
    }
    if (further) {
        result.update(further());
    }
    session.console.result(result);
    return 0;
}

} // namespace longtake::app
