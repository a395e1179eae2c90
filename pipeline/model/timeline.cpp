#include "pipeline/model/timeline.h"

#include "pipeline/base/error.h"

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
    if (range.framed) {
        json["framed"] = *range.framed;
    }
    if (range.lut) {
        json["lut"] = style_file_json(*range.lut);
    }
    return json;
}

nlohmann::json transition_json(const TimelineTransition& transition)
{
    return {{"type", word(transition.type)}, {"frames", transition.frames}, {"held", transition.held}};
}

nlohmann::json item_json(const Item& item)
{
    nlohmann::json ranges = nlohmann::json::array();
    for (const Range& range : item.ranges) {
        ranges.push_back(range_json(range));
    }
    nlohmann::json json = {{"shot", item.shot},
                           {"start", item.start},
                           {"frames", item.frames},
                           {"transition", transition_json(item.transition)},
                           {"ranges", std::move(ranges)}};
    if (!item.title.empty()) {
        json["title"] = item.title;
    }
    return json;
}

Range range_of(const nlohmann::json& json)
{
    Range range;
    range.kind = json.at("kind") == "still" ? Range::Kind::still : Range::Kind::footage;
    range.file = json.at("file").get<std::string>();
    json.at("sha256").get_to(range.sha256);
    json.at("first").get_to(range.first);
    json.at("frames").get_to(range.frames);
    range.fit = parse_fit(json.at("fit").get<std::string>());
    json.at("sound").get_to(range.sound);
    range.grade = json.value("grade", GradeCurve{});
    range.background = json.value("background", "");
    range.damaged = json.value("damaged", false);
    if (json.contains("framed")) {
        range.framed = json.at("framed").get<FramedWindow>();
    }
    if (json.contains("lut")) {
        range.lut = style_file_of(json.at("lut"));
    }
    return range;
}

Item item_of(const nlohmann::json& json)
{
    Item item;
    json.at("shot").get_to(item.shot);
    json.at("start").get_to(item.start);
    json.at("frames").get_to(item.frames);
    const nlohmann::json& transition = json.at("transition");
    item.transition = {parse_transition_type(transition.at("type").get<std::string>()),
                       transition.at("frames").get<std::int64_t>(), transition.at("held").get<bool>()};
    for (const nlohmann::json& range : json.at("ranges")) {
        item.ranges.push_back(range_of(range));
    }
    item.title = json.value("title", "");
    return item;
}

Music music_of(const nlohmann::json& json)
{
    return {json.at("file").get<std::string>(), json.at("sha256").get<std::string>(), json.at("gain_db").get<double>(),
            json.at("fade_in").get<double>(),   json.at("fade_out").get<double>(),    json.at("duck").get<bool>()};
}

nlohmann::json voice_json(const Voice& voice)
{
    return {{"file", voice.file.string()},
            {"sha256", voice.sha256},
            {"from", voice.from},
            {"to", voice.to},
            {"gain_db", voice.gain_db}};
}

Voice voice_of(const nlohmann::json& json)
{
    return {json.at("file").get<std::string>(), json.at("sha256").get<std::string>(),
            json.at("from").get<std::int64_t>(), json.at("to").get<std::int64_t>(), json.at("gain_db").get<double>()};
}

constexpr const char* k_timeline_schema = "longtake/timeline/1";

nlohmann::json music_json(const Music& music)
{
    return {{"file", music.file.string()}, {"sha256", music.sha256},     {"gain_db", music.gain_db},
            {"fade_in", music.fade_in},    {"fade_out", music.fade_out}, {"duck", music.duck}};
}

} // namespace

std::int64_t Timeline::frames() const noexcept
{
    std::int64_t end = 0;
    for (const Item& item : items) {
        end = std::max(end, item.start + item.frames);
    }
    return end;
}

bool Timeline::has_sound() const noexcept
{
    return music.has_value() || !voices.empty() || std::any_of(items.begin(), items.end(), [](const Item& item) {
               return std::any_of(item.ranges.begin(), item.ranges.end(), [](const Range& r) { return r.sound; });
           });
}

void to_json(nlohmann::json& json, const Timeline& timeline)
{
    nlohmann::json items = nlohmann::json::array();
    for (const Item& item : timeline.items) {
        items.push_back(item_json(item));
    }
    json = {{"schema", k_timeline_schema},
            {"rate", timeline.rate},
            {"size", timeline.size},
            {"frames", timeline.frames()},
            {"segments", std::move(items)},
            {"music", timeline.music ? music_json(*timeline.music) : nlohmann::json(nullptr)},
            {"keep_levels", timeline.keep_levels},
            {"loudness", timeline.loudness ? nlohmann::json(*timeline.loudness) : nlohmann::json(nullptr)}};
    if (!timeline.overlays.empty()) {
        json["overlays"] = timeline.overlays;
    }
    for (const Voice& voice : timeline.voices) {
        json["voices"].push_back(voice_json(voice));
    }
    if (timeline.captions) {
        json["captions"] = *timeline.captions;
    }
}

void from_json(const nlohmann::json& json, Timeline& timeline)
{
    if (!json.is_object() || json.value("schema", "") != k_timeline_schema) {
        throw Error(Errc::input,
                    std::string("this is no timeline that this version reads (") + k_timeline_schema + ")");
    }
    timeline = {};
    json.at("rate").get_to(timeline.rate);
    json.at("size").get_to(timeline.size);
    for (const nlohmann::json& item : json.at("segments")) {
        timeline.items.push_back(item_of(item));
    }
    if (const nlohmann::json& music = json.at("music"); music.is_object()) {
        timeline.music = music_of(music);
    }
    json.at("keep_levels").get_to(timeline.keep_levels);
    if (const nlohmann::json& loudness = json.at("loudness"); loudness.is_number()) {
        timeline.loudness = loudness.get<double>();
    }
    timeline.overlays = json.value("overlays", std::vector<Overlay>{});
    for (const nlohmann::json& voice : json.value("voices", nlohmann::json::array())) {
        timeline.voices.push_back(voice_of(voice));
    }
    if (json.contains("captions")) {
        timeline.captions = json.at("captions").get<Captions>();
    }
}

} // namespace longtake
