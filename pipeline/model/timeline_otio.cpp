#include "pipeline/model/timeline.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake {
namespace {

using nlohmann::json;

/// Writes one timeline in OpenTimelineIO's JSON. There the clips of a track stand end to end, and a transition between
/// two of them borrows `in_offset` from the one before and `out_offset` from the one after; here items overlap.
/// So an item is cut where the next one starts: a held transition lies wholly before that cut, an overlap after it.
class OtioWriter {
public:
    explicit OtioWriter(const Timeline& timeline) : timeline_(timeline) {}

    json write(const std::string& title) const
    {
        json tracks = json::array({video_track()});
        if (timeline_.music) {
            tracks.push_back(music_track(*timeline_.music));
        }
        json stack = composable("Stack.1", "tracks");
        stack["children"] = std::move(tracks);
        return {{"OTIO_SCHEMA", "Timeline.1"},
                {"name", title},
                {"global_start_time", nullptr},
                {"metadata",
                 {{"longtake",
                   {{"schema", "longtake/timeline/1"},
                    {"rate", timeline_.rate},
                    {"size", timeline_.size},
                    {"frames", timeline_.frames()}}}}},
                {"tracks", std::move(stack)}};
    }

private:
    json time(std::int64_t frames) const
    {
        return {
            {"OTIO_SCHEMA", "RationalTime.1"}, {"rate", timeline_.rate.fps()}, {"value", static_cast<double>(frames)}};
    }

    json range(std::int64_t first, std::int64_t frames) const
    {
        return {{"OTIO_SCHEMA", "TimeRange.1"}, {"start_time", time(first)}, {"duration", time(frames)}};
    }

    static json composable(const char* schema, const std::string& name)
    {
        return {{"OTIO_SCHEMA", schema},
                {"name", name},
                {"source_range", nullptr},
                {"effects", json::array()},
                {"enabled", true},
                {"markers", json::array()},
                {"metadata", json::object()},
                {"children", json::array()}};
    }

    static json media(const std::filesystem::path& file, const std::string& sha256)
    {
        return {{"OTIO_SCHEMA", "ExternalReference.1"},
                {"name", file.filename().string()},
                {"target_url", url(file)},
                {"available_range", nullptr},
                {"available_image_bounds", nullptr},
                {"metadata", {{"longtake", {{"sha256", sha256}}}}}};
    }

    json clip(const std::string& name, json source_range, json reference, json metadata) const
    {
        json clip = composable("Clip.2", name);
        clip.erase("children");
        clip["source_range"] = std::move(source_range);
        clip["media_references"] = {{"DEFAULT_MEDIA", std::move(reference)}};
        clip["active_media_reference_key"] = "DEFAULT_MEDIA";
        clip["metadata"] = {{"longtake", std::move(metadata)}};
        return clip;
    }

    /// Other programs show the clip ungraded, and say that an effect is missing.
    static json grade(const GradeCurve& curve)
    {
        return {{"OTIO_SCHEMA", "Effect.1"},
                {"name", "grade"},
                {"effect_name", "longtake.grade"},
                {"metadata", {{"longtake", {{"grade", curve}}}}}};
    }

    static json lut(const StyleFile& file)
    {
        return {{"OTIO_SCHEMA", "Effect.1"},
                {"name", "LUT"},
                {"effect_name", "longtake.lut"},
                {"metadata", {{"longtake", style_file_json(file)}}}};
    }

    json transition(const TimelineTransition& way) const
    {
        const bool dissolve = way.type == TransitionType::dissolve;
        return {{"OTIO_SCHEMA", "Transition.1"},
                {"name", word(way.type)},
                {"transition_type", dissolve ? "SMPTE_Dissolve" : "Custom_Transition"},
                {"in_offset", time(way.held ? way.frames : 0)},
                {"out_offset", time(way.held ? 0 : way.frames)},
                {"metadata", {{"longtake", {{"type", word(way.type)}, {"held", way.held}}}}}};
    }

    /// The clips of an item's first `visible` frames.
    void add_segment(json& children, const Item& item, std::int64_t visible) const
    {
        for (const Range& part : item.ranges) {
            const std::int64_t frames = std::min(part.frames, visible);
            if (frames <= 0) {
                break;
            }
            visible -= frames;
            const bool still = part.kind == Range::Kind::still;
            children.push_back(clip(item.shot, range(part.first, frames), media(part.file, part.sha256),
                                    {{"kind", still ? "still" : "footage"}, {"sound", part.sound}}));
            if (!part.grade.empty()) {
                children.back()["effects"].push_back(grade(part.grade));
            }
            if (part.lut) {
                children.back()["effects"].push_back(lut(*part.lut));
            }
        }
    }

    json video_track() const
    {
        json track = composable("Track.1", "film");
        track["kind"] = "Video";
        const auto& items = timeline_.items;
        for (std::size_t i = 0; i < items.size(); ++i) {
            const Item& item = items[i];
            if (i > 0 && item.transition.frames > 0) {
                track["children"].push_back(transition(item.transition));
            }
            const std::int64_t end = item.start + item.frames;
            const std::int64_t cut = i + 1 < items.size() ? std::min(items[i + 1].start, end) : end;
            add_segment(track["children"], item, cut - item.start);
        }
        return track;
    }

    json music_track(const Music& music) const
    {
        json track = composable("Track.1", "music");
        track["kind"] = "Audio";
        track["children"].push_back(clip("music", range(0, timeline_.frames()), media(music.file, music.sha256),
                                         {{"gain_db", music.gain_db},
                                          {"fade_in", music.fade_in},
                                          {"fade_out", music.fade_out},
                                          {"duck", music.duck},
                                          {"loops", true}}));
        return track;
    }

    /// A file: URL for an absolute path (RFC 8089), a relative reference otherwise; both percent-encoded.
    static std::string url(const std::filesystem::path& file)
    {
        constexpr std::string_view k_plain = "-._~/";
        std::string text = file.is_absolute() ? "file://" : "";
        for (const char c : file.generic_string()) {
            const auto byte = static_cast<unsigned char>(c);
            const bool alphanumeric =
                (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
            if (alphanumeric || k_plain.find(c) != std::string_view::npos) {
                text += c;
            } else {
                text += fmt::format("%{:02X}", byte);
            }
        }
        return text;
    }

    const Timeline& timeline_;
};

} // namespace

nlohmann::json to_otio(const Timeline& timeline, const std::string& title)
{
    return OtioWriter(timeline).write(title);
}

} // namespace longtake
