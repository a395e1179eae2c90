#include "stages/deliver/package/hls.h"

#include "pipeline/model/speech/caption.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace longtake::stages {
namespace {

using av::cmaf::ByteRange;

constexpr std::int64_t k_start_bandwidth =
    2'000'000; ///< bits/s of the size that players begin with (Apple's specification)

/// An attribute's quoted string has no quotes and no line ends (RFC 8216, 4.2).
std::string quoted(std::string text)
{
    std::erase_if(text, [](char c) { return c == '\n' || c == '\r'; });
    std::ranges::replace(text, '"', '\'');
    return '"' + text + '"';
}

std::string playlist_of(const StreamTrack& track)
{
    return track.name + ".m3u8";
}

std::string keyframes_of(const StreamTrack& track)
{
    return track.name + "-keyframes.m3u8";
}

/// What a track is named by its fragments: what it lasts, where it lies.
struct Entry {
    ByteRange where;
    std::int64_t ticks = 0;
};

std::vector<Entry> segments_in(const StreamTrack& track)
{
    std::vector<Entry> entries;
    for (const av::cmaf::MediaSegment& segment : track.segments) {
        entries.push_back({segment.where, segment.ticks});
    }
    return entries;
}

/// From the beginning of a fragment to the end of its first picture.
std::vector<Entry> keyframes_in(const StreamTrack& track)
{
    std::vector<Entry> entries;
    for (const av::cmaf::Fragment& fragment : track.index.fragments) {
        entries.push_back({{fragment.where.at, fragment.first_sample.end() - fragment.where.at}, fragment.ticks});
    }
    return entries;
}

std::string head(int target)
{
    return fmt::format("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n#EXT-X-PLAYLIST-TYPE:VOD\n", target);
}

/// Of one file, in the ranges of bytes that players fetch. `target`: whole seconds that none is longer than.
std::string media_playlist(const StreamTrack& track, const std::vector<Entry>& entries, int target, const char* more)
{
    std::string text = head(target) + more;
    text += fmt::format("#EXT-X-MAP:URI=\"{}\",BYTERANGE=\"{}@0\"\n", track.file, track.index.header.bytes);
    for (const Entry& entry : entries) {
        text += fmt::format("#EXTINF:{:.6f},\n#EXT-X-BYTERANGE:{}@{}\n{}\n", track.index.seconds(entry.ticks),
                            entry.where.bytes, entry.where.at, track.file);
    }
    return text + "#EXT-X-ENDLIST\n";
}

int rounded_up(double seconds)
{
    constexpr double k_tick = 1e-6; // of what playlists say
    return std::max(1, static_cast<int>(std::ceil(seconds - k_tick)));
}

/// Every playlist of a stream but those of captions and keyframes has the same (RFC 8216, 6.2.4). Seconds are rounded
/// to the nearest (4.3.3.1).
int target_of(const StreamContents& contents)
{
    double longest = 0;
    const auto add = [&](const StreamTrack& track) {
        for (const av::cmaf::MediaSegment& segment : track.segments) {
            longest = std::max(longest, track.index.seconds(segment.ticks));
        }
    };
    std::ranges::for_each(contents.pictures, add);
    if (contents.sound) {
        add(*contents.sound);
    }
    return std::max(1, static_cast<int>(std::lround(longest)));
}

int longest_fragment(const StreamTrack& track)
{
    std::int64_t most = 0;
    for (const av::cmaf::Fragment& fragment : track.index.fragments) {
        most = std::max(most, fragment.ticks);
    }
    return rounded_up(track.index.seconds(most));
}

/// Bits a second of the keyframe that is largest for its time.
std::int64_t keyframe_bandwidth(const StreamTrack& track)
{
    double most = 0;
    for (const Entry& entry : keyframes_in(track)) {
        most = std::max(most, 8.0 * static_cast<double>(entry.where.bytes) / track.index.seconds(entry.ticks));
    }
    return std::llround(most);
}

std::string captions_playlist(const StreamContents& contents)
{
    return head(rounded_up(contents.seconds)) +
           fmt::format("#EXTINF:{:.6f},\n{}\n#EXT-X-ENDLIST\n", contents.seconds, contents.captions->file);
}

std::string thumbnails_playlist(const StreamContents& contents)
{
    const StreamThumbnails& thumbnails = *contents.thumbnails;
    const Sprites& sprites = thumbnails.sprites;
    const SpriteLayout& layout = thumbnails.layout;
    std::string text = head(rounded_up(layout.interval * layout.columns * layout.rows)) + "#EXT-X-IMAGES-ONLY\n";
    for (std::size_t sheet = 0; sheet < thumbnails.files.size(); ++sheet) {
        const auto on_it = [&](const Sprite& sprite) { return sprite.sheet == sheet; };
        const auto first = std::ranges::find_if(sprites.pictures, on_it);
        const auto count = std::ranges::count_if(sprites.pictures, on_it);
        const double to = (first + count - 1)->to;
        text += fmt::format("#EXTINF:{:.6f},\n#EXT-X-TILES:RESOLUTION={},LAYOUT={}x{},DURATION={:.6f}\n{}\n",
                            to - first->from, sprites.tile.text(), std::min<std::int64_t>(layout.columns, count),
                            (count + layout.columns - 1) / layout.columns, first->to - first->from,
                            thumbnails.files[sheet]);
    }
    return text + "#EXT-X-ENDLIST\n";
}

std::string media_groups(const StreamContents& contents)
{
    std::string text;
    if (contents.sound) {
        text += fmt::format("#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"sound\",NAME=\"Sound\",DEFAULT=YES,AUTOSELECT=YES,"
                            "CHANNELS=\"{}\",URI=\"{}\"\n",
                            contents.sound->index.channels, playlist_of(*contents.sound));
    }
    if (contents.captions) {
        const StreamCaptions& captions = *contents.captions;
        const std::string language = captions.language.empty() ? "" : ",LANGUAGE=" + quoted(captions.language);
        text += fmt::format(
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"captions\",NAME={}{},DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,"
            "URI=\"captions.m3u8\"\n",
            quoted(captions.name), language);
    }
    return text;
}

std::string variant(const StreamContents& contents, const StreamTrack& track)
{
    const auto& sound = contents.sound;
    const auto with_sound = [&](std::int64_t picture, std::int64_t of_sound) {
        return picture + (sound ? of_sound : 0);
    };
    std::string text =
        fmt::format("#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}{}\",RESOLUTION={},FRAME-RATE={:."
                    "3f},VIDEO-RANGE=SDR",
                    with_sound(track.bandwidth.peak, sound ? sound->bandwidth.peak : 0),
                    with_sound(track.bandwidth.average, sound ? sound->bandwidth.average : 0), track.index.codec,
                    sound ? "," + sound->index.codec : "", track.index.size.text(), contents.rate.fps());
    text += sound ? ",AUDIO=\"sound\"" : "";
    text += contents.captions ? ",SUBTITLES=\"captions\"" : "";
    return text + ",CLOSED-CAPTIONS=NONE\n" + playlist_of(track) + "\n";
}

std::string keyframe_variant(const StreamTrack& track)
{
    return fmt::format(
        "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH={},CODECS=\"{}\",RESOLUTION={},VIDEO-RANGE=SDR,URI=\"{}\"\n",
        keyframe_bandwidth(track), track.index.codec, track.index.size.text(), keyframes_of(track));
}

/// Players begin with the first one.
const StreamTrack& first_played(const StreamContents& contents)
{
    return *std::ranges::min_element(contents.pictures, {}, [](const StreamTrack& track) {
        return std::abs(track.bandwidth.average - k_start_bandwidth);
    });
}

std::string multivariant_playlist(const StreamContents& contents)
{
    std::string text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n";
    if (!contents.title.empty()) {
        text += "#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.title\",VALUE=" + quoted(contents.title) + "\n";
    }
    if (!contents.chapters.empty()) {
        text += "#EXT-X-SESSION-DATA:DATA-ID=\"com.apple.hls.chapters\",URI=\"chapters.json\"\n";
    }
    text += media_groups(contents);
    const StreamTrack& first = first_played(contents);
    text += variant(contents, first);
    for (const StreamTrack& track : contents.pictures) {
        text += &track == &first ? "" : variant(contents, track);
    }
    for (const StreamTrack& track : contents.pictures) {
        text += keyframe_variant(track);
    }
    if (contents.thumbnails) {
        const StreamThumbnails& thumbnails = *contents.thumbnails;
        text +=
            fmt::format("#EXT-X-IMAGE-STREAM-INF:BANDWIDTH={},RESOLUTION={},CODECS=\"jpeg\",URI=\"thumbnails.m3u8\"\n",
                        thumbnails.bandwidth, thumbnails.sprites.tile.text());
    }
    return text;
}

} // namespace

std::vector<Manifest> hls_playlists(const StreamContents& contents)
{
    const int target = target_of(contents);
    std::vector<Manifest> playlists = {{"master.m3u8", multivariant_playlist(contents)}};
    for (const StreamTrack& track : contents.pictures) {
        playlists.push_back(
            {playlist_of(track), media_playlist(track, segments_in(track), target, "#EXT-X-INDEPENDENT-SEGMENTS\n")});
        playlists.push_back({keyframes_of(track), media_playlist(track, keyframes_in(track), longest_fragment(track),
                                                                 "#EXT-X-I-FRAMES-ONLY\n")});
    }
    if (contents.sound) {
        const StreamTrack& sound = *contents.sound;
        playlists.push_back(
            {playlist_of(sound), media_playlist(sound, segments_in(sound), target, "#EXT-X-INDEPENDENT-SEGMENTS\n")});
    }
    if (contents.captions) {
        playlists.push_back({"captions.m3u8", captions_playlist(contents)});
    }
    if (contents.thumbnails) {
        playlists.push_back({"thumbnails.m3u8", thumbnails_playlist(contents)});
    }
    return playlists;
}

std::string chapters_json(const StreamContents& contents)
{
    nlohmann::ordered_json chapters = nlohmann::ordered_json::array();
    for (const StreamChapter& chapter : contents.chapters) {
        chapters.push_back({{"chapter", chapters.size() + 1},
                            {"start-time", chapter.from},
                            {"duration", chapter.to - chapter.from},
                            {"titles", {{{"language", "und"}, {"title", chapter.title}}}}});
    }
    return chapters.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

} // namespace longtake::stages
