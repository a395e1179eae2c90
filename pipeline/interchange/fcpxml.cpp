#include "pipeline/interchange/events.h"
#include "pipeline/interchange/formats.h"
#include "pipeline/interchange/timecode.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <sstream>

namespace longtake::interchange {
namespace {

constexpr const char* k_cross_dissolve = "FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"; ///< as Final Cut exports it

/// Where an event's clip stands in a storyline: a dissolve lies in equal parts before and after the place where two
/// clips meet, each of which goes on under it.
struct SpineClip {
    EditEvent event;
    std::int64_t at = 0;
    std::int64_t first = 0;
    std::int64_t frames = 0;
};

std::vector<SpineClip> placed(const Timeline& timeline)
{
    std::vector<SpineClip> clips;
    for (const EditEvent& event : events_of(timeline)) {
        const std::int64_t half = event.dissolve / 2;
        if (!clips.empty()) {
            clips.back().frames += half;
        }
        const Piece& piece = event.piece;
        clips.push_back({event, piece.at + half, piece.first + (event.frozen ? 0 : half), piece.frames - half});
    }
    std::erase_if(clips, [](const SpineClip& clip) { return clip.frames <= 0; });
    return clips;
}

class FcpxmlWriter {
public:
    explicit FcpxmlWriter(const Cut& cut) : cut_(cut), timeline_(cut.timeline), rate_(timeline_.rate) {}

    std::string write()
    {
        pugi::xml_node declaration = document_.append_child(pugi::node_declaration);
        declaration.append_attribute("version") = "1.0";
        declaration.append_attribute("encoding") = "UTF-8";
        document_.append_child(pugi::node_doctype).set_value("fcpxml");
        pugi::xml_node root = document_.append_child("fcpxml");
        set(root, "version", "1.10");
        resources_ = root.append_child("resources");
        add_formats();
        const std::vector<SpineClip> clips = placed(timeline_);
        measure(clips);
        pugi::xml_node event = root.append_child("library").append_child("event");
        set(event, "name", cut_.title);
        pugi::xml_node project = event.append_child("project");
        set(project, "name", cut_.title);
        add_sequence(project, clips);
        std::ostringstream text;
        document_.save(text, " ");
        return text.str();
    }

private:
    static void set(pugi::xml_node node, const char* name, const std::string& value)
    {
        node.append_attribute(name) = value.c_str();
    }

    /// Frames as an exact fraction of seconds.
    std::string time(std::int64_t frames) const
    {
        if (frames == 0) {
            return "0s";
        }
        const std::int64_t over = frames * rate_.den;
        const std::int64_t common = std::gcd(over, std::int64_t{rate_.num});
        return rate_.num == common ? fmt::format("{}s", over / common)
                                   : fmt::format("{}/{}s", over / common, rate_.num / common);
    }

    void add_formats()
    {
        for (const bool still : {false, true}) {
            pugi::xml_node format = resources_.append_child("format");
            set(format, "id", still ? "r2" : "r1");
            if (still) {
                set(format, "name", "FFVideoFormatRateUndefined");
            } else {
                set(format, "frameDuration", time(1));
            }
            set(format, "width", std::to_string(timeline_.size.width));
            set(format, "height", std::to_string(timeline_.size.height));
            set(format, "colorSpace", "1-1-1 (Rec. 709)");
        }
        pugi::xml_node effect = resources_.append_child("effect");
        set(effect, "id", "r3");
        set(effect, "name", "Cross Dissolve");
        set(effect, "uid", k_cross_dissolve);
    }

    /// How much of each file is used, where nothing better is known: dissolves use more than their clips show.
    void measure(const std::vector<SpineClip>& clips)
    {
        used_ = cut_.media_frames;
        const auto use = [&](const std::filesystem::path& file, std::int64_t end) {
            if (!cut_.media_frames.contains(file)) {
                used_[file] = std::max(used_[file], end);
            }
        };
        for (const SpineClip& clip : clips) {
            use(clip.event.piece.range->file, clip.event.piece.first + clip.event.piece.frames);
            if (clip.event.dissolve > 0) {
                use(clip.event.from.range->file, clip.event.from.first + clip.event.dissolve);
            }
        }
        for (const MusicLoop& loop : music_loops(cut_)) {
            use(timeline_.music->file, loop.frames);
        }
    }

    static void add_metadata(pugi::xml_node owner, const Origin& origin)
    {
        pugi::xml_node metadata = owner.append_child("metadata");
        const auto add = [&](const char* key, const std::string& value) {
            if (!value.empty()) {
                pugi::xml_node md = metadata.append_child("md");
                set(md, "key", std::string("com.longtake.") + key);
                set(md, "value", value);
            }
        };
        add("take", origin.take);
        add("provider", origin.provider);
        add("model", origin.model);
        add("task", origin.task);
        add("prompt", origin.prompt);
        add("cost", origin.cost ? fmt::format("{:.4f} USD", *origin.cost) : "");
    }

    enum class Kind { film, still, sound };

    /// The resource of a file, made at its first use.
    std::string asset(const std::filesystem::path& file, const std::string& name, Kind kind, bool sounds,
                      const Origin* origin)
    {
        const auto known = assets_.find(file);
        if (known != assets_.end()) {
            return known->second;
        }
        std::string id = fmt::format("r{}", 4 + assets_.size());
        assets_[file] = id;
        pugi::xml_node asset = resources_.append_child("asset");
        set(asset, "id", id);
        set(asset, "name", name);
        set(asset, "start", "0s");
        set(asset, "duration", kind == Kind::still ? "0s" : time(used_[file]));
        if (kind != Kind::sound) {
            set(asset, "hasVideo", "1");
            set(asset, "format", kind == Kind::still ? "r2" : "r1");
        }
        if (sounds) {
            set(asset, "hasAudio", "1");
            set(asset, "audioSources", "1");
            set(asset, "audioChannels", "2");
            set(asset, "audioRate", "48000");
        }
        pugi::xml_node media = asset.append_child("media-rep");
        set(media, "kind", "original-media");
        set(media, "src", url_of(file));
        if (origin != nullptr) {
            add_metadata(asset, *origin);
        }
        return id;
    }

    void add_sequence(pugi::xml_node project, const std::vector<SpineClip>& clips)
    {
        pugi::xml_node sequence = project.append_child("sequence");
        set(sequence, "format", "r1");
        set(sequence, "duration", time(timeline_.frames()));
        set(sequence, "tcStart", "0s");
        set(sequence, "tcFormat", drop_frame() ? "DF" : "NDF");
        set(sequence, "audioLayout", "stereo");
        set(sequence, "audioRate", "48k");
        pugi::xml_node spine = sequence.append_child("spine");
        for (const SpineClip& clip : clips) {
            add_clip(spine, clip, &clip == clips.data());
        }
    }

    bool drop_frame() const
    {
        try {
            return timecode_base(rate_).drop;
        } catch (const Error&) { // a rate without timecode
            return false;
        }
    }

    void add_clip(pugi::xml_node spine, const SpineClip& clip, bool first)
    {
        const EditEvent& event = clip.event;
        const Range& range = *event.piece.range;
        if (event.dissolve > 0) {
            pugi::xml_node transition = spine.append_child("transition");
            set(transition, "name", word(event.type));
            set(transition, "offset", time(event.piece.at));
            set(transition, "duration", time(event.dissolve));
            pugi::xml_node filter = transition.append_child("filter-video");
            set(filter, "ref", "r3");
            set(filter, "name", "Cross Dissolve");
        }
        const bool still = range.kind == Range::Kind::still;
        const Origin* origin = cut_.origin(range);
        const std::string ref =
            asset(range.file, name_of(cut_, event.piece), still ? Kind::still : Kind::film, range.sound, origin);
        pugi::xml_node node = spine.append_child(still ? "video" : "asset-clip");
        set(node, "ref", ref);
        set(node, "offset", time(clip.at));
        set(node, "name", event.piece.item->shot);
        set(node, "start", time(event.frozen ? 0 : clip.first));
        set(node, "duration", time(clip.frames));
        if (!still && !range.sound) {
            set(node, "srcEnable", "video");
        }
        if (origin != nullptr) {
            node.append_child("note").text() = origin->prompt.c_str();
        }
        if (event.frozen && !still) {
            hold(node, clip);
        }
        if (first) {
            add_sounds(node, event.frozen ? 0 : clip.first);
        }
    }

    /// A clip of one frame.
    void hold(pugi::xml_node clip, const SpineClip& placed)
    {
        pugi::xml_node map = clip.append_child("timeMap");
        for (const std::int64_t at : {std::int64_t{0}, placed.frames}) {
            pugi::xml_node point = map.append_child("timept");
            set(point, "time", time(at));
            set(point, "value", time(placed.first));
            set(point, "interp", "linear");
        }
    }

    /// Music and voices hang on the first clip; places are told in that clip's own time.
    void add_sounds(pugi::xml_node clip, std::int64_t origin)
    {
        const auto add = [&](const std::filesystem::path& file, const char* name, int lane, std::int64_t at,
                             std::int64_t frames, double gain) {
            pugi::xml_node sound = clip.append_child("asset-clip");
            used_[file] = std::max(used_[file], frames);
            set(sound, "ref", asset(file, file.filename().string(), Kind::sound, true, nullptr));
            set(sound, "lane", std::to_string(lane));
            set(sound, "offset", time(origin + at));
            set(sound, "name", name);
            set(sound, "duration", time(frames));
            set(sound, "audioRole", lane == -1 ? "music" : "dialogue");
            set(sound.append_child("adjust-volume"), "amount", fmt::format("{}dB", gain));
        };
        for (const MusicLoop& loop : music_loops(cut_)) {
            add(timeline_.music->file, "music", -1, loop.at, loop.frames, timeline_.music->gain_db);
        }
        for (const Voice& voice : timeline_.voices) {
            add(voice.file, "voice", -2, voice.from, voice.to - voice.from, voice.gain_db);
        }
    }

    const Cut& cut_;
    const Timeline& timeline_;
    const Rate rate_;
    pugi::xml_document document_;
    pugi::xml_node resources_;
    std::map<std::filesystem::path, std::string> assets_;
    std::map<std::filesystem::path, std::int64_t> used_;
};

} // namespace

std::string to_fcpxml(const Cut& cut)
{
    return FcpxmlWriter(cut).write();
}

} // namespace longtake::interchange
