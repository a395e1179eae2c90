#include "pipeline/model/preset.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

bool is_file_name(const std::string& name)
{
    return name.ends_with(".json");
}

fs::path file_in(const fs::path& dir, const std::string& name)
{
    return dir / "delivery" / (name + ".json");
}

/// "group/name" stays below its folder: no empty, "." or ".." steps.
bool is_plain_name(const std::string& name)
{
    const fs::path path(name);
    return !path.empty() && path.is_relative() && std::none_of(path.begin(), path.end(), [](const fs::path& step) {
        return step.empty() || step == "." || step == "..";
    });
}

/// Follows `extends` from file to file.
class Resolver {
public:
    explicit Resolver(const PresetDirs& dirs) : dirs_(dirs) {}

    json resolve(const std::string& name) { return is_file_name(name) ? load(name, name) : load_named(name, 0); }

private:
    json load_named(const std::string& name, std::size_t first_dir)
    {
        for (std::size_t i = first_dir; i < dirs_.size() && is_plain_name(name); ++i) {
            if (const fs::path file = file_in(dirs_[i], name); fs::is_regular_file(file)) {
                return load(file, name, i);
            }
        }
        throw Error(Errc::usage, unknown_name("preset", name, preset_names(dirs_)));
    }

    json load(const fs::path& file, const std::string& name, std::size_t dir = 0)
    {
        trail_.push_back(name);
        if (!seen_.insert(fs::weakly_canonical(file)).second) {
            throw Error(Errc::usage, fmt::format("{}: extends itself: {}", file.string(), join(trail_, " -> ")));
        }
        json preset = read_json(file);
        if (preset.is_object() && preset.contains("extends") && preset.at("extends").is_string()) {
            json base = parent(preset.at("extends").get<std::string>(), file, name, dir);
            preset = merged(std::move(base), preset);
        }
        check_schema(preset, "delivery", file.string());
        return preset;
    }

    /// A preset that extends its own name changes the one it hides: that of a less important folder.
    json parent(const std::string& wanted, const fs::path& file, const std::string& name, std::size_t dir)
    {
        return in_context(file.string() + ": extends", [&] {
            if (is_file_name(wanted)) {
                const fs::path other = file.parent_path() / wanted;
                return load(other, wanted);
            }
            return load_named(wanted, wanted == name ? dir + 1 : 0);
        });
    }

    static json merged(json base, json changes)
    {
        changes.erase("extends");
        base.merge_patch(changes);
        return base;
    }

    const PresetDirs& dirs_;
    std::set<fs::path> seen_;
    std::vector<std::string> trail_;
};

std::optional<double> number_of(const json& value, const char* key)
{
    return value.contains(key) ? std::optional(value.at(key).get<double>()) : std::nullopt;
}

Preset::Video video_of(const json& value)
{
    Preset::Video video;
    value.at("codec").get_to(video.codec);
    value.at("encoder").get_to(video.encoder);
    video.profile = value.value("profile", "");
    video.pixel_format = value.value("pixel_format", video.pixel_format);
    video.crf = number_of(value, "crf");
    if (value.contains("max_bitrate")) {
        video.max_bitrate = value.at("max_bitrate").get<std::int64_t>();
    }
    video.encoder_preset = value.value("encoder_preset", "");
    video.tune = value.value("tune", "");
    video.gop_seconds = value.value("gop_seconds", video.gop_seconds);
    video.bframes = value.value("bframes", video.bframes);
    video.options = value.value("options", json::object());
    return video;
}

Preset::Audio audio_of(const json& value)
{
    Preset::Audio audio;
    value.at("codec").get_to(audio.codec);
    audio.bitrate = value.value("bitrate", audio.bitrate);
    audio.sample_rate = value.value("sample_rate", audio.sample_rate);
    audio.channels = value.value("channels", audio.channels);
    audio.loudness = value.value("loudness", audio.loudness);
    audio.true_peak = value.value("true_peak", audio.true_peak);
    audio.tolerance = value.value("tolerance", audio.tolerance);
    audio.short_term = number_of(value, "short_term");
    return audio;
}

Preset::Limits limits_of(const json& value)
{
    Preset::Limits limits;
    limits.min_seconds = number_of(value, "min_seconds");
    limits.max_seconds = number_of(value, "max_seconds");
    if (value.contains("max_bytes")) {
        limits.max_bytes = value.at("max_bytes").get<std::int64_t>();
    }
    limits.fill = value.value("fill", false);
    return limits;
}

std::optional<Preset::Sprites> sprites_of(const json& value)
{
    if (!value.is_object()) {
        return std::nullopt;
    }
    Preset::Sprites sprites;
    sprites.interval = value.value("interval", sprites.interval);
    if (value.contains("tile")) {
        sprites.tile = value.at("tile").get<Size>();
    }
    sprites.columns = value.value("columns", sprites.columns);
    sprites.rows = value.value("rows", sprites.rows);
    return sprites;
}

std::optional<Rate> rate_of(const json& value, const char* key)
{
    return value.contains(key) ? std::optional(value.at(key).get<Rate>()) : std::nullopt;
}

Preset::Copies copies_of(const json& value)
{
    if (value.is_string()) { // the one word the schema has
        return Preset::Copies::within_limits;
    }
    return value.get<bool>() ? Preset::Copies::any : Preset::Copies::none;
}

Preset::Package package_of(const std::string& word)
{
    return word == "hls"    ? Preset::Package::hls
           : word == "dash" ? Preset::Package::dash
           : word == "cmaf" ? Preset::Package::cmaf
                            : Preset::Package::file;
}

/// Players change between the sizes of a stream: what lies in one of them is bounded, and begins at a time that all
/// share.
void check_stream(const Preset& preset)
{
    if (preset.package == Preset::Package::file) {
        return;
    }
    if (preset.ladder.empty()) {
        throw Error(Errc::usage, "a stream needs a \"ladder\" of sizes");
    }
    if (preset.audio.codec != "aac") {
        throw Error(Errc::usage, "the sound of a stream is \"aac\", not \"" + preset.audio.codec + "\"");
    }
    if (preset.segment_seconds < preset.video.gop_seconds) {
        throw Error(Errc::usage, fmt::format("segments of {:g} s hold no keyframe interval of {:g} s; raise "
                                             "\"segment_seconds\" or lower \"gop_seconds\"",
                                             preset.segment_seconds, preset.video.gop_seconds));
    }
}

Preset preset_of(const json& value, const std::string& name)
{
    Preset preset;
    preset.name = name;
    value.at("description").get_to(preset.description);
    value.at("container").get_to(preset.container);
    value.at("extension").get_to(preset.extension);
    if (value.contains("size")) {
        preset.size = value.at("size").get<Size>();
    }
    preset.short_side = value.value("short_side", 0);
    for (const json& step : value.value("by_length", json::array())) {
        preset.by_length.push_back({step.at("up_to").get<double>(), step.at("short_side").get<int>()});
    }
    preset.first_seconds = number_of(value, "first_seconds");
    const std::string dynamic = value.value("dynamic_range", "sdr");
    preset.dynamic_range = dynamic == "hlg"  ? DynamicRange::hlg
                           : dynamic == "pq" ? DynamicRange::pq
                                             : DynamicRange::sdr;
    preset.interlaced = value.value("interlaced", false);
    preset.never_upscale = value.value("never_upscale", false);
    preset.edit_list = value.value("edit_list", true);
    preset.copies = copies_of(value.value("copies", json(false)));
    preset.fps = rate_of(value, "fps");
    preset.max_fps = rate_of(value, "max_fps");
    preset.min_fps = rate_of(value, "min_fps");
    const std::string reframe = value.value("reframe", "blur");
    preset.reframe = reframe == "crop"  ? Preset::Reframe::crop
                     : reframe == "pad" ? Preset::Reframe::pad
                                        : Preset::Reframe::blur;
    preset.sprites = sprites_of(value.value("sprites", json()));
    preset.video = video_of(value.at("video"));
    preset.audio = audio_of(value.at("audio"));
    preset.limits = limits_of(value.value("limits", json::object()));
    if (value.contains("accepts")) {
        preset.accepts = value.at("accepts").get<Accepts>();
    }
    preset.safe_box = value.value("safe_box", json());
    value.at("source").get_to(preset.source);
    value.at("checked").get_to(preset.checked);
    preset.note = value.value("note", "");
    preset.resolved = value;
    preset.package = package_of(value.value("package", "file"));
    preset.segment_seconds = value.value("segment_seconds", preset.segment_seconds);
    preset.ladder = value.value("ladder", json::array()).get<std::vector<json>>();
    check_stream(preset);
    return preset;
}

/// The schema's defaults where the preset says nothing.
void fill_defaults(json& value, const json& rules)
{
    for (const auto& [key, rule] : rules.at("properties").items()) {
        if (rule.contains("default") && !value.contains(key)) {
            value[key] = rule.at("default");
        } else if (rule.contains("properties") && value.contains(key)) {
            fill_defaults(value[key], rule);
        }
    }
}

/// What a preset says about itself, and no file shows.
constexpr const char* k_prose[] = {"$schema", "accepts", "description", "source", "checked", "note"};

} // namespace

nlohmann::json resolved_preset(const PresetDirs& dirs, const std::string& name)
{
    return Resolver(dirs).resolve(name);
}

Preset load_preset(const PresetDirs& dirs, const std::string& name)
{
    json value = resolved_preset(dirs, name);
    fill_defaults(value, schema("delivery"));
    return in_context(name,
                      [&] { return preset_of(value, is_file_name(name) ? fs::path(name).stem().string() : name); });
}

std::vector<std::string> preset_names(const PresetDirs& dirs)
{
    std::set<std::string> names;
    for (const fs::path& dir : dirs) {
        const fs::path root = dir / "delivery";
        if (!fs::is_directory(root)) {
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(root)) {
            if (entry.is_regular_file() && entry.path().extension() == ".json") {
                names.insert(entry.path().lexically_relative(root).replace_extension().generic_string());
            }
        }
    }
    return {names.begin(), names.end()};
}

Preset changed_preset(const Preset& preset, const nlohmann::json& changes)
{
    json value = preset.resolved;
    value.merge_patch(changes);
    return preset_of(value, preset.name);
}

std::vector<Preset> rungs_of(const Preset& preset, Size film)
{
    std::vector<Preset> rungs;
    for (const json& changes : preset.ladder) {
        json value = preset.resolved;
        for (const char* of_streams : {"package", "ladder", "segment_seconds", "limits"}) {
            value.erase(of_streams);
        }
        value.merge_patch(changes);
        value.update({{"container", "cmaf"}, {"extension", ".mp4"}, {"never_upscale", true}});
        rungs.push_back(preset_of(value, preset.name));
    }
    std::ranges::stable_sort(rungs, [](const Preset& a, const Preset& b) {
        return std::pair(a.short_side, a.video.max_bitrate) > std::pair(b.short_side, b.video.max_bitrate);
    });
    const int side = std::min(film.width, film.height);
    const auto fits = std::ranges::find_if(rungs, [&](const Preset& rung) { return rung.short_side <= side; });
    rungs.erase(rungs.begin(), fits == rungs.end() && !rungs.empty() ? std::prev(rungs.end()) : fits);
    for (std::size_t i = 0; i < rungs.size(); ++i) {
        const auto same = std::ranges::count(rungs, rungs[i].short_side, &Preset::short_side);
        rungs[i].name =
            same == 1 ? fmt::format("{}p", rungs[i].short_side)
                      : fmt::format("{}p-{}k", rungs[i].short_side, rungs[i].video.max_bitrate.value_or(0) / 1000);
    }
    return rungs;
}

Preset preset_for_length(const Preset& preset, double seconds)
{
    if (preset.by_length.empty()) {
        return preset;
    }
    const auto fits = [&](const Preset::LengthStep& step) { return seconds <= step.up_to; };
    const auto found = std::ranges::find_if(preset.by_length, fits);
    const Preset::LengthStep& step = found == preset.by_length.end() ? preset.by_length.back() : *found;
    return changed_preset(preset, {{"short_side", step.short_side}});
}

nlohmann::json shape_of(const Preset& preset)
{
    json shape = preset.resolved;
    for (const char* word : k_prose) {
        shape.erase(word);
    }
    return shape;
}

Preset master_preset()
{
    // The GOP is about libx264's own choice; generated clips, beside which it stands, are one GOP. Three B-frames are
    // libx264's own choice: better and faster than the two platforms ask for.
    json value = {{"schema", "longtake/delivery/1"},
                  {"description", "H.264 master at the film's own size and rate"},
                  {"container", "mp4"},
                  {"extension", ".mp4"},
                  {"copies", true},
                  {"video",
                   {{"codec", "h264"},
                    {"encoder", "libx264"},
                    {"profile", "high"},
                    {"crf", 18},
                    {"encoder_preset", "medium"},
                    {"gop_seconds", 10},
                    {"bframes", 3}}},
                  {"audio", {{"codec", "aac"}, {"bitrate", 192'000}}},
                  {"source", ""},
                  {"checked", ""}};
    fill_defaults(value, schema("delivery"));
    return preset_of(value, "master");
}

Preset hevc_master_preset(const std::string& pixel_format)
{
    return changed_preset(master_preset(), {{"description", "HEVC master at the film's own size and rate"},
                                            {"video",
                                             {{"codec", "hevc"},
                                              {"encoder", "libx265"},
                                              {"profile", pixel_format == "yuv420p" ? "main" : "main10"},
                                              {"pixel_format", pixel_format},
                                              {"crf", 20}}}});
}

Preset av1_master_preset(const std::string& pixel_format)
{
    return changed_preset(master_preset(), {{"description", "AV1 master at the film's own size and rate"},
                                            {"video",
                                             {{"codec", "av1"},
                                              {"encoder", "libsvtav1"},
                                              {"profile", nullptr},
                                              {"pixel_format", pixel_format},
                                              {"crf", 16},
                                              {"encoder_preset", "8"},
                                              {"bframes", 0}}}});
}

} // namespace longtake
