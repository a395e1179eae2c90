#pragma once

#include "pipeline/model/storyboard.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// Where a storyboard comes from: a file, or `--image`, `--prompt` and `--seconds`; and what flags change in it.
struct StoryboardOptions {
    std::filesystem::path storyboard;
    std::optional<std::filesystem::path> image;
    std::optional<std::filesystem::path> end_image;
    std::string prompt;
    std::optional<std::string> seconds;
    std::optional<std::string> provider;
    std::vector<std::string> set;
    bool lenient = false;
};

void add_board_options(CLI::App& command, StoryboardOptions& options);

/// The storyboard, with `--set` and `--provider` applied. Throws Error(usage).
Storyboard read_board(const StoryboardOptions& options);

} // namespace longtake::app
