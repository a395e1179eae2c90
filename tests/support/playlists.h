#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::test {

/// A file that would show another one, if its reader let it.
struct Playlist {
    std::string kind;
    std::string text;
};

/// Each kind that FFmpeg's readers know, of `file`.
inline std::vector<Playlist> playlists_of(const std::string& file)
{
    return {
        {"HLS", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:10\n#EXTINF:1.0,\n" + file + "\n#EXT-X-ENDLIST\n"},
        {"HLS of HLS", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1280000\n" + file + "\n"},
        {"DASH",
         "<?xml version=\"1.0\"?>\n<MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" "
         "mediaPresentationDuration=\"PT1S\" profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\"><Period>"
         "<AdaptationSet contentType=\"video\" mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1000\" "
         "width=\"64\" height=\"48\"><BaseURL>" +
             file + "</BaseURL></Representation></AdaptationSet></Period></MPD>\n"},
        {"ffconcat", "ffconcat version 1.0\nfile '" + file + "'\n"},
        {"SDP", "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n"
                "a=rtpmap:96 H264/90000\n"}};
}

/// A MOV whose samples are in `other`, as editors save references to their media: the clip `whole` with an alias for
/// its data reference. Its index comes last, so that nothing in it moves.
inline void write_reference_movie(const std::filesystem::path& whole, const std::string& other,
                                  const std::filesystem::path& file, std::size_t levels)
{
    std::ifstream in(whole, std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const std::size_t path = (other.size() + 1) / 2 * 2;
    const std::string name = std::filesystem::path(other).filename().string();
    std::string alias(170 + path, '\0'); // a Macintosh alias record, of which FFmpeg reads the path
    const auto put = [&](std::size_t at, std::size_t width, std::size_t value) {
        for (std::size_t i = 0; i < width; ++i) {
            alias[at + i] = static_cast<char>(value >> (8 * (width - 1 - i)));
        }
    };
    put(0, 4, alias.size());
    alias.replace(4, 4, "alis");
    put(22, 1, 1); // a volume's name of one letter
    alias[23] = 'v';
    put(62, 1, name.size());
    alias.replace(63, name.size(), name);
    put(142, 2, levels); // from the alias up and down to it; none: the path is absolute
    put(144, 2, levels);
    put(162, 2, 2); // the path
    put(164, 2, other.size());
    alias.replace(166, other.size(), other);
    put(166 + path, 2, 0xFFFF);
    const std::size_t old = bytes.rfind("url ") - 4;
    bytes.replace(old, 12, alias);
    std::size_t end = old;
    for (const char* box : {"dref", "dinf", "minf", "mdia", "trak", "moov"}) {
        end = bytes.rfind(box, end) - 4;
        std::size_t size = alias.size() - 12;
        for (std::size_t i = 0; i < 4; ++i) {
            size += static_cast<std::size_t>(static_cast<unsigned char>(bytes[end + i])) << (8 * (3 - i));
        }
        for (std::size_t i = 0; i < 4; ++i) {
            bytes[end + i] = static_cast<char>(size >> (8 * (3 - i)));
        }
    }
    std::ofstream(file, std::ios::binary) << bytes;
}

} // namespace longtake::test
