#include "pipeline/app/session.h"

#include "pipeline/base/text.h"
#include "pipeline/model/models.h"
#include "pipeline/providers/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace longtake::app {
namespace {

using nlohmann::json;

/// "set" or "missing"; a key's value is never shown.
json keys_of(const ProviderFacts& provider, const Session& session)
{
    json keys = json::object();
    for (const std::string& key : provider.keys) {
        keys[key] = session.variable(key).value_or("").empty() ? "missing" : "set";
    }
    return keys;
}

bool usable(const std::string& name)
{
    const auto names = provider_names();
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string keys_text(const json& keys)
{
    std::vector<std::string> words;
    for (const auto& [key, state] : keys.items()) {
        words.push_back(key + " " + state.get<std::string>());
    }
    return words.empty() ? "needs no key" : join(words);
}

int list_providers(Session& session)
{
    const ModelCatalog catalog = load_models(session.preset_dirs());
    json rows = json::array();
    for (const auto& [name, provider] : catalog.providers) {
        const json keys = keys_of(provider, session);
        session.console.print(fmt::format("{:<10} {:<5} {:<22} {}", name, provider.paid ? "paid" : "free",
                                          usable(name) ? "ready to use" : "not in this version", keys_text(keys)));
        rows.push_back({{"name", name}, {"paid", provider.paid}, {"usable", usable(name)}, {"keys", keys}});
    }
    session.console.result({{"providers", rows}});
    return 0;
}

std::string slots_text(const Model& model)
{
    if (model.durations.slots.empty()) {
        return fmt::format("{}-{} s", model.durations.min.value_or(0), model.durations.max.value_or(0));
    }
    return fmt::format("{} s", fmt::join(model.durations.slots, "/"));
}

std::string price_text(const Model& model, const ProviderFacts& provider)
{
    if (!provider.paid) {
        return "free";
    }
    const auto own = provider.price.find(model.name);
    std::vector<std::string> words;
    for (const auto& [mode, price] : own == provider.price.end() ? model.price : own->second) {
        words.push_back(fmt::format("{} ${:.3f}/s", mode, price));
    }
    return words.empty() ? "price unknown" : join(words);
}

int show_provider(const std::string& name, Session& session)
{
    const ModelCatalog catalog = load_models(session.preset_dirs());
    const ProviderFacts& provider = catalog.provider(name);
    session.console.print(fmt::format("{}: {}, {} at once; {}", name, provider.paid ? "paid" : "free",
                                      provider.concurrency, keys_text(keys_of(provider, session))));
    json rows = json::array();
    for (const auto& [canonical, model] : catalog.models) {
        const bool sold = provider.models.empty() ||
                          std::find(provider.models.begin(), provider.models.end(), canonical) != provider.models.end();
        if (!sold) {
            continue;
        }
        session.console.print(fmt::format("  {:<20} {:<12} {:<10} {}{}", canonical, join(model.modes, "/"),
                                          slots_text(model), price_text(model, provider),
                                          model.extend && provider.extend ? ", extends" : ""));
        rows.push_back({{"name", canonical}, {"modes", model.modes}, {"facts", model.facts}});
    }
    session.console.result(
        {{"provider", name}, {"keys", keys_of(provider, session)}, {"models", rows}, {"priced_on", catalog.priced_on}});
    return 0;
}

} // namespace

void add_providers_command(CLI::App& app, Session& session, Status& status)
{
    struct Options {
        StreamOptions streams;
        std::string name;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        app.add_subcommand("providers", "List providers with their keys (never their values), or show one");
    add_stream_options(*command, options->streams);
    command->require_subcommand(0, 1);
    command->add_subcommand("list", "Every provider, a line each")->fallthrough();
    CLI::App* show = command->add_subcommand("show", "One provider's models, slots and prices")->fallthrough();
    show->add_option("name", options->name, "Provider name")->required();
    command->callback([options, show, &session, &status] {
        configure(options->streams, session);
        status = show->parsed() ? show_provider(options->name, session) : list_providers(session);
    });
}

} // namespace longtake::app
