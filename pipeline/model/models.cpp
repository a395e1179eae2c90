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

std::optional<double> Model::list_price(const std::string& mode, bool with_sound) const
{
    return look_up(with_sound && !sound_always ? price_sound : price, mode);
}

const Route* ProviderFacts::route(const std::string& model, const std::string& kind, const std::string& mode,
                                  double seconds, bool with_end_frame) const
{
    for (const Route& candidate : routes) {
        const bool fits_mode = candidate.mode.empty() || candidate.mode == mode;
        const bool fits_seconds = !candidate.seconds || std::abs(*candidate.seconds - seconds) < 1e-6;
        const bool fits_end = with_end_frame ? !candidate.end_frame.empty() : !candidate.needs_end_frame;
        if (candidate.model == model && candidate.kind == kind && fits_mode && fits_seconds && fits_end) {
            return &candidate;
        }
    }
    return nullptr;
}

bool ProviderFacts::sells(const std::string& model) const
{
    return has_or_is_empty(models, model);
}

bool ProviderFacts::extends(const std::string& model, const std::string& mode) const
{
    return extend && has_or_is_empty(extend_models, model) && has_or_is_empty(extend_modes, mode);
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
        throw Error(Errc::usage, fmt::format("provider '{}' does not have model '{}'; it has: {}", provider_name,
                                             canonical, join(sold)));
    }
    throw Error(Errc::usage, fmt::format("provider '{}': {}", provider_name, unknown_name("model", name, sold)));
}

std::optional<double> ModelCatalog::price(const ProviderFacts& seller, const Model& model, const std::string& mode,
                                          bool with_sound) const
{
    if (!seller.paid) {
        return 0;
    }
    const bool extra = with_sound && !model.sound_always;
    if (const auto own = seller.price.find(model.name); own != seller.price.end()) {
        if (const auto price = look_up(own->second, extra ? mode + " sound" : mode)) {
            return price;
        }
    }
    return seller.list_price ? model.list_price(mode, with_sound) : std::nullopt;
}

} // namespace longtake
