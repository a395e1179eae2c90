#pragma once

#include "pipeline/model/rate.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// What a new storyboard is made of.
struct Material {
    struct Shot {
        std::filesystem::path file;
        Size size;                       ///< as displayed
        std::optional<double> seconds{}; ///< of a clip; empty: a picture
    };
    std::vector<Shot> shots;
    std::optional<std::filesystem::path> music;
    std::vector<std::string> skipped{}; ///< what is of no use: "FILE: REASON"
};

/// Looks at what the command line means: a folder stands for the pictures and clips in it, in natural order of their
/// names. Sound that is found there is the music, unless `music` names it or there are several. Throws Error(input)
/// for a file that is named and can be none of these, and Error(usage) if nothing is left to show.
Material material_of(const std::vector<std::filesystem::path>& words, std::optional<std::filesystem::path> music);

/// What is asked of a new storyboard.
struct NewFilm {
    std::string title;
    double seconds = 4;                 ///< of a picture
    std::filesystem::path file;         ///< that it is written to: paths are relative to its folder
    std::vector<std::string> deliver{}; ///< presets; empty: one that fits the pictures' shape
};

/// A commented storyboard, ready to run offline and to be edited.
std::string new_storyboard(const Material& material, const NewFilm& film);

} // namespace longtake::app
