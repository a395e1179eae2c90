#pragma once

#include "pipeline/flow/film.h"

#include <filesystem>
#include <string>

namespace longtake::test {

/// All that a film is made with, beside its storyboard.
struct FilmSetup {
    FilmOptions options;
    Account account;
    Observer observer;
};

/// Works in `folder`, with the program's own presets and models.
inline FilmSetup setup_in(const std::filesystem::path& folder, const std::string& output)
{
    FilmSetup setup;
    setup.options.workdir = {folder / "work"};
    setup.account.preset_dirs = {std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"};
    setup.account.catalog = load_models(setup.account.preset_dirs);
    setup.options.output = folder / output;
    return setup;
}

} // namespace longtake::test
