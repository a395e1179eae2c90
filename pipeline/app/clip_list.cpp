#include "pipeline/app/clip_list.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/text.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <sstream>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

constexpr std::array k_clip_extensions = {".mp4", ".mov", ".m4v", ".mkv",  ".webm",
                                          ".ts",  ".avi", ".mpg", ".mpeg", ".3gp"};

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

bool is_clip(const fs::path& file)
{
    return std::find(k_clip_extensions.begin(), k_clip_extensions.end(), lower(file.extension().string())) !=
           k_clip_extensions.end();
}

bool by_name(const fs::path& a, const fs::path& b)
{
    return natural_less(a.string(), b.string());
}

std::vector<fs::path> clips_in(const fs::path& folder)
{
    std::vector<fs::path> clips;
    for (const auto& entry : fs::directory_iterator(folder)) {
        if (entry.is_regular_file() && is_clip(entry.path()) && !entry.path().filename().string().starts_with('.')) {
            clips.push_back(entry.path());
        }
    }
    if (clips.empty()) {
        throw Error(Errc::usage, folder.string() + ": holds no video files");
    }
    std::sort(clips.begin(), clips.end(), by_name);
    return clips;
}

std::vector<fs::path> matches_of(const std::string& pattern)
{
    glob_t found{};
    std::vector<fs::path> files;
    if (::glob(pattern.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
        files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    }
    ::globfree(&found);
    if (files.empty()) {
        throw Error(Errc::usage, "'" + pattern + "': matches no file");
    }
    std::sort(files.begin(), files.end(), by_name);
    return files;
}

void trim(std::string& text)
{
    const auto space = [](unsigned char c) { return std::isspace(c) != 0; };
    text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), space));
    text.erase(std::find_if_not(text.rbegin(), text.rend(), space).base(), text.end());
}

/// FFmpeg's quoting (ffmpeg-utils(1), "Quoting and escaping"): '...' is taken as it is, elsewhere \ takes the next
/// letter.
std::string unquoted(const std::string& text)
{
    std::string plain;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\'') {
            quoted = !quoted;
        } else if (text[i] == '\\' && !quoted && i + 1 < text.size()) {
            plain += text[++i];
        } else {
            plain += text[i];
        }
    }
    return plain;
}

/// Seconds, or FFmpeg's "[HH:]MM:SS.mmm".
double seconds_in(const std::string& text)
{
    double seconds = 0;
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ':');) {
        const std::optional<double> number = decimal_number(part);
        if (!number || *number < 0) {
            throw Error(Errc::usage, "'" + text + "' is no time; write seconds, or MM:SS.mmm");
        }
        seconds = 60 * seconds + *number;
    }
    return seconds;
}

/// Lists as people write them, a path a line, and as ffmpeg's concat demuxer reads them.
class ListReader {
public:
    explicit ListReader(fs::path folder) : folder_(std::move(folder)) {}

    void line(std::string line)
    {
        trim(line);
        if (line.empty() || line.starts_with('#')) {
            return;
        }
        const std::string word = line.substr(0, line.find_first_of(" \t"));
        std::string rest = line.substr(word.size());
        trim(rest);
        if (word == "file") {
            add(unquoted(rest));
        } else if (word == "inpoint" || word == "outpoint" || word == "duration") {
            part(word, seconds_in(unquoted(rest)));
        } else if (word == "stream" || word == "option" || word == "exact_stream_id") {
            throw Error(Errc::usage, "'" + word + "' is not understood; leave it out, or convert the clip with ffmpeg");
        } else if (word != "ffconcat" && word != "file_packet_metadata" && word != "file_packet_meta") {
            add(line);
        }
    }

    std::vector<NamedClip> clips()
    {
        for (NamedClip& clip : clips_) {
            const auto at = static_cast<std::size_t>(&clip - clips_.data());
            if (durations_[at] && !clip.out) {
                clip.out = clip.in.value_or(0) + *durations_[at];
            }
        }
        return std::move(clips_);
    }

private:
    void add(const std::string& path)
    {
        clips_.push_back({folder_ / path, std::nullopt, std::nullopt});
        durations_.emplace_back();
    }

    void part(const std::string& word, double seconds)
    {
        if (clips_.empty()) {
            throw Error(Errc::usage, "'" + word + "' stands before any file");
        }
        (word == "inpoint" ? clips_.back().in : word == "outpoint" ? clips_.back().out : durations_.back()) = seconds;
    }

    fs::path folder_;
    std::vector<NamedClip> clips_;
    std::vector<std::optional<double>> durations_; ///< of each clip; from where it begins, whichever line comes first
};

std::vector<NamedClip> listed_in(const fs::path& list)
{
    if (fs::exists(list) && !fs::is_regular_file(list)) {
        throw Error(Errc::usage, list.string() + ": is not a regular file; save the list to one first");
    }
    std::string text = read_text(list);
    if (text.starts_with("\xEF\xBB\xBF")) { // a byte order mark
        text.erase(0, 3);
    }
    ListReader reader(list.parent_path());
    std::istringstream lines(text);
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        in_context(list.string() + ":" + std::to_string(++number), [&] { reader.line(line); });
    }
    std::vector<NamedClip> clips = reader.clips();
    if (clips.empty()) {
        throw Error(Errc::usage, list.string() + ": the list names no clips");
    }
    return clips;
}

std::vector<NamedClip> whole(const std::vector<fs::path>& files)
{
    std::vector<NamedClip> clips;
    for (const fs::path& file : files) {
        clips.push_back({file, std::nullopt, std::nullopt});
    }
    return clips;
}

std::vector<NamedClip> meant_by(const std::string& word)
{
    if (word.starts_with('@')) {
        return listed_in(word.substr(1));
    }
    if (fs::is_directory(word)) {
        return whole(clips_in(word));
    }
    if (!fs::exists(word) && word.find_first_of("*?[") != std::string::npos) {
        return whole(matches_of(word));
    }
    if (lower(fs::path(word).extension().string()) == ".txt") {
        return listed_in(word);
    }
    if (lower(fs::path(word).extension().string()) == ".json") {
        throw Error(Errc::usage, word + ": a storyboard has to be named alone, without other clips");
    }
    return whole({word});
}

} // namespace

bool natural_less(const std::string& a, const std::string& b)
{
    std::size_t i = 0;
    std::size_t j = 0;
    const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
    while (i < a.size() && j < b.size()) {
        if (!digit(a[i]) || !digit(b[j])) {
            const int left = std::tolower(static_cast<unsigned char>(a[i++]));
            const int right = std::tolower(static_cast<unsigned char>(b[j++]));
            if (left != right) {
                return left < right;
            }
            continue;
        }
        const auto number = [&](const std::string& text, std::size_t& at) {
            std::size_t end = at;
            while (end < text.size() && digit(text[end])) {
                ++end;
            }
            std::string digits = text.substr(at, end - at);
            digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
            at = end;
            return digits;
        };
        const std::string left = number(a, i);
        const std::string right = number(b, j);
        if (left != right) {
            return left.size() != right.size() ? left.size() < right.size() : left < right;
        }
    }
    return a.size() - i != b.size() - j ? a.size() - i < b.size() - j : a < b;
}

std::vector<NamedClip> clips_of(const std::vector<std::string>& words)
{
    std::vector<NamedClip> clips;
    for (const std::string& word : words) {
        const std::vector<NamedClip> more = meant_by(word);
        clips.insert(clips.end(), more.begin(), more.end());
    }
    return clips;
}

std::vector<std::string> ids_of(const std::vector<NamedClip>& clips)
{
    constexpr std::size_t longest = 56; // an id has 64 at the most, and a number may follow
    std::map<std::string, int> seen;
    std::vector<std::string> ids;
    for (const NamedClip& clip : clips) {
        std::string id = clip.file.stem().string().substr(0, longest);
        std::replace_if(
            id.begin(), id.end(),
            [](unsigned char c) { return !(c < 128 && (std::isalnum(c) != 0 || c == '.' || c == '-' || c == '_')); },
            '-');
        id = id.empty() ? "clip" : id;
        std::string unique = id;
        while (seen.contains(unique)) {
            unique = id + "-" + std::to_string(++seen[id]);
        }
        seen[unique] = 1;
        ids.push_back(unique);
    }
    return ids;
}

} // namespace longtake::app
