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

std::optional<double> take_cost(const Casting& casting, const ModelCatalog& catalog, const Piece& piece,
                                double film_seconds)
{
    const auto& [shot, provider, model, mode] = casting;
    if (shot.effect) {
        return provider.effect_price(shot.effect->scene);
    }
    const bool opening = piece.kind == PlannedTake::Kind::open;
    const bool from_film = opening && casting.from_film();
    const Route* route = opening ? provider.route(model.name, casting.kind(), mode, piece.seconds) : nullptr;
    const auto price = route != nullptr && route->price
                           ? route->price
                           : catalog.price(provider, model, mode, casting.sound(), from_film);
    const double seconds = shot.edit ? std::ceil(piece.seconds) : piece.seconds; // of a film they are a claim
    const bool counted = from_film && model.counts_film;
    return price ? std::optional(*price * (counted ? std::max(2 * seconds, seconds + film_seconds) : seconds))
                 : std::nullopt;
}

std::string unknown_take_price(const Casting& casting)
{
    if (casting.shot.effect) {
        const std::string& scene = casting.shot.effect->scene;
        return unknown(fmt::format("effect {}", scene), casting.provider, "effect", scene) + " a take";
    }
    const Sound sound = casting.sound();
    const char* heard = casting.from_film()      ? " from a film"
                        : sound == Sound::voices ? " with voices"
                        : sound == Sound::on     ? " with sound"
                                                 : "";
    return unknown(fmt::format("{} in mode {}{}", casting.model.name, casting.mode, heard), casting.provider,
                   casting.model.name, priced_mode(casting.model, casting.mode, sound, casting.from_film())) +
           " a second";
}

std::string unknown_lip_sync_price(const ProviderFacts& provider)
{
    return unknown("lip-sync", provider, "lip_sync", "per_5s") + " for each 5 s begun";
}

} // namespace longtake::stages
