#include "pipeline/flow/texts.h"

#include "pipeline/av/speech/spoken.h"
#include "pipeline/av/speech/subtitles.h"
#include "pipeline/av/text/font_files.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/outputs.h"
#include "pipeline/image/lut/lut.h"
#include "pipeline/render/overlay_layout.h"
#include "stages/assemble/place_captions.h"
#include "stages/assemble/place_overlays.h"
#include "stages/prepare/card.h"

#include <fmt/format.h>

#include <algorithm>
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

void load_speech(Plan& plan)
{
    if (plan.captions && plan.captions->file) {
        plan.caption_list = in_context("captions", [&] { return av::read_captions(*plan.captions->file); });
    }
    for (const ShotPlan& shot : plan.shots) {
        if (shot.shot.voice && !shot.shot.caption.empty()) {
            plan.voices.at(*shot.shot.voice).spoken = av::spoken_parts(*shot.shot.voice);
        }
    }
}

/// What viewers have too little time to read, and what the film ends before.
void note_captions(Plan& plan)
{
    constexpr double k_fast = 20; // letters a second
    const std::vector<Caption> captions = stages::captions_of(plan, stages::voices_of(plan, {}));
    const auto fast = std::ranges::count_if(captions, [](const Caption& c) { return reading_speed(c) > k_fast; });
    if (fast > 0) {
        const Caption& worst = *std::ranges::max_element(captions, {}, reading_speed);
        plan.notes.push_back(fmt::format("captions: {} of {} go by faster than {} letters a second, the fastest at {} "
                                         "with {:.0f}; give them more time, or fewer words",
                                         fast, captions.size(), k_fast, clock_text(worst.from), reading_speed(worst)));
    }
    const double film = plan.rate.seconds(plan.frames);
    const auto late = std::ranges::count_if(plan.caption_list, [&](const Caption& c) { return c.from >= film; });
    if (late > 0) {
        plan.notes.push_back(fmt::format("captions: {} of {} begin after the film has ended, at {}", late,
                                         plan.caption_list.size(), clock_text(film)));
    }
}

/// A recording that goes on after the film, or while the next one speaks.
void note_voices(Plan& plan)
{
    const std::vector<Voice> voices = stages::voices_of(plan, {});
    for (std::size_t i = 0; i < voices.size(); ++i) {
        const Voice& voice = voices[i];
        const std::string name = voice.file.filename().string();
        const double over = plan.voices.at(voice.file).seconds - plan.rate.seconds(voice.to - voice.from);
        if (over > plan.rate.seconds(1)) {
            plan.notes.push_back(fmt::format("voice {}: its last {:.1f} s are cut off by the film's end", name, over));
        }
        if (i + 1 < voices.size() && voices[i + 1].from < voice.to) {
            plan.notes.push_back(fmt::format("voice {}: still speaks when {} begins, at {}; give its shot more time",
                                             name, voices[i + 1].file.filename().string(),
                                             clock_text(plan.rate.seconds(voices[i + 1].from))));
        }
    }
}

/// Takes note of what is in the files of a style, and sees that they can be used.
void read_files(Style& style)
{
    if (style.logo) {
        style.logo->sha256 = sha256_of_file(style.logo->file);
    }
    for (StyleFile& font : style.fonts) {
        av::use_font_file(font.file);
        font.sha256 = sha256_of_file(font.file);
    }
    if (style.lut) {
        style.lut->sha256 = sha256_of_file(style.lut->file);
        image::lut_of(*style.lut);
    }
}

} // namespace

void load_texts(Plan& plan, const PresetDirs& dirs)
{
    load_speech(plan);
    for (const std::string& name : stages::styles_of(plan)) {
        Style style = load_style(dirs, name.empty() ? k_default_style : name);
        read_files(style);
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
    if (stages::has_captions(plan)) {
        note_captions(plan);
    }
    note_voices(plan);
    for (const CanvasFilm& canvas : canvases) {
        note(card_notes(canvas));
        for (const Overlay& overlay : stages::overlays_of(canvas.plan)) {
            note(overlay_notes(canvas, overlay));
        }
    }
}

} // namespace longtake
