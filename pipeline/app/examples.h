#pragma once

#include <CLI/CLI.hpp>

namespace longtake::app {

/// Gives each command its own examples, below its help.
void add_examples(CLI::App& app);

} // namespace longtake::app
