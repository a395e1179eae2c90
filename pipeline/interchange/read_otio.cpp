#include "pipeline/interchange/cut.h"
#include "pipeline/interchange/edit.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace longtake::interchange {
namespace {

using nlohmann::json;

/// "Clip.2" -> "Clip"
std::string schema_of(const json& object)
{
    const std::string schema = object.is_object() ? object.value("OTIO_SCHEMA", "") : "";
    return schema.substr(0, schema.find('.'));
}

const json& member(const json& object, const char* name)
{
    static const json none;
    const auto found = object.is_object() ? object.find(name) : object.end();
    return found == object.end() ? none : *found;
}

std::string text_of(const json& object, const char* name)
{
    const json& text = member(object, name);
    return text.is_string() ? text.get<std::string>() : "";
}

/// A RationalTime in frames of the film.
std::int64_t frames_of(const json& time, const Rate& rate)
{
    const double per_second = time.at("rate").get<double>();
    if (!(per_second > 0)) {
        throw Error(Errc::input, "a time in it has no rate");
    }
    return std::llround(time.at("value").get<double>() / per_second * rate.fps());
}

const json& own_data(const json& object)
{
    return member(member(object, "metadata"), "longtake");
}

/// What a clip shows: of Clip.2 the one that is switched on, of Clip.1 the only one.
const json& media_of(const json& clip)
{
    const json& several = member(clip, "media_references");
    if (!several.is_object()) {
        return member(clip, "media_reference");
    }
    const std::string key = text_of(clip, "active_media_reference_key");
    return member(several, key.empty() ? "DEFAULT_MEDIA" : key.c_str());
}

class OtioReader {
public:
    explicit OtioReader(const Rate& rate) : rate_(rate) {}

    std::vector<EditClip> read(const json& otio)
    {
        if (schema_of(otio) != "Timeline") {
            throw Error(Errc::input,
                        "it is no OpenTimelineIO timeline; export the sequence itself, not a bin or a clip");
        }
        for (const json& child : member(picture_track(otio.at("tracks")), "children")) {
            read_child(child);
        }
        if (way_ != nullptr) {
            throw Error(Errc::input, "it ends with a transition into nothing; take it out");
        }
        return std::move(clips_);
    }

private:
    static const json& picture_track(const json& stack)
    {
        const json* found = nullptr;
        for (const json& track : member(stack, "children")) {
            const json& children = member(track, "children");
            const bool shows =
                std::ranges::any_of(children, [](const json& child) { return schema_of(child) != "Gap"; });
            if (text_of(track, "kind") != "Video" || !shows) {
                continue;
            }
            if (found != nullptr) {
                throw Error(Errc::input, "it has clips on two video tracks; put them on one");
            }
            found = &track;
        }
        if (found == nullptr) {
            throw Error(Errc::input, "it has no clips on a video track");
        }
        return *found;
    }

    void read_child(const json& child)
    {
        const std::string schema = schema_of(child);
        if (schema == "Transition") {
            way_ = &child;
        } else if (schema == "Clip") {
            add(child);
        } else if (schema != "Gap") {
            throw Error(Errc::input, fmt::format("'{}' is a {}, and no clip; open it up into its clips",
                                                 text_of(child, "name"), schema));
        } else if (frames_of(member(child, "source_range").at("duration"), rate_) > 0) {
            throw Error(Errc::input, fmt::format("there is a gap after clip {}; close it", clips_.size()));
        }
    }

    static void need_own_speed(const json& clip)
    {
        for (const json& effect : member(clip, "effects")) {
            const std::string schema = schema_of(effect);
            if (schema == "LinearTimeWarp" || schema == "FreezeFrame" || schema == "TimeEffect") {
                throw Error(Errc::input, fmt::format("clip '{}' is shown at another speed ({}), which a film cannot; "
                                                     "take the effect off",
                                                     text_of(clip, "name"), schema));
            }
        }
    }

    void add(const json& clip)
    {
        need_own_speed(clip);
        const json& media = media_of(clip);
        EditClip made;
        made.name = text_of(clip, "name");
        made.shot = text_of(own_data(clip), "shot");
        made.sha256 = text_of(own_data(media), "sha256");
        made.file = path_of(text_of(media, "target_url"));
        const json& available = member(media, "available_range");
        const json& shown = member(clip, "source_range");
        if (shown.is_object()) {
            const std::int64_t origin = available.is_object() ? frames_of(available.at("start_time"), rate_) : 0;
            made.first = frames_of(shown.at("start_time"), rate_) - origin;
            made.frames = frames_of(shown.at("duration"), rate_);
            if (made.frames <= 0) {
                throw Error(Errc::input, fmt::format("clip '{}' has no length; take it out", made.name));
            }
        } else if (available.is_object()) {
            made.frames = frames_of(available.at("duration"), rate_);
        }
        if (way_ != nullptr && !clips_.empty()) {
            add_way(made, *way_);
        }
        way_ = nullptr;
        clips_.push_back(std::move(made));
    }

    void add_way(EditClip& clip, const json& way) const
    {
        clip.before = frames_of(way.at("in_offset"), rate_);
        clip.after = frames_of(way.at("out_offset"), rate_);
        const json& own = own_data(way);
        const std::string type = text_of(own, "type");
        clip.type = type.empty() ? TransitionType::dissolve : parse_transition_type(type);
        clip.held = own.is_object() && own.value("held", false);
        if (clip.before < 0 || clip.after < 0) {
            throw Error(Errc::input, fmt::format("the transition into '{}' has a negative length", clip.name));
        }
    }

    const Rate rate_;
    const json* way_ = nullptr; ///< into the next clip
    std::vector<EditClip> clips_;
};

} // namespace

std::vector<EditClip> read_otio(const json& otio, const Rate& rate)
{
    try {
        return OtioReader(rate).read(otio);
    } catch (const json::exception& broken) {
        throw Error(Errc::input, fmt::format("it is no timeline that can be read ({})", broken.what()));
    }
}

} // namespace longtake::interchange
