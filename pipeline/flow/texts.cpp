#include "pipeline/flow/texts.h"

#include "pipeline/base/hash.h"
#include "pipeline/flow/outputs.h"
#include "pipeline/render/overlay_layout.h"
#include "stages/assemble/place_overlays.h"
#include "stages/prepare/card.h"

#include <fmt/format.h>

#include <set>

namespace longtake {
namespace {

using Notes = std::vector<std::string>;

Notes card_notes(const CanvasFilm& canvas)
{
    Notes notes;
    const SafeBox box = safe_box(canvas.outputs, canvas.plan.size);
    for (const ShotPlan& shot : canvas.plan.shots) {
        if (shot.kind != ShotPlan::Kind::card || shot.shot.card->styled()) {
            continue;
        }
        const std::string name = fmt::format("shot '{}'", shot.shot.id);
        const auto set = in_context(name, [&] { return stages::set_card(*shot.shot.card, canvas.plan.size, box); });
        for (const std::string& note : set.notes) {
            notes.push_back(fmt::format("{}: {}", name, note));
        }
    }
    return notes;
}

Notes overlay_notes(const CanvasFilm& canvas, const Overlay& overlay)
{
    Notes notes;
    for (const stages::OutputSpec& output : canvas.outputs) {
        const auto layout = in_context(
            output.preset.name, [&] { return render::lay_out(overlay, canvas_of(output.preset, canvas.plan.size)); });
        for (const std::string& note : layout.notes) {
            notes.push_back(fmt::format("{}: {}", output.preset.name, note));
        }
    }
    return notes;
}

} // namespace

void load_styles(Plan& plan, const PresetDirs& dirs)
{
    for (const std::string& name : stages::styles_of(plan)) {
        Style style = load_style(dirs, name.empty() ? k_default_style : name);
        if (style.logo) {
            style.logo->sha256 = sha256_of_file(style.logo->file);
        }
        plan.styles.emplace(name, std::move(style));
    }
}

void note_texts(Plan& plan, const std::vector<CanvasFilm>& canvases)
{
    std::set<std::string> noted; // what is so on every canvas is said once
    const auto note = [&](const Notes& notes) {
        for (const std::string& text : notes) {
            if (noted.insert(text.substr(text.find(": ") + 2)).second) {
                plan.notes.push_back(text);
            }
        }
    };
    for (const CanvasFilm& canvas : canvases) {
        note(card_notes(canvas));
        for (const Overlay& overlay : stages::overlays_of(canvas.plan)) {
            note(overlay_notes(canvas, overlay));
        }
    }
}

} // namespace longtake
