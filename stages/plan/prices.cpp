#include "stages/plan/prices.h"

#include <fmt/format.h>

namespace longtake::stages {
namespace {

std::string unknown(const std::string& what, const ProviderFacts& provider, const std::string& entry,
                    const std::string& key)
{
    return fmt::format("the price of {} on {} is not known; set providers.{}.prices to {{\"{}\": {{\"{}\": USD}}}}",
                       what, provider.name, provider.name, entry, key);
}

} // namespace

std::optional<double> take_cost(const Casting& casting, const ModelCatalog& catalog, double seconds)
{
    if (casting.shot.effect) {
        return casting.provider.effect_price(casting.shot.effect->scene);
    }
    const auto price = catalog.price(casting.provider, casting.model, casting.mode, casting.sound());
    return price ? std::optional(*price * seconds) : std::nullopt;
}

std::string unknown_take_price(const Casting& casting)
{
    if (casting.shot.effect) {
        const std::string& scene = casting.shot.effect->scene;
        return unknown(fmt::format("effect {}", scene), casting.provider, "effect", scene) + " a take";
    }
    const Sound sound = casting.sound();
    const char* heard = sound == Sound::voices ? " with voices" : sound == Sound::on ? " with sound" : "";
    return unknown(fmt::format("{} in mode {}{}", casting.model.name, casting.mode, heard), casting.provider,
                   casting.model.name, priced_mode(casting.model, casting.mode, sound)) +
           " a second";
}

std::string unknown_lip_sync_price(const ProviderFacts& provider)
{
    return unknown("lip-sync", provider, "lip_sync", "per_5s") + " for each 5 s begun";
}

} // namespace longtake::stages
