#include "pipeline/model/timeline.h"

#include <algorithm>

namespace longtake {
namespace {

nlohmann::json range_json(const Range& range)
{
    nlohmann::json json = {{"kind", range.kind == Range::Kind::still ? "still" : "footage"},
                           {"file", range.file.string()},
                           {"sha256", range.sha256},
                           {"first", range.first},
                           {"frames", range.frames},
                           {"fit", word(range.fit)},
                           {"sound", range.sound}};
    if (!range.grade.empty()) {
        json["grade"] = range.grade;
    }
    if (!range.background.empty()) {
        json["background"] = range.background;
    }
    if (range.damaged) {
        json["damaged"] = true;
    }
    return json;
}

nlohmann::json transition_json(const TimelineTransition& transition)
{
    return {{"type", word(transition.type)}, {"frames", transition.frames}, {"held", transition.held}};
}

nlohmann::json segment_json(const Segment& segment)
{
    nlohmann::json ranges = nlohmann::json::array();
    for (const Range& range : segment.ranges) {
        ranges.push_back(range_json(range));
    }
    nlohmann::json json = {{"shot", segment.shot},
                           {"start", segment.start},
                           {"frames", segment.frames},
                           {"transition", transition_json(segment.transition)},
                           {"ranges", std::move(ranges)}};
    if (!segment.title.empty()) {
        json["title"] = segment.title;
    }
    return json;
}

nlohmann::json music_json(const Music& music)
{
    return {{"file", music.file.string()}, {"sha256", music.sha256},     {"gain_db", music.gain_db},
            {"fade_in", music.fade_in},    {"fade_out", music.fade_out}, {"duck", music.duck}};
}

} // namespace

std::int64_t Timeline::frames() const noexcept
{
    std::int64_t end = 0;
    for (const Segment& segment : segments) {
        end = std::max(end, segment.start + segment.frames);
    }
    return end;
}

bool Timeline::has_sound() const noexcept
{
    return music.has_value() || std::any_of(segments.begin(), segments.end(), [](const Segment& segment) {
               return std::any_of(segment.ranges.begin(), segment.ranges.end(), [](const Range& r) { return r.sound; });
           });
}

void to_json(nlohmann::json& json, const Timeline& timeline)
{
    nlohmann::json segments = nlohmann::json::array();
    for (const Segment& segment : timeline.segments) {
        segments.push_back(segment_json(segment));
    }
    json = {{"schema", "longtake/timeline/1"},
            {"rate", timeline.rate},
            {"size", timeline.size},
            {"frames", timeline.frames()},
            {"segments", std::move(segments)},
            {"music", timeline.music ? music_json(*timeline.music) : nlohmann::json(nullptr)},
            {"keep_levels", timeline.keep_levels},
            {"loudness", timeline.loudness ? nlohmann::json(*timeline.loudness) : nlohmann::json(nullptr)}};
}

} // namespace longtake
