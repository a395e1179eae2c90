#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// A clip that was named, and which part of it.
struct NamedClip {
    std::filesystem::path file;
    std::optional<double> in;  ///< seconds
    std::optional<double> out; ///< seconds

    friend bool operator==(const NamedClip&, const NamedClip&) = default;
};

/// The clips a command line means, in order. Each word is one of: a media file; a folder (its media files, not those of
/// folders inside, in natural order of their names: "clip2" before "clip10"); a pattern with * ? or [ that the shell
/// left (its matches in natural order); "@FILE" or a .txt file: a list, one path a line, relative to the list, `#`
/// begins a comment; of ffmpeg's lists `file 'path'`, `inpoint`, `outpoint` and `duration` are understood. Throws
/// Error(usage) for what names nothing, and for what of such a list would change the film and is not understood.
std::vector<NamedClip> clips_of(const std::vector<std::string>& words);

/// Whether `a` comes before `b`: runs of digits count as numbers, letters without regard to case.
bool natural_less(const std::string& a, const std::string& b);

/// A shot's id for each clip: its file's name without extension, made unique and allowed.
std::vector<std::string> ids_of(const std::vector<NamedClip>& clips);

} // namespace longtake::app
