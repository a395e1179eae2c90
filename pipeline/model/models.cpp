#include "pipeline/model/models.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longtake {
namespace {

template <class T>
bool has_or_is_empty(const std::vector<T>& words, const T& word)
{
    return words.empty() || std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<double> look_up(const std::map<std::string, double>& prices, const std::string& mode)
{
    const auto found = prices.find(mode);
    return found == prices.end() ? std::nullopt : std::optional(found->second);
}

} // namespace

bool Model::Where::allows(const std::string& mode, double seconds, const std::string& kind) const
{
    const auto same = [&](double allowed) { return std::abs(allowed - seconds) < 1e-6; };
    return has_or_is_empty(modes, mode) && (kind.empty() || has_or_is_empty(kinds, kind)) &&
           (durations.empty() || std::any_of(durations.begin(), durations.end(), same));
}

bool Model::Durations::allows(const std::string& kind, double seconds, bool arrives) const
{
    const auto own = plain.find(kind);
    const auto same = [&](double length) { return std::abs(length - seconds) < 1e-6; };
    return arrives || own == plain.end() || std::any_of(own->second.begin(), own->second.end(), same);
}

bool Model::makes(const std::string& kind) const
{
    return kind == "text"        ? text_to_video
           : kind == "multi"     ? multi_image.has_value()
           : kind == "reference" ? references.has_value()
           : kind == "edit"      ? edit.has_value()
           : kind == "effect"    ? effects.has_value()
                                 : image_to_video;
}

std::string Model::mode_of(const std::string& resolution) const
{
    const std::map<std::string, int> lines = {{"720p", 720}, {"1080p", 1080}, {"4k", 2160}};
    const auto found = std::find_if(modes.begin(), modes.end(), [&](const std::string& mode) {
        const auto own = size.find(mode);
        return own != size.end() && own->second.height == lines.at(resolution);
    });
    return found == modes.end() ? "" : *found;
}

std::optional<double> Model::list_price(const std::string& mode, Sound wanted, bool from_film) const
{
    if (from_film) {
        return look_up(price_film, mode);
    }
    if (wanted == Sound::voices) {
        return look_up(price_voice, mode);
    }
    return look_up(wanted == Sound::on && !sound_always ? price_sound : price, mode);
}

const Route* ProviderFacts::route(const std::string& model, const std::string& kind, const std::string& mode,
                                  double seconds, bool with_end_frame) const
{
    for (const Route& candidate : routes) {
        const bool fits_mode = candidate.mode.empty() || candidate.mode == mode;
        const bool fits_seconds = !candidate.seconds || std::abs(*candidate.seconds - seconds) < 1e-6;
        const bool fits_end = with_end_frame ? !candidate.end_frame.empty() : !candidate.needs_end_frame;
        const bool fits_model = candidate.model.empty() || candidate.model == model;
        if (fits_model && candidate.kind == kind && fits_mode && fits_seconds && fits_end) {
            return &candidate;
        }
    }
    return nullptr;
}

const std::vector<std::string>& ProviderFacts::aspect_ratios(const Model& model, const std::string& kind,
                                                             const std::string& mode) const
{
    const auto own = std::find_if(routes.begin(), routes.end(), [&](const Route& route) {
        return route.model == model.name && route.kind == kind && (route.mode.empty() || route.mode == mode);
    });
    return own == routes.end() || own->aspect_ratios.empty() ? model.aspect_ratios : own->aspect_ratios;
}

bool ProviderFacts::sells(const std::string& model) const
{
    return has_or_is_empty(models, model);
}

std::string ProviderFacts::base_url_variable() const
{
    return keys.empty() ? "" : "LONGTAKE_" + keys.front().substr(0, keys.front().find('_')) + "_BASE_URL";
}

bool ProviderFacts::extends(const std::string& model, const std::string& mode) const
{
    return extend && has_or_is_empty(extend_models, model) && has_or_is_empty(extend_modes, mode);
}

std::optional<double> ProviderFacts::lip_sync_price(double seconds) const
{
    constexpr double k_unit = 5;   // seconds, "per_5s"
    constexpr double k_hair = 0.2; // a take of 5 s is some frames longer
    const auto own = price.find("lip_sync");
    const auto unit = own == price.end() ? std::nullopt : look_up(own->second, "per_5s");
    return !paid ? 0 : unit ? std::optional(*unit * std::max(1.0, std::ceil((seconds - k_hair) / k_unit))) : unit;
}

std::optional<double> ProviderFacts::effect_price(const std::string& scene) const
{
    const auto own = price.find("effect");
    if (!paid || own == price.end()) {
        return paid ? std::nullopt : std::optional(0.0);
    }
    const auto known = look_up(own->second, scene);
    return known ? known : look_up(own->second, "any");
}

const ProviderFacts& ModelCatalog::provider(const std::string& name) const
{
    const auto found = providers.find(name);
    if (found != providers.end()) {
        return found->second;
    }
    std::vector<std::string> known;
    for (const auto& [other, facts] : providers) {
        known.push_back(other);
    }
    throw Error(Errc::usage, unknown_name("provider", name, known));
}

const Model& ModelCatalog::model(const std::string& provider_name, const std::string& name) const
{
    const ProviderFacts& seller = provider(provider_name);
    std::string canonical = name.empty() ? seller.default_model : name;
    if (const auto own = seller.slugs.find(canonical); own != seller.slugs.end()) {
        canonical = own->second;
    }
    const auto found = models.find(canonical);
    if (found != models.end() && seller.sells(canonical)) {
        return found->second;
    }
    std::vector<std::string> sold = seller.models;
    if (sold.empty()) {
        for (const auto& [other, facts] : models) {
            sold.push_back(other);
        }
    }
    if (found != models.end()) {
        std::vector<std::string> others;
        for (const auto& [other, facts] : providers) {
            if (facts.paid && facts.sells(canonical)) {
                others.push_back(other);
            }
        }
        throw Error(Errc::usage,
                    fmt::format("provider '{}' does not have model '{}'; it has: {}{}", provider_name, canonical,
                                join(sold),
                                others.empty() ? "" : fmt::format("; {} is sold by {}", canonical, join(others))));
    }
    throw Error(Errc::usage, fmt::format("provider '{}': {}", provider_name, unknown_name("model", name, sold)));
}

std::optional<double> ModelCatalog::price(const ProviderFacts& seller, const Model& model, const std::string& mode,
                                          Sound sound, bool from_film) const
{
    if (!seller.paid) {
        return 0;
    }
    if (const auto own = seller.price.find(model.name); own != seller.price.end()) {
        if (const auto price = look_up(own->second, priced_mode(model, mode, sound, from_film))) {
            return price;
        }
    }
    return seller.list_price ? model.list_price(mode, sound, from_film) : std::nullopt;
}

std::string priced_mode(const Model& model, const std::string& mode, Sound sound, bool from_film)
{
    if (from_film) {
        return mode + " film";
    }
    const bool extra = sound == Sound::on && !model.sound_always;
    return sound == Sound::voices ? mode + " voice" : extra ? mode + " sound" : mode;
}

} // namespace longtake
