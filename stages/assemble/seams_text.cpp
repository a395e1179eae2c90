#include "stages/assemble/seams.h"

#include "pipeline/model/optional_number.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace longtake::stages {
namespace {

nlohmann::json moments_json(const image::ColourMoments& moments)
{
    return {{"mean", moments.mean}, {"deviation", moments.deviation}};
}

nlohmann::json colour_json(const SeamColour& colour)
{
    return {{"delta_e", colour.delta_e},
            {"usual", colour.usual},
            {"luma", colour.luma()},
            {"chroma", colour.chroma()},
            {"before", moments_json(colour.before)},
            {"after", moments_json(colour.after)}};
}

nlohmann::json motion_json(const SeamMotion& motion)
{
    return {{"before", motion.before},
            {"after", motion.after},
            {"step", motion.step},
            {"jump", motion.jump},
            {"trust", motion.confidence}};
}

nlohmann::json sound_json(const std::optional<SeamSound>& sound)
{
    if (!sound) {
        return nullptr;
    }
    return {{"before", or_null(sound->before)},
            {"after", or_null(sound->after)},
            {"step", sound->before && sound->after ? nlohmann::json(sound->step()) : nlohmann::json(nullptr)},
            {"click", sound->click}};
}

nlohmann::json penalties_json(const SeamPenalties& off)
{
    return {{"repeat", off.repeat},       {"colour", off.colour},     {"motion", off.motion},
            {"sharpness", off.sharpness}, {"loudness", off.loudness}, {"click", off.click}};
}

std::string transition_text(const TimelineTransition& transition)
{
    return transition.frames == 0 ? word(transition.type)
                                  : fmt::format("{} of {} frames", word(transition.type), transition.frames);
}

std::string kind_text(const Seam& seam)
{
    if (seam.repeated > 0) {
        return fmt::format("{} repeated", seam.repeated == 1 ? "1 frame" : fmt::format("{} frames", seam.repeated));
    }
    return seam.still ? word(seam.kind) + " (hardly anything moves)" : word(seam.kind);
}

} // namespace

std::string word(SeamKind kind)
{
    switch (kind) {
    case SeamKind::duplicate: return "duplicate";
    case SeamKind::continuous: return "continuous";
    case SeamKind::different: return "different";
    case SeamKind::undecidable: break;
    }
    return "undecidable";
}

std::string text(const Seam& seam)
{
    const auto minutes = static_cast<int>(seam.seconds / 60);
    std::string line =
        fmt::format("{:3.0f} {:02}:{:06.3f} '{}' - '{}' ({}): {}", seam.score(), minutes, seam.seconds - 60 * minutes,
                    seam.before, seam.after, transition_text(seam.transition), kind_text(seam));
    if (seam.kind != SeamKind::different) {
        line +=
            fmt::format("; colour {:.1f} dE (usually {:.1f}, luma {:+.1f}), jump {:.1f} px, motion {:.1f} to {:.1f} "
                        "px a frame, sharpness x{:.2f}",
                        seam.colour.delta_e, seam.colour.usual, seam.colour.luma(), seam.motion.jump,
                        seam.motion.before, seam.motion.after, seam.sharpness);
    }
    if (seam.sound) {
        line += fmt::format("; loudness {:+.1f} LU", seam.sound->step());
        line += seam.sound->click > 0 ? fmt::format(", click {:.0f} dB", seam.sound->click) : "";
    }
    return line;
}

void to_json(nlohmann::json& json, const Seam& seam)
{
    json = {
        {"join", seam.join},
        {"segment", seam.item},
        {"range", seam.range},
        {"before", seam.before},
        {"after", seam.after},
        {"frame", seam.frame},
        {"seconds", seam.seconds},
        {"transition",
         {{"type", word(seam.transition.type)}, {"frames", seam.transition.frames}, {"held", seam.transition.held}}},
        {"kind", word(seam.kind)},
        {"margin", seam.margin},
        {"still", seam.still},
        {"repeated", seam.repeated},
        {"colour", colour_json(seam.colour)},
        {"motion", motion_json(seam.motion)},
        {"sharpness", seam.sharpness},
        {"sound", sound_json(seam.sound)},
        {"penalties", penalties_json(seam.penalties)},
        {"score", seam.score()}};
}

} // namespace longtake::stages
