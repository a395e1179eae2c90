#include "stages/plan/abilities.h"

#include "pipeline/base/text.h"
#include "stages/plan/inputs.h"
#include "stages/plan/takes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
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

std::size_t characters(const std::string& text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// ": only some operators have that call"
std::string why_not(const ModelChoice& c, const std::string& feature)
{
    const auto why = c.provider.why_not.find(feature);
    return why == c.provider.why_not.end() ? "" : ": " + why->second;
}

/// Whether the surface has a feature, but not at the addresses that lead to this model.
bool routes_lack(const ModelChoice& c, const char* feature)
{
    return !has_route(c, c.shot.end_image.has_value(),
                      [&](const Route& route) { return !contains(route.lacks, feature); });
}

/// "kling-v3 in mode std calls nobody back on dmxapi"
std::string route_lacks(const ModelChoice& c, const char* what)
{
    return fmt::format("{} {} on {}", mode_in_words(c), what, c.provider.name);
}

bool takes_pictures(const std::vector<int>& counts, std::size_t count)
{
    return std::find(counts.begin(), counts.end(), static_cast<int>(count)) != counts.end();
}

std::string only_pictures(const std::string& who, const std::vector<int>& counts)
{
    return fmt::format("{} plays effects on {} only", who, counts.front() == 1 ? "one picture" : "two pictures");
}

Reason refuse_effect(const ModelChoice& c)
{
    if (!c.shot.effect) {
        return std::nullopt;
    }
    if (c.provider.effects.empty()) {
        return surface_lacks(c, "effects", "plays no effects");
    }
    if (!c.model.effects || !anywhere(c.model.effects->where, c.mode, c.kind())) {
        return fmt::format("{} plays no effects", mode_in_words(c));
    }
    const std::size_t pictures = std::max<std::size_t>(c.shot.images.size(), 1);
    if (!takes_pictures(c.provider.effects, pictures)) {
        return only_pictures(c.provider.name, c.provider.effects);
    }
    if (!takes_pictures(c.model.effects->pictures, pictures)) {
        return only_pictures(c.model.name, c.model.effects->pictures);
    }
    return std::nullopt;
}

Reason refuse_images(const ModelChoice& c)
{
    if (c.kind() != "multi") {
        return std::nullopt;
    }
    constexpr const char* k_lacks = "makes no takes from several pictures";
    if (!c.provider.multi_image) {
        return surface_lacks(c, "multi_image", k_lacks);
    }
    if (!anywhere(c.model.multi_image, c.mode, c.kind())) {
        return fmt::format("{} {}", mode_in_words(c), k_lacks);
    }
    return std::nullopt;
}

const char* source_words(const ModelChoice& c)
{
    return c.shot.effect                ? "with effects"
           : c.shot.edit                ? "from a film to be changed"
           : !c.shot.references.empty() ? "from references"
           : !c.shot.images.empty()     ? "from several pictures"
           : c.shot.image               ? "from a picture"
                                        : "from a prompt alone";
}

Reason refuse_kind(const ModelChoice& c)
{
    if (!c.model.makes(c.kind())) {
        return c.shot.image ? fmt::format("{} takes no picture", c.model.name)
                            : fmt::format("{} makes nothing from a prompt alone", c.model.name);
    }
    if (!contains(c.model.modes, c.mode)) {
        return fmt::format("{} has no mode {} (it has {})", c.model.name, c.mode, join(c.model.modes));
    }
    if (!has_route(c, false) && !(c.shot.end_image && has_route(c, true))) {
        return fmt::format("{} does not sell {} {}{}", c.provider.name, mode_in_words(c), source_words(c),
                           why_not(c, c.model.name + ' ' + c.kind()));
    }
    return std::nullopt;
}

Reason refuse_multi_shot(const ModelChoice& c)
{
    if (c.shot.multi_shot.empty()) {
        return std::nullopt;
    }
    constexpr const char* k_lacks = "shows no several shots in one take";
    if (!c.provider.multi_shot) {
        return surface_lacks(c, "multi_shot", k_lacks);
    }
    const bool fits_route = !routes_lack(c, "multi_shot");
    if (!anywhere(c.model.multi_shot, c.mode, c.kind()) || !fits_route) {
        return fmt::format("{} {}{}", mode_in_words(c), k_lacks, fits_route ? "" : " on " + c.provider.name);
    }
    if (!has_length(c.model.durations, *c.shot.seconds)) {
        return fmt::format("the parts of multi_shot last {:.6g} s, and a take of {} lasts {}", *c.shot.seconds,
                           c.model.name, lengths_text(c.model.durations));
    }
    return std::nullopt;
}

Reason refuse_end_frame(const ModelChoice& c)
{
    if (!c.shot.end_image) {
        return std::nullopt;
    }
    if (!c.provider.end_frame) {
        return fmt::format("{} takes no end image", c.provider.name);
    }
    const bool by_route = !c.provider.routes.empty() && has_route(c, true);
    const bool by_model = anywhere(c.model.end_frame, c.mode, c.kind()) && has_route(c, true);
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

Reason refuse_camera(const ModelChoice& c)
{
    if (!c.shot.settings.camera) {
        return std::nullopt;
    }
    const CameraMove& move = *c.shot.settings.camera;
    if (!c.provider.camera) {
        return surface_lacks(c, "camera", "takes no camera moves");
    }
    if (!anywhere(c.model.camera, c.mode, c.kind())) {
        return fmt::format("{} takes no camera moves", mode_in_words(c));
    }
    if (!c.model.camera_types.empty() && !contains(c.model.camera_types, move.type)) {
        return fmt::format("{} takes only camera moves of type {}", c.model.name, join(c.model.camera_types));
    }
    return refuse_axes(move);
}

Reason refuse_masks(const ModelChoice& c)
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

/// An end image, masks and a camera move shut each other out (Kling's image2video page), and effects and takes of
/// several shots know none of them.
Reason refuse_mixture(const ModelChoice& c)
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
    if (c.shot.effect) {
        found.emplace_back("effect");
    }
    if (!c.shot.multi_shot.empty()) {
        found.emplace_back("multi_shot");
    }
    return found.size() > 1 ? Reason(fmt::format("{} cannot go together; keep one", join(found, " and ")))
                            : std::nullopt;
}

Reason refuse_sound(const ModelChoice& c)
{
    if (!c.shot.settings.sound || c.model.sound_always) {
        return std::nullopt;
    }
    const bool fits_mode = c.model.sound_modes.empty() || contains(c.model.sound_modes, c.mode);
    const bool fits = c.provider.routes.empty() ? c.model.sound && fits_mode
                                                : has_route(c, c.shot.end_image.has_value(), [](const Route& route) {
                                                      return route.sound || route.sound_always;
                                                  });
    if (!c.provider.sound || !fits) {
        return c.provider.sound ? fmt::format("{} makes no sound", mode_in_words(c))
                                : surface_lacks(c, "sound", "makes no sound");
    }
    return std::nullopt;
}

Reason refuse_voices(const ModelChoice& c)
{
    if (c.shot.settings.voices.empty()) {
        return std::nullopt;
    }
    if (!c.provider.voices) {
        return surface_lacks(c, "voices", "gives no voices");
    }
    const bool fits_route = has_route(c, c.shot.end_image.has_value(), [](const Route& route) { return route.voices; });
    if (!anywhere(c.model.voices, c.mode, c.kind()) || !fits_route) {
        return fmt::format("{} gives no voices {}{}", mode_in_words(c), source_words(c),
                           fits_route ? "" : fmt::format(" on {}", c.provider.name));
    }
    return std::nullopt;
}

Reason refuse_negative_prompt(const ModelChoice& c)
{
    return c.shot.settings.negative_prompt.empty() || c.model.negative_prompt
               ? std::nullopt
               : Reason(fmt::format("{} takes no negative_prompt", c.model.name));
}

Reason refuse_watermark(const ModelChoice& c)
{
    if (!c.shot.settings.watermark) {
        return std::nullopt;
    }
    if (c.shot.effect || c.shot.lip_sync) {
        return fmt::format("{} carries no watermark", c.shot.effect ? "an effect" : "a film with lip_sync");
    }
    if (!c.provider.watermark) {
        return surface_lacks(c, "watermark", "sets no watermark");
    }
    return routes_lack(c, "watermark") ? Reason(route_lacks(c, "sets no watermark")) : std::nullopt;
}

Reason refuse_callback(const ModelChoice& c)
{
    if (c.shot.settings.callback_url.empty()) {
        return std::nullopt;
    }
    if (anywhere(c.provider.callback, c.mode, c.kind())) {
        return routes_lack(c, "callback") ? Reason(route_lacks(c, "calls nobody back")) : std::nullopt;
    }
    const std::string what =
        c.provider.callback ? fmt::format("calls nobody back in mode {}", c.mode) : "calls nobody back";
    return surface_lacks(c, "callback", what.c_str());
}

Reason refuse_hdr(const ModelChoice& c)
{
    if (!c.shot.settings.hdr) {
        return std::nullopt;
    }
    const auto makes_hdr = [](const Route& route) { return !route.hdr.empty(); };
    const bool fits = !c.provider.routes.empty() && has_route(c, c.shot.end_image.has_value(), makes_hdr);
    return anywhere(c.model.hdr, c.mode, c.kind()) && fits
               ? std::nullopt
               : Reason(fmt::format("{} makes no HDR {}", mode_in_words(c), source_words(c)));
}

/// Where a picture comes first, the take has its aspect.
Reason refuse_aspect_ratio(const ModelChoice& c)
{
    const std::string kind = c.kind();
    const auto& asked = c.shot.settings.aspect_ratio;
    if (!asked || kind == "image" || kind == "effect" || kind == "edit") {
        return std::nullopt;
    }
    const auto& ratios = c.provider.aspect_ratios(c.model, kind, c.mode);
    return contains(ratios, *asked) ? std::nullopt
                                    : Reason(fmt::format("{} makes no {} {} (it makes {})", mode_in_words(c), *asked,
                                                         source_words(c), join(ratios)));
}

Reason refuse_lip_sync(const ModelChoice& c)
{
    if (!c.shot.lip_sync) {
        return std::nullopt;
    }
    if (!c.provider.lip_sync) {
        return surface_lacks(c, "lip_sync", "lays no speech on lips");
    }
    if (routes_lack(c, "lip_sync")) {
        return route_lacks(c, "gets no speech laid on its lips");
    }
    const auto size = c.model.size.find(c.mode);
    const int limit = c.provider.lip_sync->max_side;
    if (size != c.model.size.end() && std::max(size->second.width, size->second.height) > limit) {
        return fmt::format("{} lays speech on films of at most {} pixels a side, and {} is {}", c.provider.name, limit,
                           mode_in_words(c), size->second.text());
    }
    return std::nullopt;
}

} // namespace

std::string mode_in_words(const ModelChoice& c)
{
    return c.model.modes.size() > 1 ? fmt::format("{} in mode {}", c.model.name, c.mode) : c.model.name;
}

std::string surface_lacks(const ModelChoice& c, const char* feature, const char* what)
{
    return fmt::format("{} {}{}", c.provider.name, what, why_not(c, feature));
}

bool has_route(const ModelChoice& c, bool with_end_frame, const std::function<bool(const Route&)>& takes)
{
    const auto leads_there = [&](const Route& route) {
        return takes(route) &&
               c.provider.route(c.model.name, c.kind(), c.mode, route.seconds.value_or(0), with_end_frame) == &route;
    };
    const auto& routes = c.provider.routes;
    return routes.empty() || std::any_of(routes.begin(), routes.end(), leads_there);
}

std::optional<std::string> refusal(const ModelChoice& choice)
{
    constexpr std::array k_refusals = {refuse_mixture,   refuse_effect,   refuse_images,       refuse_references,
                                       refuse_edit,      refuse_kind,     refuse_multi_shot,   refuse_end_frame,
                                       refuse_keyframes, refuse_camera,   refuse_masks,        refuse_sound,
                                       refuse_voices,    refuse_hdr,      refuse_aspect_ratio, refuse_negative_prompt,
                                       refuse_watermark, refuse_callback, refuse_lip_sync};
    for (const auto refuse : k_refusals) {
        if (auto reason = refuse(choice)) {
            return reason;
        }
    }
    return std::nullopt;
}

namespace {

bool needs_prompt(const ModelChoice& c)
{
    const auto needs = [&](const Route& route) { return route.prompt_required.value_or(c.provider.prompt_required); };
    return c.provider.routes.empty() ? c.provider.prompt_required
                                     : !has_route(c, c.shot.end_image.has_value(), std::not_fn(needs));
}

} // namespace

std::optional<std::string> prompt_problem(const ModelChoice& choice)
{
    const Shot& shot = choice.shot;
    const bool says_nothing = shot.prompt.empty() && shot.multi_shot.empty() && !shot.effect;
    if (says_nothing && (!shot.images.empty() || !shot.references.empty())) {
        return fmt::format("a take {} needs a prompt; add one", source_words(choice));
    }
    if (says_nothing && needs_prompt(choice)) {
        return fmt::format("{} needs a prompt on {}; add one", mode_in_words(choice), choice.provider.name);
    }
    std::vector<std::string> prompts = shot.extend_prompts;
    prompts.push_back(shot.prompt);
    prompts.push_back(shot.settings.negative_prompt);
    const auto limit = static_cast<std::size_t>(choice.model.max_prompt);
    for (const std::string& prompt : prompts) {
        if (const std::size_t length = characters(prompt); length > limit) {
            return fmt::format("a prompt of {} characters; {} takes at most {}: shorten it", length, choice.model.name,
                               limit);
        }
    }
    return std::nullopt;
}

namespace {

/// Whether model and provider make a take of this kind so long.
bool may_last(const ModelChoice& c, const std::string& kind, double seconds, bool arrives)
{
    const Route* route = c.provider.route(c.model.name, kind, c.mode, seconds, arrives);
    const bool own_way = c.provider.routes.empty() || route != nullptr;
    const bool end =
        !arrives || (c.model.end_frame ? c.model.end_frame->allows(c.mode, seconds, kind) : route != nullptr);
    return own_way && end && c.model.durations.allows(kind, seconds, arrives);
}

} // namespace

bool may_open(const ModelChoice& choice, double seconds, bool arrives)
{
    const auto& [shot, provider, model, mode] = choice;
    if (!provider.paid) {
        return true;
    }
    const std::string kind = choice.kind();
    const bool camera = !shot.settings.camera || (model.camera && model.camera->allows(mode, seconds, kind));
    const bool masks = !has_masks(shot) || (model.motion_brush && model.motion_brush->allows(mode, seconds, kind));
    const bool effect = !shot.effect || (model.effects && model.effects->where.allows(mode, seconds));
    const bool images = kind != "multi" || (model.multi_image && model.multi_image->allows(mode, seconds));
    const bool parts = shot.multi_shot.empty() || std::abs(seconds - *shot.seconds) < 1e-6;
    return camera && masks && effect && images && parts && may_last(choice, kind, seconds, arrives);
}

bool may_link(const ModelChoice& choice, double seconds, bool arrives)
{
    return !choice.provider.paid || may_last(choice, "image", seconds, arrives);
}

} // namespace longtake::stages
