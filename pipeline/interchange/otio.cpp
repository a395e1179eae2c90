#include "pipeline/interchange/formats.h"

namespace longtake::interchange {
namespace {

using nlohmann::json;

constexpr const char* k_media = "DEFAULT_MEDIA";

/// Writes one cut in OpenTimelineIO's JSON. There a transition between two clips borrows `in_offset` frames before the
/// place where they meet and `out_offset` after it: a held transition lies wholly before it, an overlap after it.
class OtioWriter {
public:
    explicit OtioWriter(const Cut& cut) : cut_(cut), timeline_(cut.timeline) {}

    json write() const
    {
        json tracks = json::array({video_track()});
        if (timeline_.music) {
            tracks.push_back(music_track(*timeline_.music));
        }
        if (!timeline_.voices.empty()) {
            tracks.push_back(voice_track(timeline_.voices));
        }
        json stack = composable("Stack.1", "tracks");
        stack["children"] = std::move(tracks);
        return {{"OTIO_SCHEMA", "Timeline.1"},
                {"name", cut_.title},
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
        return {{"OTIO_SCHEMA", "ExternalReference.1"}, {"name", file.filename().string()},
                {"target_url", url_of(file)},           {"available_range", nullptr},
                {"available_image_bounds", nullptr},    {"metadata", {{"longtake", {{"sha256", sha256}}}}}};
    }

    json clip(const std::string& name, json source_range, json reference, json metadata) const
    {
        json clip = composable("Clip.2", name);
        clip.erase("children");
        clip["source_range"] = std::move(source_range);
        clip["media_references"] = {{k_media, std::move(reference)}};
        clip["active_media_reference_key"] = k_media;
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

    json clip_of(const Piece& piece) const
    {
        const Range& part = *piece.range;
        json made = clip(piece.item->shot, range(piece.first, piece.frames), media(part.file, part.sha256),
                         metadata_of(cut_, piece));
        if (const auto frames = cut_.media_frames.find(part.file); frames != cut_.media_frames.end()) {
            made["media_references"][k_media]["available_range"] = range(0, frames->second);
        }
        if (!part.grade.empty()) {
            made["effects"].push_back(grade(part.grade));
        }
        if (part.lut) {
            made["effects"].push_back(lut(*part.lut));
        }
        return made;
    }

    json video_track() const
    {
        json track = composable("Track.1", "film");
        track["kind"] = "Video";
        for (const Piece& piece : pieces_of(timeline_)) {
            if (piece.way.frames > 0) {
                track["children"].push_back(transition(piece.way));
            }
            track["children"].push_back(clip_of(piece));
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

    /// A recording stands where it is heard.
    json voice_track(const std::vector<Voice>& voices) const
    {
        json track = composable("Track.1", "voices");
        track["kind"] = "Audio";
        std::int64_t at = 0;
        for (const Voice& voice : voices) {
            if (voice.from > at) {
                json gap = composable("Gap.1", "");
                gap.erase("children");
                gap["source_range"] = range(0, voice.from - at);
                track["children"].push_back(std::move(gap));
            }
            track["children"].push_back(clip("voice", range(0, voice.to - voice.from), media(voice.file, voice.sha256),
                                             {{"gain_db", voice.gain_db}}));
            at = voice.to;
        }
        return track;
    }

    const Cut& cut_;
    const Timeline& timeline_;
};

} // namespace

nlohmann::json to_otio(const Cut& cut)
{
    return OtioWriter(cut).write();
}

} // namespace longtake::interchange
