#include "pipeline/render/hdr/hdr_film.h"

#include "pipeline/av/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace longtake::render {
namespace {

constexpr std::array k_hdr_transitions = {TransitionType::cut, TransitionType::dissolve, TransitionType::fade_black};

/// Its footage, each file once.
std::set<std::filesystem::path> clips_of(const Timeline& timeline)
{
    std::set<std::filesystem::path> clips;
    for (const Item& item : timeline.items) {
        for (const Range& range : item.ranges) {
            if (range.kind == Range::Kind::footage) {
                clips.insert(range.file);
            }
        }
    }
    return clips;
}

std::string transfer_of(const std::filesystem::path& file)
{
    const av::MediaInfo info = av::probe(file);
    return info.video ? info.video->transfer : std::string();
}

std::string range_blocker(const Item& item, const Range& range)
{
    const char* what = range.lut              ? "its colour table"
                       : range.framed         ? "the window that follows what matters in it"
                       : !range.grade.empty() ? "its grade"
                                              : nullptr;
    return what == nullptr ? std::string()
                           : fmt::format("shot '{}': {} is made for standard dynamic range", item.shot, what);
}

} // namespace

std::string hdr_blocker(const Timeline& timeline)
{
    if (!timeline.overlays.empty()) {
        return "text and logos are drawn in standard dynamic range";
    }
    for (const Item& item : timeline.items) {
        if (std::ranges::find(k_hdr_transitions, item.transition.type) == k_hdr_transitions.end()) {
            return fmt::format("shot '{}': the transition {} is made in standard dynamic range; use cut, dissolve or "
                               "fade_black",
                               item.shot, word(item.transition.type));
        }
        for (const Range& range : item.ranges) {
            if (std::string reason = range_blocker(item, range); !reason.empty()) {
                return reason;
            }
        }
    }
    const auto is_high = [](const std::filesystem::path& clip) {
        const std::string transfer = transfer_of(clip);
        return transfer == "arib-std-b67" || transfer == "smpte2084";
    };
    return std::ranges::any_of(clips_of(timeline), is_high) ? "" : "none of the film's clips has a high dynamic range";
}

std::optional<av::LightMetadata> light_of(const Timeline& timeline)
{
    std::optional<av::LightMetadata> agreed;
    for (const std::filesystem::path& clip : clips_of(timeline)) {
        if (transfer_of(clip) != "smpte2084") {
            continue;
        }
        const av::LightMetadata said = av::light_metadata(clip);
        if (said == av::LightMetadata{}) {
            continue;
        }
        if (agreed && *agreed != said) {
            return std::nullopt;
        }
        agreed = said;
    }
    return agreed;
}

} // namespace longtake::render
