#include "pipeline/interchange/events.h"
#include "pipeline/interchange/formats.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <numeric>
#include <sstream>

namespace longtake::interchange {
namespace {

/// Writes MLT's XML: one playlist of the picture, in which a dissolve is a small tractor of two tracks, one of music
/// and one of voices.
class MltWriter {
public:
    explicit MltWriter(const Cut& cut) : cut_(cut), timeline_(cut.timeline) {}

    std::string write()
    {
        document_.append_child(pugi::node_declaration).append_attribute("version") = "1.0";
        root_ = document_.append_child("mlt");
        set(root_, "LC_NUMERIC", "C");
        set(root_, "version", "7.12.0");
        set(root_, "title", cut_.title);
        set(root_, "producer", "film");
        add_profile();
        std::vector<std::string> tracks{add_pictures()};
        if (timeline_.music) {
            tracks.push_back(add_music());
        }
        if (!timeline_.voices.empty()) {
            tracks.push_back(add_voices());
        }
        add_film(tracks);
        std::ostringstream text;
        document_.save(text, " ");
        return text.str();
    }

private:
    static void set(pugi::xml_node node, const char* name, const std::string& value)
    {
        node.append_attribute(name) = value.c_str();
    }

    static void property(pugi::xml_node node, const char* name, const std::string& value)
    {
        if (!value.empty()) {
            pugi::xml_node made = node.append_child("property");
            set(made, "name", name);
            made.text() = value.c_str();
        }
    }

    /// First and last frame, both included, as MLT counts.
    static void set_range(pugi::xml_node node, std::int64_t first, std::int64_t frames)
    {
        set(node, "in", std::to_string(first));
        set(node, "out", std::to_string(first + frames - 1));
    }

    void add_profile()
    {
        const Size size = timeline_.size;
        const int common = std::gcd(size.width, size.height);
        pugi::xml_node profile = root_.append_child("profile");
        const auto number = [&](const char* name, int value) { profile.append_attribute(name) = value; };
        set(profile, "description", "longtake");
        number("width", size.width);
        number("height", size.height);
        number("progressive", 1);
        number("sample_aspect_num", 1);
        number("sample_aspect_den", 1);
        number("display_aspect_num", size.width / common);
        number("display_aspect_den", size.height / common);
        number("frame_rate_num", timeline_.rate.num);
        number("frame_rate_den", timeline_.rate.den);
        number("colorspace", 709);
    }

    std::string new_id(const char* kind) { return fmt::format("{}{}", kind, made_++); }

    pugi::xml_node producer(const std::filesystem::path& file, const char* service, std::int64_t last)
    {
        pugi::xml_node node = root_.append_child("producer");
        set(node, "id", new_id("producer"));
        set_range(node, 0, last);
        property(node, "resource", file.string());
        property(node, "mlt_service", service);
        return node;
    }

    /// A piece's footage as a producer of its own, so that it carries where it came from.
    std::string picture(const Piece& piece, std::int64_t frames, bool frozen)
    {
        const Range& range = *piece.range;
        if (range.kind == Range::Kind::still) {
            pugi::xml_node still = producer(range.file, "qimage", frames);
            property(still, "ttl", "1");
            describe(still, piece);
            return still.attribute("id").value();
        }
        pugi::xml_node node =
            producer(range.file, frozen ? "hold" : "avformat", frozen ? frames : piece.first + frames);
        if (frozen) {
            property(node, "frame", std::to_string(piece.first));
        }
        if (frozen || !range.sound) {
            property(node, "audio_index", "-1");
        }
        describe(node, piece);
        return node.attribute("id").value();
    }

    void describe(pugi::xml_node node, const Piece& piece)
    {
        property(node, "shotcut:caption", piece.item->shot);
        property(node, "kdenlive:clipname", piece.item->shot);
        property(node, "longtake:shot", piece.item->shot);
        if (const Origin* origin = cut_.origin(*piece.range)) {
            property(node, "longtake:take", origin->take);
            property(node, "longtake:provider", origin->provider);
            property(node, "longtake:model", origin->model);
            property(node, "longtake:task", origin->task);
            property(node, "longtake:prompt", origin->prompt);
            property(node, "longtake:cost", origin->cost ? fmt::format("{:.4f} USD", *origin->cost) : "");
        }
    }

    static pugi::xml_node entry(pugi::xml_node playlist, const std::string& producer, std::int64_t first,
                                std::int64_t frames)
    {
        pugi::xml_node node = playlist.append_child("entry");
        set(node, "producer", producer);
        set_range(node, first, frames);
        return node;
    }

    static void track(pugi::xml_node tractor, const std::string& producer, std::int64_t first, std::int64_t frames)
    {
        pugi::xml_node node = tractor.append_child("track");
        set(node, "producer", producer);
        set_range(node, first, frames);
    }

    static pugi::xml_node transition(pugi::xml_node tractor, const char* service, int a, int b)
    {
        pugi::xml_node node = tractor.append_child("transition");
        property(node, "mlt_service", service);
        property(node, "a_track", std::to_string(a));
        property(node, "b_track", std::to_string(b));
        return node;
    }

    std::string dissolve(const EditEvent& event, const std::string& into)
    {
        const std::int64_t frames = event.dissolve;
        const Piece leaving{event.from.item, event.from.range, 0, event.from.first, frames};
        const std::string from = picture(leaving, frames, false);
        const bool still = leaving.range->kind == Range::Kind::still;
        pugi::xml_node tractor = root_.append_child("tractor");
        std::string id = new_id("dissolve");
        set(tractor, "id", id);
        set_range(tractor, 0, frames);
        property(tractor, "longtake:transition", word(event.type));
        track(tractor, from, still ? 0 : leaving.first, frames);
        track(tractor, into, first_in(event), frames);
        set_range(transition(tractor, "luma", 0, 1), 0, frames);
        pugi::xml_node mix = transition(tractor, "mix", 0, 1);
        set_range(mix, 0, frames);
        property(mix, "start", "-1");
        return id;
    }

    /// Where a piece begins in its producer.
    static std::int64_t first_in(const EditEvent& event)
    {
        return event.frozen || event.piece.range->kind == Range::Kind::still ? 0 : event.piece.first;
    }

    std::string add_pictures()
    {
        std::vector<std::pair<std::string, std::pair<std::int64_t, std::int64_t>>> entries; // producers come first
        for (const EditEvent& event : events_of(timeline_)) {
            const std::string id = picture(event.piece, event.piece.frames, event.frozen);
            if (event.dissolve > 0) {
                entries.push_back({dissolve(event, id), {0, event.dissolve}});
            }
            if (const std::int64_t rest = event.piece.frames - event.dissolve; rest > 0) {
                entries.push_back({id, {first_in(event) + event.dissolve, rest}});
            }
        }
        pugi::xml_node playlist = root_.append_child("playlist");
        set(playlist, "id", "pictures");
        for (const auto& [id, range] : entries) {
            entry(playlist, id, range.first, range.second);
        }
        return "pictures";
    }

    static void add_gain(pugi::xml_node owner, const std::string& level)
    {
        pugi::xml_node filter = owner.append_child("filter");
        property(filter, "mlt_service", "volume");
        property(filter, "level", level);
    }

    /// The music's gain over the film, dB, with its fades.
    std::string music_level(const Music& music) const
    {
        constexpr int k_silent = -60;
        const std::int64_t last = timeline_.frames() - 1;
        const std::int64_t in = timeline_.rate.frames(music.fade_in);
        const std::int64_t out = timeline_.rate.frames(music.fade_out);
        std::string level;
        if (in > 0) {
            level = fmt::format("0={};", k_silent);
        }
        level += fmt::format("{}={}", in, music.gain_db);
        if (out > 0) {
            level += fmt::format(";{}={};{}={}", std::max(in + 1, last - out), music.gain_db, last, k_silent);
        }
        return level;
    }

    std::string add_music()
    {
        const Music& music = *timeline_.music;
        const std::vector<MusicLoop> loops = music_loops(cut_);
        const std::string id = producer(music.file, "avformat", loops.front().frames).attribute("id").value();
        pugi::xml_node playlist = root_.append_child("playlist");
        set(playlist, "id", "music");
        for (const MusicLoop& loop : loops) {
            entry(playlist, id, 0, loop.frames);
        }
        add_gain(playlist, music_level(music));
        return "music";
    }

    std::string add_voices()
    {
        std::vector<std::string> ids;
        for (const Voice& voice : timeline_.voices) {
            pugi::xml_node node = producer(voice.file, "avformat", voice.to - voice.from);
            add_gain(node, fmt::format("{}", voice.gain_db));
            ids.emplace_back(node.attribute("id").value());
        }
        pugi::xml_node playlist = root_.append_child("playlist");
        set(playlist, "id", "voices");
        std::int64_t at = 0;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            const Voice& voice = timeline_.voices[i];
            const std::int64_t from = std::max(at, voice.from);
            if (from > at) {
                set(playlist.append_child("blank"), "length", std::to_string(from - at));
            }
            if (voice.to > from) {
                entry(playlist, ids[i], 0, voice.to - from);
                at = voice.to;
            }
        }
        return "voices";
    }

    void add_film(const std::vector<std::string>& tracks)
    {
        pugi::xml_node film = root_.append_child("tractor");
        set(film, "id", "film");
        set_range(film, 0, timeline_.frames());
        for (const std::string& name : tracks) {
            pugi::xml_node node = film.append_child("track");
            set(node, "producer", name);
            if (name != "pictures") {
                set(node, "hide", "video");
            }
        }
        for (std::size_t i = 1; i < tracks.size(); ++i) {
            pugi::xml_node mix = transition(film, "mix", 0, static_cast<int>(i));
            property(mix, "always_active", "1");
            property(mix, "sum", "1");
        }
    }

    const Cut& cut_;
    const Timeline& timeline_;
    pugi::xml_document document_;
    pugi::xml_node root_;
    int made_ = 0;
};

} // namespace

std::string to_mlt(const Cut& cut)
{
    return MltWriter(cut).write();
}

} // namespace longtake::interchange
