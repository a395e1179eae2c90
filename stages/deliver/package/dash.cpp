#include "stages/deliver/package/dash.h"

#include <fmt/format.h>
#include <pugixml.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>

namespace longtake::stages {
namespace {

using pugi::xml_node;

void set(xml_node node, const char* name, const std::string& value)
{
    node.append_attribute(name).set_value(value.c_str());
}

void set(xml_node node, const char* name, std::int64_t value)
{
    node.append_attribute(name).set_value(static_cast<long long>(value));
}

std::string duration(double seconds)
{
    return fmt::format("PT{:.6f}S", seconds);
}

std::string rate_text(Rate rate)
{
    return rate.den == 1 ? fmt::format("{}", rate.num) : fmt::format("{}/{}", rate.num, rate.den);
}

std::string aspect_text(Size size)
{
    const int common = std::gcd(size.width, size.height);
    return fmt::format("{}:{}", size.width / common, size.height / common);
}

void add_property(xml_node node, const char* kind, const char* scheme, const std::string& value)
{
    xml_node property = node.append_child(kind);
    set(property, "schemeIdUri", scheme);
    set(property, "value", value);
}

xml_node add_set(xml_node period, const char* content, const char* mime)
{
    xml_node set_of = period.append_child("AdaptationSet");
    set(set_of, "contentType", content);
    set(set_of, "mimeType", mime);
    return set_of;
}

/// `range`: as HTTP writes it, the last byte included.
std::string range_text(std::int64_t first, std::int64_t end)
{
    return fmt::format("{}-{}", first, end - 1);
}

xml_node add_representation(xml_node set_of, const StreamTrack& track)
{
    xml_node representation = set_of.append_child("Representation");
    set(representation, "id", track.name);
    set(representation, "bandwidth", track.bandwidth.peak);
    set(representation, "codecs", track.index.codec);
    return representation;
}

void add_file(xml_node representation, const StreamTrack& track)
{
    representation.append_child("BaseURL").text().set(track.file.c_str());
    xml_node base = representation.append_child("SegmentBase");
    set(base, "indexRange", range_text(track.index.segment_index.at, track.index.segment_index.end()));
    set(base, "indexRangeExact", std::string("true"));
    set(base, "timescale", track.index.timescale);
    set(base.append_child("Initialization"), "range", range_text(0, track.index.header.bytes));
}

void add_pictures(xml_node period, const StreamContents& contents)
{
    xml_node set_of = add_set(period, "video", "video/mp4");
    set(set_of, "subsegmentAlignment", std::string("true"));
    set(set_of, "subsegmentStartsWithSAP", 1);
    set(set_of, "par", aspect_text(contents.pictures.front().index.size));
    add_property(set_of, "Role", "urn:mpeg:dash:role:2011", "main");
    for (const StreamTrack& track : contents.pictures) {
        xml_node representation = add_representation(set_of, track);
        set(representation, "width", track.index.size.width);
        set(representation, "height", track.index.size.height);
        set(representation, "frameRate", rate_text(contents.rate));
        set(representation, "sar", std::string("1:1"));
        add_file(representation, track);
    }
}

void add_sound(xml_node period, const StreamTrack& sound)
{
    xml_node set_of = add_set(period, "audio", "audio/mp4");
    set(set_of, "subsegmentAlignment", std::string("true"));
    set(set_of, "subsegmentStartsWithSAP", 1);
    add_property(set_of, "Role", "urn:mpeg:dash:role:2011", "main");
    xml_node representation = add_representation(set_of, sound);
    set(representation, "audioSamplingRate", sound.index.sample_rate);
    add_property(representation, "AudioChannelConfiguration", "urn:mpeg:mpegB:cicp:ChannelConfiguration",
                 fmt::format("{}", sound.index.channels));
    add_file(representation, sound);
}

void add_captions(xml_node period, const StreamCaptions& captions)
{
    xml_node set_of = add_set(period, "text", "text/vtt");
    set(set_of, "lang", captions.language.empty() ? "und" : captions.language);
    add_property(set_of, "Role", "urn:mpeg:dash:role:2011", "subtitle");
    set_of.append_child("Label").text().set(captions.name.c_str());
    xml_node representation = set_of.append_child("Representation");
    set(representation, "id", std::string("captions"));
    set(representation, "bandwidth", 1000);
    representation.append_child("BaseURL").text().set(captions.file.c_str());
}

/// Sheets are numbered from 1: "thumbnails-1.jpg".
void add_thumbnails(xml_node period, const StreamThumbnails& thumbnails)
{
    const SpriteLayout& layout = thumbnails.layout;
    const Sprites& sprites = thumbnails.sprites;
    const auto count = std::ssize(sprites.pictures);
    const auto columns = std::min<std::int64_t>(layout.columns, count);
    const auto rows = std::min<std::int64_t>(layout.rows, (count + layout.columns - 1) / layout.columns);
    const double interval = sprites.pictures.front().to - sprites.pictures.front().from;
    xml_node set_of = add_set(period, "image", "image/jpeg");
    xml_node segments = set_of.append_child("SegmentTemplate");
    set(segments, "media", std::string("thumbnails-$Number$.jpg"));
    set(segments, "startNumber", 1);
    set(segments, "timescale", 1000);
    set(segments, "duration", std::llround(1000 * interval * static_cast<double>(columns * rows)));
    xml_node representation = set_of.append_child("Representation");
    set(representation, "id", std::string("thumbnails"));
    set(representation, "bandwidth", thumbnails.bandwidth);
    set(representation, "width", sprites.tile.width * columns);
    set(representation, "height", sprites.tile.height * rows);
    add_property(representation, "EssentialProperty", "http://dashif.org/guidelines/thumbnail_tile",
                 fmt::format("{}x{}", columns, rows));
}

} // namespace

std::string dash_manifest(const StreamContents& contents)
{
    pugi::xml_document document;
    xml_node declaration = document.append_child(pugi::node_declaration);
    set(declaration, "version", std::string("1.0"));
    set(declaration, "encoding", std::string("utf-8"));
    xml_node mpd = document.append_child("MPD");
    set(mpd, "xmlns", std::string("urn:mpeg:dash:schema:mpd:2011"));
    set(mpd, "profiles", std::string("urn:mpeg:dash:profile:isoff-on-demand:2011,urn:mpeg:dash:profile:cmaf:2019"));
    set(mpd, "type", std::string("static"));
    set(mpd, "mediaPresentationDuration", duration(contents.seconds));
    set(mpd, "minBufferTime", duration(contents.segment_seconds));
    if (!contents.title.empty()) {
        mpd.append_child("ProgramInformation").append_child("Title").text().set(contents.title.c_str());
    }
    xml_node period = mpd.append_child("Period");
    set(period, "id", std::string("film"));
    set(period, "start", std::string("PT0S"));
    add_pictures(period, contents);
    if (contents.sound) {
        add_sound(period, *contents.sound);
    }
    if (contents.captions) {
        add_captions(period, *contents.captions);
    }
    if (contents.thumbnails) {
        add_thumbnails(period, *contents.thumbnails);
    }
    std::ostringstream text;
    document.save(text, "  ");
    return text.str();
}

} // namespace longtake::stages
