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

void note_card(Plan& plan, const ShotPlan& shot, const SafeBox& box)
{
    const std::string name = fmt::format("shot '{}'", shot.shot.id);
    const auto set = in_context(name, [&] { return stages::set_card(*shot.shot.card, plan.size, box); });
    for (const std::string& note : set.notes) {
        plan.notes.push_back(name + ": " + note);
    }
}

void note_overlay(const Overlay& overlay, const std::vector<stages::OutputSpec>& outputs, Size film,
                  std::set<std::string>& noted, Plan& plan)
{
    for (const stages::OutputSpec& output : outputs) {
        const auto layout =
            in_context(output.preset.name, [&] { return render::lay_out(overlay, canvas_of(output.preset, film)); });
        for (const std::string& note : layout.notes) {
            if (noted.insert(note).second) {
                plan.notes.push_back(fmt::format("{}: {}", output.preset.name, note));
            }
        }
    }
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

void note_texts(Plan& plan, const std::vector<stages::OutputSpec>& outputs)
{
    const SafeBox box = safe_box(outputs, plan.size);
    for (const ShotPlan& shot : plan.shots) {
        if (shot.kind == ShotPlan::Kind::card && !shot.shot.card->styled()) {
            note_card(plan, shot, box);
        }
    }
    std::set<std::string> noted;
    for (const Overlay& overlay : stages::overlays_of(plan)) {
        note_overlay(overlay, outputs, plan.size, noted, plan);
    }
}

} // namespace longtake
