#include "stages/plan/prices.h"

#include <fmt/format.h>

#include <cmath>

namespace longtake::stages {
namespace {

std::string unknown(const std::string& what, const ProviderFacts& provider, const std::string& entry,
                    const std::string& key)
{
    return fmt::format("the price of {} on {} is not known; set providers.{}.prices to {{\"{}\": {{\"{}\": USD}}}}",
                       what, provider.name, provider.name, entry, key);
}

} // namespace

std::optional<double> take_cost(const ModelChoice& choice, const ModelCatalog& catalog, const TakePiece& piece,
                                double film_seconds)
{
    const auto& [shot, provider, model, mode] = choice;
    if (shot.effect) {
        return provider.effect_price(shot.effect->scene);
    }
    const bool opening = piece.kind == PlannedTake::Kind::open;
    const bool from_film = opening && choice.from_film();
    const Route* route = opening ? provider.route(model.name, choice.kind(), mode, piece.seconds) : nullptr;
    const auto price = route != nullptr && route->price
                           ? route->price
                           : catalog.price(provider, model, mode, choice.sound(), from_film);
    const double seconds = shot.edit ? std::ceil(piece.seconds) : piece.seconds; // of a film they are a claim
    const bool counted = from_film && model.counts_film;
    return price ? std::optional(*price * (counted ? std::max(2 * seconds, seconds + film_seconds) : seconds))
                 : std::nullopt;
}

std::string unknown_take_price(const ModelChoice& choice)
{
    if (choice.shot.effect) {
        const std::string& scene = choice.shot.effect->scene;
        return unknown(fmt::format("effect {}", scene), choice.provider, "effect", scene) + " a take";
    }
    const Sound sound = choice.sound();
    const char* heard = choice.from_film()       ? " from a film"
                        : sound == Sound::voices ? " with voices"
                        : sound == Sound::on     ? " with sound"
                                                 : "";
    return unknown(fmt::format("{} in mode {}{}", choice.model.name, choice.mode, heard), choice.provider,
                   choice.model.name, priced_mode(choice.model, choice.mode, sound, choice.from_film())) +
           " a second";
}

std::string unknown_lip_sync_price(const ProviderFacts& provider)
{
    return unknown("lip-sync", provider, "lip_sync", "per_5s") + " for each 5 s begun";
}

} // namespace longtake::stages
