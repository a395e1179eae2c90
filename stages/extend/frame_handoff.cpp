#include "stages/extend/frame_handoff.h"

#include "pipeline/av/picture/picture_reader.h"
#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"
#include "pipeline/image/grade.h"
#include "stages/extend/colour_match.h"
#include "stages/extend/strip.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace longtake::stages {
namespace {

/// Raise it when looking at takes changes. A still that was sent is not made again for less: it is paid for.
constexpr int k_handoff_version = 1;

constexpr int k_coarsest = 8; ///< JPEG quantiser: about quality 80

/// Services refuse pictures below a side; what they made themselves is only that small in a rehearsal.
av::Frame large_enough(av::Frame picture, int min_side)
{
    const Size size = picture.size();
    const int shorter = std::min(size.width, size.height);
    if (shorter >= min_side) {
        return picture;
    }
    const double scale = static_cast<double>(min_side) / shorter;
    const auto even = [&](int side) { return 2 * static_cast<int>(std::ceil(side * scale / 2)); };
    return av::resized(picture, {even(size.width), even(size.height)});
}

bool takes(const ImageRules& rules, const char* format)
{
    return std::find(rules.formats.begin(), rules.formats.end(), format) != rules.formats.end();
}

struct EncodedStill {
    std::string bytes;
    std::string format;
};

/// The picture in a file as the rules allow, as faithfully as they allow.
EncodedStill encode_still(const av::Frame& picture, const ImageRules& rules)
{
    const auto fits = [&](const std::string& bytes) { return std::ssize(bytes) <= rules.max_bytes; };
    if (takes(rules, "png")) {
        std::string bytes = av::encode_png(picture);
        if (fits(bytes)) {
            return {std::move(bytes), "png"};
        }
    }
    for (int scale = 1; takes(rules, "jpeg") && scale <= k_coarsest; ++scale) {
        std::string bytes = av::encode_jpeg(picture, scale);
        if (fits(bytes)) {
            return {std::move(bytes), "jpeg"};
        }
    }
    throw Error(Errc::input, fmt::format("its last frame cannot be brought below {} bytes for the service; set "
                                         "\"continue\": \"extend\" where the model has it, or lower \"mode\"",
                                         rules.max_bytes));
}

Still still_of(const av::Frame& picture, const ImageRules& rules, const std::filesystem::path& stills)
{
    const EncodedStill encoded = encode_still(picture, rules);
    Still still;
    still.size = picture.size();
    still.format = encoded.format;
    still.sha256 = sha256_of(encoded.bytes);
    still.file = stills / (still.sha256 + (still.format == "png" ? ".png" : ".jpg"));
    make_folder(stills);
    write_atomic(still.file, encoded.bytes);
    return still;
}

} // namespace

FrameHandoff hand_off_frame(const HandoffInput& input, const std::filesystem::path& stills)
{
    FrameHandoff from;
    const bool chained = input.kind == PlannedTake::Kind::chain;
    const bool graded = input.match == MatchColour::anchor || (input.match == MatchColour::handoff && chained);
    if (input.drifted != Grade{}) {
        const Strip end = tail_of(input.last, 1, image::thumbnail_size(input.last.size));
        const av::Frame& seen = end.back().rgb;
        const image::ColourStats home =
            image::colour_stats_of_rgb(image::graded_rgb(seen, image::inverse(input.drifted)));
        from.drift = image::difference(home.bands, image::colour_stats_of_rgb(seen).bands);
        from.grade = graded ? grade_toward(seen, home, k_cautious) : Grade{};
    }
    if (chained) {
        const av::Frame picture = image::graded_rgb(av::last_picture(input.last.file), from.grade);
        from.still = still_of(large_enough(picture.share(), input.rules.min_side), input.rules, stills);
    }
    return from;
}

void check_drift(const FrameHandoff& from, const PlannedTake& next, const ShotSettings& settings)
{
    if (settings.max_drift <= 0 || from.drift <= settings.max_drift) {
        return;
    }
    throw Error(Errc::provider,
                fmt::format("after {} take{} the picture has drifted {:.1f} (CIEDE2000) from the first, over max_drift "
                            "{:g}; no further take was asked for and the footage so far is kept. Shorten the shot, "
                            "raise \"max_drift\"{}",
                            next.index, next.index == 1 ? "" : "s", from.drift, settings.max_drift,
                            settings.match_colour == MatchColour::off ? ", or set \"match_colour\": \"handoff\"" : ""));
}

void to_json(nlohmann::json& json, const HandoffInput& input)
{
    const auto& [last, drifted, kind, match, rules] = input; // every member counts
    json = {{"version", k_handoff_version}, {"last", last.sha256},  {"drifted", GradeKey{0, drifted}},
            {"kind", word(kind)},           {"match", word(match)}, {"rules", rules}};
}

void to_json(nlohmann::json& json, const FrameHandoff& from)
{
    json = {{"still", from.still ? nlohmann::json(*from.still) : nlohmann::json()},
            {"grade", GradeKey{0, from.grade}},
            {"drift", from.drift}};
}

void from_json(const nlohmann::json& json, FrameHandoff& from)
{
    from.still = json.at("still").is_null() ? std::nullopt : std::optional(json.at("still").get<Still>());
    from.grade = json.at("grade").get<GradeKey>().grade;
    json.at("drift").get_to(from.drift);
}

} // namespace longtake::stages
