#include "pipeline/render/recipe.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace longtake::render {
namespace {

using nlohmann::json;

/// Frames [first, last] of the timeline.
struct Window {
    std::int64_t first = 0;
    std::int64_t last = 0;
};

/// What grading does to the frames [first, first + frames) of a file: the grades at both ends and where lines meet.
json grades_of(const GradeCurve& curve, std::int64_t first, std::int64_t frames)
{
    if (curve.empty()) {
        return nullptr;
    }
    const std::int64_t last = first + frames - 1;
    GradeCurve seen{{first, grade_at(curve, first)}};
    std::copy_if(curve.begin(), curve.end(), std::back_inserter(seen),
                 [&](const GradeKey& key) { return key.frame > first && key.frame < last; });
    seen.push_back({last, grade_at(curve, last)});
    const bool neutral = std::ranges::all_of(seen, [](const GradeKey& key) { return key.grade == Grade{}; });
    return neutral ? json(nullptr) : json(seen);
}

/// Frames [from, from + frames) of a range, counted from its first.
json slice_of(const Range& range, std::int64_t from, std::int64_t frames)
{
    const auto& [kind, file, sha256, first, all, fit, sound, grade, background, damaged, framed, lut] =
        range; // but for the sound
    const bool still = kind == Range::Kind::still;
    json slice = {{"still", still},
                  {"source", sha256.empty() ? file.string() : sha256},
                  {"first", still ? 0 : first + from},
                  {"frames", frames},
                  {"fit", word(fit)},
                  {"grade", still ? json(nullptr) : grades_of(grade, first + from, frames)},
                  {"background", background},
                  {"framed", framed ? json(*framed) : json(nullptr)},
                  {"damaged", damaged}};
    if (lut && !still) {
        slice["lut"] = content_name(*lut);
    }
    return slice;
}

/// What an item shows in a window, each slice with its place in it.
void add_slices(const Item& item, const Window& window, json& layers)
{
    std::int64_t at = item.start;
    for (const Range& range : item.ranges) {
        const std::int64_t begin = std::max(at, window.first);
        const std::int64_t end = std::min(at + range.frames, window.last + 1);
        if (begin < end) {
            layers.push_back({{"at", begin - window.first}, {"shows", slice_of(range, begin - at, end - begin)}});
        }
        at += range.frames;
    }
}

/// The transition into an item, if it runs in the window.
void add_transition(const Item* before, const Item& item, const Window& window, json& layers)
{
    const auto& [type, frames, held] = item.transition;
    const std::int64_t begin = item.start - (held ? frames : 0);
    if (frames == 0 || begin > window.last || begin + frames <= window.first) {
        return;
    }
    json layer = {{"at", begin - window.first}, {"transition", word(type)}, {"frames", frames}, {"held", held}};
    if (held) {
        layer["into"] = slice_of(item.ranges.front(), 0, 1);
    }
    if (held && traits_of(type).needs_motion && before != nullptr) { // how the old shot moves at its end plays a part
        json& motion = layer["motion"] = json::array();
        const std::int64_t end = before->start + before->frames;
        add_slices(*before, {end - 2, end - 1}, motion);
    }
    layers.push_back(std::move(layer));
}

/// What lies over the frames [first, first + frames), each with its place among them.
json overlays_of(const Rendition& rendition, std::int64_t first, std::int64_t frames)
{
    json overlays = json::array();
    for (const OverlaySpan& span : overlays_in(rendition, first, frames)) {
        overlays.push_back({{"at", span.from - first},
                            {"frames", span.to - span.from},
                            {"shows", shape_of(rendition.timeline().overlays[span.index])}});
    }
    return overlays;
}

} // namespace

json recipe_of(const Rendition& rendition, std::int64_t first, std::int64_t frames)
{
    const Timeline& timeline = rendition.timeline();
    const Window window{rendition.timeline_frame(first), rendition.timeline_frame(first + frames - 1)};
    json layers = json::array();
    for (std::size_t i = 0; i < timeline.items.size(); ++i) {
        add_slices(timeline.items[i], window, layers);
        add_transition(i > 0 ? &timeline.items[i - 1] : nullptr, timeline.items[i], window, layers);
    }
    json recipe = {{"render", k_render_version},
                   {"film", {{"size", timeline.size}, {"rate", timeline.rate}}},
                   {"canvas", {{"size", rendition.size()}, {"fit", word(rendition.canvas().fit)}}},
                   {"rate", rendition.rate()},
                   {"frames", frames},
                   {"layers", std::move(layers)}};
    if (!(rendition.rate() == timeline.rate)) {
        json& shown = recipe["shown"] = json::array();
        for (std::int64_t k = first; k < first + frames; ++k) {
            shown.push_back(rendition.timeline_frame(k) - window.first);
        }
    }
    if (json overlays = overlays_of(rendition, first, frames); !overlays.empty()) {
        recipe["overlays"] = {
            {"version", k_overlay_version}, {"safe", rendition.canvas().safe.list()}, {"list", std::move(overlays)}};
    }
    return recipe;
}

} // namespace longtake::render
