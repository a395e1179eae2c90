#include "pipeline/app/online.h"

#include "pipeline/app/config.h"

#include <fmt/format.h>

namespace longtake::app {
namespace {

using nlohmann::json;
using remote::wavespeed::Quote;

constexpr int k_quoted_seconds = 5;

bool asks_length(const Route& route)
{
    return !route.no_length && route.kind != "effect" && !route.kind.starts_with("lip_sync");
}

/// What our requests always say of themselves that a price may hang on.
json inputs_of(const Route& route)
{
    json inputs = route.fields;
    if (asks_length(route)) {
        inputs["duration"] = k_quoted_seconds;
    }
    return inputs;
}

/// USD by our prices: silent, and of a film of as many seconds where one is changed; empty if unknown.
std::optional<double> our_price(const Online& online, const Route& route)
{
    const ProviderFacts& facts = online.facts();
    if (route.kind == "effect") {
        return facts.effect_price("any");
    }
    if (route.kind.starts_with("lip_sync")) {
        return facts.lip_sync_price(k_quoted_seconds);
    }
    const Model& model = online.catalog.models.at(route.model);
    const std::string& mode = route.mode.empty() ? model.modes.front() : route.mode;
    const bool from_film = route.kind == "edit";
    const auto price = route.price ? route.price : online.catalog.price(facts, model, mode, Sound::silent, from_film);
    const int seconds = k_quoted_seconds * (from_film && model.counts_film ? 2 : 1);
    return price ? std::optional(*price * seconds) : std::nullopt;
}

json number_or_null(const std::optional<double>& number)
{
    return number ? json(*number) : json();
}

std::string money(double amount, const std::string& currency)
{
    return currency == "USD" ? fmt::format("${:.6g}", amount) : fmt::format("{:.6g} {}", amount, currency);
}

std::string quote_text(const Quote& quote)
{
    if (!quote.price && !quote.discounted) {
        return "unknown";
    }
    const double pays = quote.discounted.value_or(quote.price.value_or(0));
    const std::string text = money(pays, quote.currency);
    return quote.price && *quote.price != pays ? text + " instead of " + money(*quote.price, quote.currency) : text;
}

void print_quote(const Route& route, const Quote& quote, const std::optional<double>& ours, Console& console)
{
    const std::string why = quote.why_not.empty() ? "" : "; it says: " + quote.why_not;
    console.print(fmt::format("  {:<46} {:<4} {:<10} ours {}{}", route.slug, route.mode, quote_text(quote),
                              ours ? money(*ours, "USD") : "unknown", why));
}

json quote_json(const Route& route, const Quote& quote, const std::optional<double>& ours)
{
    return {{"slug", route.slug},
            {"model", route.model},
            {"kind", route.kind},
            {"mode", route.mode},
            {"inputs", inputs_of(route)},
            {"price", number_or_null(quote.price)},
            {"discounted_price", number_or_null(quote.discounted)},
            {"currency", quote.currency},
            {"ours", number_or_null(ours)},
            {"why_not", quote.why_not}};
}

} // namespace

Online wavespeed_online(const Session& session)
{
    Config config = load_config(session);
    const Service& service = config.services.at("wavespeed");
    ProviderSettings settings;
    settings.facts = config.catalog.provider("wavespeed");
    settings.keys = service.keys;
    settings.base_url = service.base_url;
    auto provider = std::make_unique<remote::WavespeedProvider>(settings);
    return {std::move(config.catalog), std::move(provider)};
}

json print_quotes(Online& online, Session& session)
{
    const std::stop_token& stop = session.environment.stop;
    const double balance = online.service->balance(stop);
    session.console.print(fmt::format("  balance   ${:.6g}", balance));
    session.console.print(fmt::format("  what it asks for {} s at the least, beside our price:", k_quoted_seconds));
    json quotes = json::array();
    for (const Route& route : online.facts().routes) {
        const Quote quote = online.service->quote(route.slug, inputs_of(route), stop);
        const auto ours = our_price(online, route);
        print_quote(route, quote, ours, session.console);
        quotes.push_back(quote_json(route, quote, ours));
    }
    return {{"balance", balance}, {"quotes", quotes}};
}

} // namespace longtake::app
