#pragma once

#include "pipeline/base/error.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// A picture that the command line means.
struct ListedPicture {
    std::filesystem::path file;
    std::string name{};             ///< of what is made of it, without extension; no two have the same
    bool renamed = false;           ///< `name` is not the file's own: another picture has that
    std::optional<Error> refused{}; ///< there is no such picture, and why
};

/// What is in a folder and not hidden, in natural order of its names. Throws Error(input) if it cannot be read.
std::vector<std::filesystem::path> shown_entries(const std::filesystem::path& folder);

struct PictureList {
    std::vector<ListedPicture> pictures;
    std::vector<std::string> skipped; ///< what stands in the folders beside pictures: "FILE: REASON"
};

/// The pictures a command line means, in order. A folder stands for the pictures in it, in natural order of their
/// names, not for those of folders inside and for nothing hidden: every file (links are followed) whose first bytes,
/// or whose extension, are a picture's. A folder without any is refused. Pictures of one stem (without regard to
/// case) are numbered from the second on: "cup", "cup-2".
PictureList pictures_of(const std::vector<std::filesystem::path>& words);

} // namespace longtake::app
