#include "stages/assemble/place_captions.h"

#include "pipeline/model/speech/voice.h"
#include "stages/assemble/shot_stretches.h"
#include "stages/assemble/split_caption.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace longtake::stages {
namespace {

constexpr double k_longest_line = 23; ///< ems: 42 letters, which subtitlers set at most
constexpr double k_usual_cap = 0.7;   ///< ems
constexpr double k_plate = 1;         ///< ems that the plate takes of a line

/// Share of the picture's width that text may take on most services.
constexpr double k_safe = 0.8, k_safe_portrait = 0.74;

/// The longest line of a caption burned into the plan's pictures, ems.
double measure_of(const Plan& plan, const Style& style)
{
    const double em = style.look(TextRole::caption).cap(plan.size) * style.scale / k_usual_cap;
    const double safe = plan.size.height > plan.size.width ? k_safe_portrait : k_safe;
    return std::min(k_longest_line, safe * plan.size.width / em - k_plate);
}

/// Frames before a shot's voice: a breath where the shot has its length from it, and therefore room.
std::int64_t quiet_before(const Plan& plan, const ShotPlan& shot)
{
    return shot.shot.as_long_as_voice ? plan.rate.frames(k_before_voice) : 0;
}

using Spoken = std::vector<std::pair<double, double>>;

/// What is spoken of a voice, in seconds of the film; all of it where nobody listened.
Spoken spoken_in(const Plan& plan, const Voice& voice)
{
    const double from = plan.rate.seconds(voice.from);
    const double to = plan.rate.seconds(voice.to);
    Spoken spoken;
    if (const auto facts = plan.voices.find(voice.file); facts != plan.voices.end()) {
        for (const auto& [begin, end] : facts->second.spoken) {
            if (from + begin < to) {
                spoken.emplace_back(from + begin, std::min(to, from + end));
            }
        }
    }
    return spoken.empty() ? Spoken{{from, to}} : spoken;
}

const Voice* voice_at(const std::vector<Voice>& voices, const std::filesystem::path& file, std::int64_t from)
{
    const auto found =
        std::ranges::find_if(voices, [&](const Voice& voice) { return voice.file == file && voice.from == from; });
    return found == voices.end() ? nullptr : &*found;
}

/// Each is over when the next one begins.
void take_turns(std::vector<Caption>& captions, double film)
{
    constexpr double k_shortest = 0.1;
    std::ranges::stable_sort(captions, {}, &Caption::from);
    for (std::size_t i = 0; i < captions.size(); ++i) {
        const double end = i + 1 < captions.size() ? captions[i + 1].from : film;
        captions[i].to = std::min(captions[i].to, end);
    }
    std::erase_if(captions, [](const Caption& c) { return c.to - c.from < k_shortest; });
}

void add_caption_of(const Plan& plan, const ShotPlan& shot, const Stretch& seen, const std::vector<Voice>& voices,
                    std::vector<Caption>& captions)
{
    const Voice* voice =
        shot.shot.voice ? voice_at(voices, *shot.shot.voice, seen.from + quiet_before(plan, shot)) : nullptr;
    const Spoken spoken =
        voice != nullptr ? spoken_in(plan, *voice) : Spoken{{plan.rate.seconds(seen.from), plan.rate.seconds(seen.to)}};
    for (Caption& piece :
         split_caption(spoken_text(shot.shot.caption, spoken), plan.styles.at(plan.brand), k_longest_line)) {
        piece.words.clear(); // guessed: good enough for the whole, not for every word
        captions.push_back(std::move(piece));
    }
}

bool meets(const Overlay& overlay, std::int64_t from, std::int64_t to)
{
    return !overlay.card && !overlay.texts.empty() && overlay.at == Place::lower && overlay.from < to &&
           from < overlay.to;
}

Overlay burned(const Plan& plan, const Style& style, const Caption& caption, bool with_words)
{
    Overlay overlay;
    overlay.from = plan.rate.frames(caption.from);
    overlay.to = std::max(overlay.from + 1, plan.rate.frames(caption.to));
    overlay.texts = {{TextRole::caption, caption.text}};
    overlay.at = Place::lower;
    overlay.in = overlay.out = Motion::none;
    overlay.style = style;
    if (with_words) {
        const double start = plan.rate.seconds(overlay.from);
        for (const TimedWord& word : caption.words) {
            overlay.words.push_back({word.text, std::max(0.0, word.from - start), std::max(0.0, word.to - start)});
        }
    }
    return overlay;
}

} // namespace

std::vector<Voice> voices_of(const Plan& plan, const std::map<std::filesystem::path, std::string>& sha256)
{
    std::vector<Voice> voices;
    const auto add = [&](const std::filesystem::path& file, std::int64_t from) {
        const std::int64_t to = std::min(plan.frames, from + plan.rate.frames(plan.voices.at(file).seconds));
        const auto hash = sha256.find(file);
        voices.push_back({file, hash == sha256.end() ? "" : hash->second, from, to, plan.audio.voice_db});
    };
    if (plan.audio.voice) {
        add(*plan.audio.voice, 0);
    }
    const std::vector<Stretch> seen = alone(plan);
    for (std::size_t i = 0; i < plan.shots.size(); ++i) {
        if (plan.shots[i].shot.voice) {
            add(*plan.shots[i].shot.voice, seen[i].from + quiet_before(plan, plan.shots[i]));
        }
    }
    return voices;
}

std::vector<Caption> captions_of(const Plan& plan, const std::vector<Voice>& voices)
{
    std::vector<Caption> captions = plan.caption_list;
    const std::vector<Stretch> seen = alone(plan);
    for (std::size_t i = 0; i < plan.shots.size(); ++i) {
        if (!plan.shots[i].shot.caption.empty()) {
            add_caption_of(plan, plan.shots[i], seen[i], voices, captions);
        }
    }
    take_turns(captions, plan.rate.seconds(plan.frames));
    return captions;
}

std::vector<Overlay> burned_captions(const Plan& plan, const std::vector<Caption>& captions,
                                     const std::vector<Overlay>& others)
{
    std::vector<Overlay> overlays;
    const Style& style = plan.styles.at(plan.brand);
    const bool with_words = !plan.captions || plan.captions->highlight_words;
    for (const Caption& caption : captions) {
        for (const Caption& piece : split_caption(caption, style, measure_of(plan, style))) {
            Overlay overlay = burned(plan, style, piece, with_words);
            const bool taken = std::ranges::any_of(
                others, [&](const Overlay& other) { return meets(other, overlay.from, overlay.to); });
            overlay.at = taken ? Place::upper : Place::lower;
            overlays.push_back(std::move(overlay));
        }
    }
    return overlays;
}

} // namespace longtake::stages
