#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace longtake::app {

/// A man page (groff's man macros, man(7)) of the program or of one of its commands, from the definitions that parse
/// the command line: name, synopsis, options, examples, and for the program its commands.
std::string man_page(const CLI::App& command);

/// What the page's file is called: "longtake.1", "longtake-run.1".
std::string man_name(const CLI::App& command);

} // namespace longtake::app
