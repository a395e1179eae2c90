#include "stages/plan/abilities.h"

#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

namespace longtake::stages {
namespace {

using Reason = std::optional<std::string>;

bool contains(const std::vector<std::string>& words, const std::string& word)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool has_masks(const Shot& shot)
{
    return shot.static_mask || !shot.dynamic_masks.empty();
}

/// A feature in one mode, at whatever length.
bool anywhere(const std::optional<Model::Where>& where, const std::string& mode, const std::string& kind)
{
    Model::Where any_length = where.value_or(Model::Where{});
    any_length.durations.clear();
    return where && any_length.allows(mode, 0, kind);
}

/// Whether some route of a provider that has routes leads there; true for those that need none.
bool has_route(const Casting& c, const std::string& kind, bool with_end_frame)
{
    return c.provider.routes.empty() ||
           std::any_of(c.provider.routes.begin(), c.provider.routes.end(), [&](const Route& route) {
               return c.provider.route(c.model.name, kind, c.mode, route.seconds.value_or(0), with_end_frame) == &route;
           });
}

std::size_t characters(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

std::string mode_in_words(const Casting& c)
{
    return c.model.modes.size() > 1 ? fmt::format("{} in mode {}", c.model.name, c.mode) : c.model.name;
}

Reason refuse_kind(const Casting& c)
{
    if (!c.model.makes(c.kind())) {
        return c.shot.image ? fmt::format("{} takes no picture", c.model.name)
                            : fmt::format("{} makes nothing from a prompt alone", c.model.name);
    }
    if (!contains(c.model.modes, c.mode)) {
        return fmt::format("{} has no mode {} (it has {})", c.model.name, c.mode, join(c.model.modes));
    }
    if (!has_route(c, c.kind(), false) && !(c.shot.end_image && has_route(c, c.kind(), true))) {
        return fmt::format("{} does not sell {} from {}", c.provider.name, mode_in_words(c),
                           c.shot.image ? "a picture" : "a prompt alone");
    }
    return std::nullopt;
}

Reason refuse_end_frame(const Casting& c)
{
    if (!c.shot.end_image) {
        return std::nullopt;
    }
    if (!c.provider.end_frame) {
        return fmt::format("{} takes no end image", c.provider.name);
    }
    const bool by_route = !c.provider.routes.empty() && has_route(c, c.kind(), true);
    const bool by_model = anywhere(c.model.end_frame, c.mode, c.kind()) && has_route(c, c.kind(), true);
    if (!by_route && !by_model) {
        return fmt::format("{} takes no end image", mode_in_words(c));
    }
    if (c.model.end_frame && c.model.end_frame->silent_only && c.shot.settings.sound) {
        return fmt::format("{} takes an end image only without sound", c.model.name);
    }
    return std::nullopt;
}

Reason refuse_axes(const CameraMove& move)
{
    const std::array<std::pair<const char*, double>, 6> axes = {{{"horizontal", move.horizontal},
                                                                 {"vertical", move.vertical},
                                                                 {"pan", move.pan},
                                                                 {"tilt", move.tilt},
                                                                 {"roll", move.roll},
                                                                 {"zoom", move.zoom}}};
    std::vector<std::string> moving;
    for (const auto& [name, value] : axes) {
        if (value != 0) {
            moving.emplace_back(name);
        }
    }
    if (move.type != "simple" || moving.size() == 1) {
        return std::nullopt;
    }
    return fmt::format("camera: a simple move has exactly one axis that is not 0, found {}",
                       moving.empty() ? "none" : join(moving));
}

Reason refuse_camera(const Casting& c)
{
    if (!c.shot.settings.camera) {
        return std::nullopt;
    }
    const CameraMove& move = *c.shot.settings.camera;
    if (!c.provider.camera) {
        return fmt::format("{} takes no camera moves", c.provider.name);
    }
    if (!anywhere(c.model.camera, c.mode, c.kind())) {
        return fmt::format("{} takes no camera moves", mode_in_words(c));
    }
    if (!c.model.camera_types.empty() && !contains(c.model.camera_types, move.type)) {
        return fmt::format("{} takes only camera moves of type {}", c.model.name, join(c.model.camera_types));
    }
    return refuse_axes(move);
}

Reason refuse_masks(const Casting& c)
{
    if (!has_masks(c.shot)) {
        return std::nullopt;
    }
    if (!c.provider.motion_brush || !anywhere(c.model.motion_brush, c.mode, c.kind())) {
        return fmt::format("{} takes no masks",
                           c.provider.motion_brush ? mode_in_words(c) : std::string(c.provider.name));
    }
    return std::nullopt;
}

/// An end image, masks and a camera move shut each other out (Kling's image2video page).
Reason refuse_mixture(const Casting& c)
{
    std::vector<std::string> found;
    if (c.shot.end_image) {
        found.emplace_back("end_image");
    }
    if (has_masks(c.shot)) {
        found.emplace_back("masks");
    }
    if (c.shot.settings.camera) {
        found.emplace_back("camera");
    }
    return found.size() > 1 ? Reason(fmt::format("{} cannot go together; keep one", join(found, " and ")))
                            : std::nullopt;
}

Reason refuse_sound(const Casting& c)
{
    if (!c.shot.settings.sound || c.model.sound_always) {
        return std::nullopt;
    }
    const bool fits_mode = c.model.sound_modes.empty() || contains(c.model.sound_modes, c.mode);
    const Route* route = c.provider.route(c.model.name, c.kind(), c.mode, 0, c.shot.end_image.has_value());
    const bool fits_route = c.provider.routes.empty() || (route != nullptr && route->sound);
    if (!c.model.sound || !fits_mode || !c.provider.sound || !fits_route) {
        return fmt::format("{} makes no sound{}", mode_in_words(c),
                           c.provider.sound ? "" : fmt::format(" on {}", c.provider.name));
    }
    return std::nullopt;
}

Reason refuse_prompts(const Casting& c)
{
    if (c.provider.prompt_required && c.shot.prompt.empty()) {
        return fmt::format("{} needs a prompt", c.provider.name);
    }
    std::vector<std::string> prompts = c.shot.extend_prompts;
    prompts.push_back(c.shot.prompt);
    prompts.push_back(c.shot.settings.negative_prompt);
    for (const std::string& prompt : prompts) {
        if (const std::size_t length = characters(prompt); length > static_cast<std::size_t>(c.model.max_prompt)) {
            return fmt::format("a prompt of {} characters; {} takes at most {}", length, c.model.name,
                               c.model.max_prompt);
        }
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> refusal(const Casting& casting)
{
    for (const auto refuse :
         {refuse_mixture, refuse_kind, refuse_end_frame, refuse_camera, refuse_masks, refuse_sound, refuse_prompts}) {
        if (auto reason = refuse(casting)) {
            return reason;
        }
    }
    return std::nullopt;
}

std::string one_that_can(const Casting& casting, const ModelCatalog& catalog,
                         bool (*also)(const ProviderFacts&, const Model&, const std::string& mode))
{
    using Rank = std::tuple<bool, bool, double, std::string, std::string>;
    std::optional<Rank> best;
    for (const auto& [name, model] : catalog.models) {
        for (const std::string& mode : model.modes) {
            const Casting other{casting.shot, casting.provider, model, mode};
            if (!casting.provider.sells(name) || refusal(other) ||
                (also != nullptr && !also(other.provider, model, mode))) {
                continue;
            }
            const double price =
                catalog.price(casting.provider, model, mode).value_or(model.list_price(mode, false).value_or(1e6));
            const Rank rank{name != casting.model.name, mode != casting.mode, price, name, mode};
            best = best ? std::min(*best, rank) : rank;
        }
    }
    if (!best) {
        return {};
    }
    const auto& [other_model, other_mode, price, name, mode] = *best;
    return other_mode ? fmt::format("{} can in mode {}", name, mode) : fmt::format("{} can", name);
}

bool may_open(const Casting& casting, double seconds)
{
    const auto& [shot, provider, model, mode] = casting;
    if (!provider.paid) {
        return true;
    }
    const bool camera = !shot.settings.camera || (model.camera && model.camera->allows(mode, seconds, casting.kind()));
    const bool masks =
        !has_masks(shot) || (model.motion_brush && model.motion_brush->allows(mode, seconds, casting.kind()));
    const bool route = provider.routes.empty() ||
                       provider.route(model.name, casting.kind(), mode, seconds) != nullptr ||
                       provider.route(model.name, casting.kind(), mode, seconds, true) != nullptr;
    return camera && masks && route;
}

bool may_arrive(const Casting& casting, double seconds)
{
    const auto& [shot, provider, model, mode] = casting;
    if (!provider.paid || !shot.end_image) {
        return true;
    }
    if (!provider.routes.empty()) {
        return provider.route(model.name, "image", mode, seconds, true) != nullptr &&
               (!model.end_frame || model.end_frame->allows(mode, seconds, "image"));
    }
    return model.end_frame && model.end_frame->allows(mode, seconds, "image");
}

bool may_link(const Casting& casting, double seconds)
{
    const auto& [shot, provider, model, mode] = casting;
    return !provider.paid || provider.routes.empty() || provider.route(model.name, "image", mode, seconds) != nullptr ||
           provider.route(model.name, "image", mode, seconds, true) != nullptr;
}

} // namespace longtake::stages
