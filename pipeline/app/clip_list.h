#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace longtake::app {

/// The clips a command line means, in order. Each word is one of: a media file; a folder (its media files, not those of
/// folders inside, in natural order of their names: "clip2" before "clip10"); a pattern with * ? or [ that the shell
/// left (its matches in natural order); "@FILE" or a .txt file: a list, one path a line, relative to the list, `#`
/// begins a comment, ffmpeg's `file 'path'` is understood. Throws Error(usage) for what names nothing.
std::vector<std::filesystem::path> clips_of(const std::vector<std::string>& words);

/// Whether `a` comes before `b`: runs of digits count as numbers, letters without regard to case.
bool natural_less(const std::string& a, const std::string& b);

/// A shot's id for each clip: its file's name without extension, made unique and allowed.
std::vector<std::string> ids_of(const std::vector<std::filesystem::path>& clips);

} // namespace longtake::app
