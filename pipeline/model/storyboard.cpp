#include "pipeline/model/storyboard.h"

#include "pipeline/model/schema/schema.h"
#include "pipeline/model/storyboard_rules.h"

#include <fmt/format.h>

#include <charconv>
#include <numeric>
#include <set>

namespace longtake {
namespace {

using nlohmann::json;

Transition transition_of(const json& value)
{
    Transition transition = parse_transition(value.at("type").get<std::string>());
    if (value.contains("seconds")) {
        transition.seconds = parse_seconds(value.at("seconds"));
    }
    transition.timing = parse_timing(value.value("timing", "auto"));
    return transition;
}

Continuation continuation_of(const std::string& text)
{
    return text == "extend"       ? Continuation::extend
           : text == "last-frame" ? Continuation::last_frame
                                  : Continuation::automatic;
}

MatchColour match_colour_of(const std::string& text)
{
    return text == "anchor" ? MatchColour::anchor : text == "off" ? MatchColour::off : MatchColour::handoff;
}

Ending ending_of(const std::string& text)
{
    return text == "fade" ? Ending::fade : text == "cut" ? Ending::cut : Ending::automatic;
}

/// Lays the keys that stand in `keys` over `settings`.
void overlay(ShotSettings& settings, const json& keys)
{
    const auto when = [&](const char* key, auto set) {
        if (const auto found = keys.find(key); found != keys.end()) {
            set(*found);
        }
    };
    when("model", [&](const json& v) { v.get_to(settings.model); });
    when("mode", [&](const json& v) {
        v.get_to(settings.mode);
        settings.resolution.clear(); // of the defaults
    });
    when("resolution", [&](const json& v) { v.get_to(settings.resolution); });
    when("hdr", [&](const json& v) { v.get_to(settings.hdr); });
    when("aspect_ratio", [&](const json& v) { settings.aspect_ratio = v.get<std::string>(); });
    when("cfg_scale", [&](const json& v) { v.get_to(settings.cfg_scale); });
    when("negative_prompt", [&](const json& v) { v.get_to(settings.negative_prompt); });
    when("fit", [&](const json& v) { settings.fit = parse_fit(v.get<std::string>()); });
    when("focus", [&](const json& v) { v.get_to(settings.focus); });
    when("background", [&](const json& v) { v.get_to(settings.background); });
    when("lenient", [&](const json& v) { v.get_to(settings.lenient); });
    when("fields", [&](const json& v) { settings.each_field = v.get<std::string>() == "double"; });
    when("continue", [&](const json& v) { settings.continuation = continuation_of(v.get<std::string>()); });
    when("transition", [&](const json& v) { settings.transition = transition_of(v); });
    when("camera", [&](const json& v) { settings.camera = v.get<CameraMove>(); });
    when("sound", [&](const json& v) { v.get_to(settings.sound); });
    when("voices", [&](const json& v) { v.get_to(settings.voices); });
    when("watermark", [&](const json& v) { v.get_to(settings.watermark); });
    when("callback_url", [&](const json& v) { v.get_to(settings.callback_url); });
    when("match_colour", [&](const json& v) { settings.match_colour = match_colour_of(v.get<std::string>()); });
    when("max_drift", [&](const json& v) { v.get_to(settings.max_drift); });
}

/// Reads the parts of a storyboard whose paths lie relative to one folder.
class Reader {
public:
    explicit Reader(const std::filesystem::path& base_dir) : base_(std::filesystem::absolute(base_dir)) {}

    Shot shot(const json& value, std::size_t index, ShotSettings settings) const
    {
        Shot shot;
        overlay(settings, value);
        if (!settings.sound) {
            settings.voices.clear(); // those of the defaults, on a shot that is to be silent
        }
        shot.settings = std::move(settings);
        if (index == 0) {
            shot.settings.transition = {}; // nothing to come from; the default of the others does not apply
        }
        shot.id = shot_id(value, index);
        shot.title = value.value("title", "");
        shot.prompt = value.value("prompt", "");
        shot.extend_prompts = value.value("extend_prompts", std::vector<std::string>{});
        shot.image = path(value, "image");
        shot.end_image = path(value, "end_image");
        shot.clip = path(value, "clip");
        shot.static_mask = path(value, "static_mask");
        for (const json& mask : value.value("dynamic_masks", json::array())) {
            shot.dynamic_masks.push_back(dynamic_mask(mask));
        }
        if (value.contains("card")) {
            shot.card = card(value.at("card"));
        }
        for (const json& image : value.value("images", json::array())) {
            shot.images.push_back(resolved(image));
        }
        for (const json& picture : value.value("keyframes", json::array())) {
            shot.keyframes.push_back(resolved(picture));
        }
        for (const json& reference : value.value("references", json::array())) {
            shot.references.push_back(reference_of(reference));
        }
        shot.edit = path(value, "edit");
        shot.multi_shot = parts(value.value("multi_shot", json::array()));
        if (value.contains("effect")) {
            const json& effect = value.at("effect");
            shot.effect = Effect{(effect.is_string() ? effect : effect.at("scene")).get<std::string>()};
        }
        if (value.contains("lip_sync")) {
            shot.lip_sync = lip_sync(value.at("lip_sync"));
        }
        shot.overlays = overlays(value);
        shot.voice = path(value, "voice");
        shot.caption = value.value("caption", "");
        shot.as_long_as_voice = value.value("seconds", json()) == k_as_voice;
        shot.as_long_as_text = value.value("seconds", json()) == k_as_text;
        if (!shot.as_long_as_voice && !shot.as_long_as_text) {
            shot.seconds = shot.multi_shot.empty() ? time(value, "seconds") : sum_of(shot.multi_shot);
        }
        shot.in = time(value, "in").value_or(0);
        shot.out = time(value, "out");
        return shot;
    }

    static std::vector<OverlayWords> overlays(const json& owner)
    {
        std::vector<OverlayWords> list;
        for (const json& value : owner.value("overlays", json::array())) {
            list.push_back(overlay_of(value));
        }
        return list;
    }

    std::string style(const json& owner, const char* key) const
    {
        return owner.contains(key) ? style_reference(owner.at(key), base_) : "";
    }

    AudioSettings audio(const json& value) const
    {
        AudioSettings audio;
        audio.music = path(value, "music");
        audio.music_db = value.value("music_db", audio.music_db);
        audio.fade_in = time(value, "fade_in").value_or(0);
        audio.fade_out = time(value, "fade_out");
        audio.voice = path(value, "voice");
        audio.voice_db = value.value("voice_db", audio.voice_db);
        audio.duck = value.value("duck", audio.duck);
        audio.beat = value.value("beat", audio.beat);
        audio.clips = value.value("clips", audio.clips);
        if (value.contains("loudness")) {
            audio.keep_levels = value.at("loudness") == "keep";
            if (!audio.keep_levels) {
                audio.loudness = value.at("loudness").get<double>();
            }
        }
        return audio;
    }

    /// A file's name alone, or all there is to say.
    CaptionSettings captions(const json& value) const
    {
        CaptionSettings captions;
        if (value.is_string()) {
            captions.file = resolved(value);
            return captions;
        }
        captions.file = path(value, "file");
        captions.language = value.value("language", "");
        captions.highlight_words = value.value("highlight_words", captions.highlight_words);
        if (value.contains("as")) {
            captions.as.clear();
            for (const json& form : value.at("as")) {
                captions.as.push_back(parse_caption_form(form.get<std::string>()));
            }
        }
        return captions;
    }

private:
    static std::optional<double> time(const json& value, const char* key)
    {
        return value.contains(key) ? std::optional(parse_seconds(value.at(key))) : std::nullopt;
    }

    static OverlayWords overlay_of(const json& value)
    {
        OverlayWords words;
        words.texts = role_texts(value);
        if (value.contains("text")) {
            words.texts.push_back({parse_text_role(value.value("style", "title")), value.at("text")});
        }
        words.from = time(value, "from");
        words.to = time(value, "to");
        const auto motion = [&](const char* key) {
            return value.contains(key) ? std::optional(parse_motion(value.at(key).get<std::string>())) : std::nullopt;
        };
        words.in = motion("in");
        words.out = motion("out");
        words.at = parse_place(value.value("at", "lower"));
        return words;
    }

    /// A text's first line is its title, what follows its subtitle.
    static std::vector<RoleText> title_and_rest(const std::string& text)
    {
        const std::size_t end = text.find('\n');
        std::vector<RoleText> texts = {{TextRole::title, text.substr(0, end)}};
        if (end != std::string::npos && end + 1 < text.size()) {
            texts.push_back({TextRole::subtitle, text.substr(end + 1)});
        }
        return texts;
    }

    Card card(const json& value) const
    {
        Card card;
        card.text = value.value("text", "");
        card.texts = role_texts(value);
        card.style = style(value, "style");
        if (!card.style.empty() && card.texts.empty()) {
            card.texts = title_and_rest(card.text);
        }
        card.background = value.value("background", card.background);
        card.colour = value.value("colour", card.colour);
        card.font = value.value("font", card.font);
        return card;
    }

    static std::vector<ShotPart> parts(const json& list)
    {
        std::vector<ShotPart> parts;
        for (const json& part : list) {
            parts.push_back({part.at("prompt").get<std::string>(), part.at("seconds").get<double>()});
        }
        return parts;
    }

    static double sum_of(const std::vector<ShotPart>& parts)
    {
        return std::accumulate(parts.begin(), parts.end(), 0.0,
                               [](double sum, const ShotPart& part) { return sum + part.seconds; });
    }

    LipSync lip_sync(const json& value) const
    {
        LipSync sync;
        sync.audio = path(value, "audio");
        sync.text = value.value("text", sync.text);
        sync.voice = value.value("voice", sync.voice);
        sync.language = value.value("language", sync.language);
        sync.speed = value.value("speed", sync.speed);
        return sync;
    }

    Reference reference_of(const json& value) const
    {
        const auto kind = value.contains("image")  ? Reference::Kind::picture
                          : value.contains("clip") ? Reference::Kind::film
                                                   : Reference::Kind::sound;
        const char* key = kind == Reference::Kind::picture ? "image" : kind == Reference::Kind::film ? "clip" : "sound";
        return {kind, value.at("name").get<std::string>(), *path(value, key)};
    }

    std::filesystem::path resolved(const json& path) const
    {
        return (base_ / path.get<std::string>()).lexically_normal();
    }

    std::optional<std::filesystem::path> path(const json& value, const char* key) const
    {
        return value.contains(key) ? std::optional(resolved(value.at(key))) : std::nullopt;
    }

    DynamicMask dynamic_mask(const json& value) const
    {
        DynamicMask mask{.mask = *path(value, "mask"), .trajectory = {}};
        for (const json& point : value.at("trajectory")) {
            mask.trajectory.push_back({point.at("x").get<int>(), point.at("y").get<int>()});
        }
        return mask;
    }

    std::filesystem::path base_;
};

} // namespace

std::string shot_id(const nlohmann::json& shot, std::size_t index)
{
    return shot.value("id", fmt::format("shot-{}", index + 1));
}

Storyboard storyboard_from_json(const nlohmann::json& json, const std::filesystem::path& base_dir,
                                const std::string& origin)
{
    check_schema(json, "storyboard", origin);
    check_storyboard_rules(json, origin);

    Storyboard board;
    board.title = json.value("title", "");
    board.provider = json.value("provider", "local");
    if (const auto size = json.value("size", std::string("auto")); size != "auto") {
        board.size = Size::parse(size);
    }
    if (json.contains("fps") && json.at("fps") != "auto") {
        board.fps = json.at("fps").get<Rate>();
    }
    ShotSettings defaults;
    overlay(defaults, json.value("defaults", nlohmann::json::object()));
    const Reader reader(base_dir);
    for (std::size_t i = 0; i < json.at("shots").size(); ++i) {
        board.shots.push_back(reader.shot(json.at("shots")[i], i, defaults));
    }
    board.audio = reader.audio(json.value("audio", nlohmann::json::object()));
    board.brand = reader.style(json, "brand");
    board.overlays = reader.overlays(json);
    if (json.contains("captions")) {
        board.captions = reader.captions(json.at("captions"));
    }
    board.ending = ending_of(json.value("ending", "auto"));
    board.deliver = json.value("deliver", std::vector<std::string>{});
    return board;
}

Storyboard load_storyboard(const std::filesystem::path& file)
{
    const nlohmann::json json = read_json(file);
    const auto whole = std::filesystem::absolute(file).lexically_normal();
    Storyboard board = storyboard_from_json(json, whole.parent_path(), file.string());
    board.file = whole;
    return board;
}

std::vector<std::filesystem::path> files_of(const Shot& shot)
{
    std::vector<std::filesystem::path> files = shot.images;
    files.insert(files.end(), shot.keyframes.begin(), shot.keyframes.end());
    for (const auto& file : {shot.image, shot.end_image, shot.clip, shot.edit, shot.static_mask}) {
        if (file) {
            files.push_back(*file);
        }
    }
    for (const DynamicMask& mask : shot.dynamic_masks) {
        files.push_back(mask.mask);
    }
    for (const Reference& reference : shot.references) {
        files.push_back(reference.file);
    }
    if (shot.voice) {
        files.push_back(*shot.voice);
    }
    if (shot.lip_sync && shot.lip_sync->audio) {
        files.push_back(*shot.lip_sync->audio);
    }
    return files;
}

std::vector<std::filesystem::path> voice_files(const Storyboard& board)
{
    std::set<std::filesystem::path> files;
    if (board.audio.voice) {
        files.insert(*board.audio.voice);
    }
    for (const Shot& shot : board.shots) {
        if (shot.voice) {
            files.insert(*shot.voice);
        }
    }
    return {files.begin(), files.end()};
}

double parse_seconds(const nlohmann::json& value)
{
    if (value.is_number()) {
        return value.get<double>();
    }
    const auto text = value.get<std::string>();
    double seconds = 0;
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t colon = std::min(text.find(':', from), text.size());
        double part = 0;
        std::from_chars(text.data() + from, text.data() + colon, part, std::chars_format::fixed);
        seconds = seconds * 60 + part;
        from = colon + 1;
    }
    return seconds;
}

} // namespace longtake
