#pragma once

#include "pipeline/app/session.h"
#include "pipeline/model/storyboard.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// Where a storyboard comes from: a file or a campaign preset, or `--image`, `--prompt` and `--seconds`; and what flags
/// change in it.
struct StoryboardOptions {
    std::filesystem::path storyboard;
    std::optional<std::filesystem::path> image;
    std::optional<std::filesystem::path> end_image;
    std::string prompt;
    std::optional<std::string> seconds;
    std::optional<std::string> provider;
    std::vector<std::string> set;
    std::optional<std::filesystem::path> vars; ///< JSON: values of a campaign's variables by name
    bool demo = false;                         ///< a campaign's examples stand in for what is not given
    std::optional<std::filesystem::path> save; ///< where the storyboard is written as it came to be
    bool lenient = false;
};

void add_board_options(CLI::App& command, StoryboardOptions& options);

/// The storyboard, with its values and changes. `presets` are those of `-p`: where no storyboard is named, one of them
/// may be a campaign's, which is taken out of them; the others, or the storyboard's own, say what canvases there are.
/// Throws Error(usage).
Storyboard read_board(const StoryboardOptions& options, std::vector<std::string>& presets, Session& session);

/// The current folder's presets/, then the usual places: where campaigns are looked for.
PresetDirs with_presets_here(PresetDirs dirs);

/// The shapes that delivery presets ask for ("9:16"), each once.
std::vector<std::string> canvases_of(const std::vector<std::string>& presets, const PresetDirs& dirs);

} // namespace longtake::app
