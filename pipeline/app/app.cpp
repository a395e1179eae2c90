#include "pipeline/app/app.h"

#include "pipeline/app/examples.h"
#include "pipeline/app/session.h"
#include "pipeline/av/version.h"
#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <sstream>
#include <string_view>
#include <vector>

namespace longtake::app {
namespace {

constexpr const char* k_examples = R"(
Examples:
  longtake init photos/ --music song.mp3 -o film.json       a storyboard of your own pictures, to run and to edit
  longtake run samples/coffee/storyboard.json -o out        the film of a storyboard
  longtake run --image cat.jpg --seconds 5 -o cat.mp4       a camera move over one picture
  longtake run -p product-spotlight --demo -o out           a campaign preset with its own examples
  longtake batch products.csv -s product-spotlight -o out   a film for every row
  longtake plan storyboard.json                             what would be made, and its cost
  longtake look storyboard.json                             how it would look, as one picture
  longtake watch storyboard.json --open                     the run as a page while it goes on
  longtake report storyboard.json --open                    what came of it, as a page
  longtake export storyboard.json --to fcpxml               the cut, for editing programs
  longtake stitch a.mp4 b.mp4 -o film.mp4 --transition dissolve:0.5
  longtake deliver film.mp4 -p youtube/1080p30 -p shorts/1080x1920 -o out

Exit status: 0 done, 2 usage or storyboard, 3 input file, 4 credentials, 5 service refused, 6 cost or consent,
7 still running, 8 some shots failed, 9 an output failed its check, 130 interrupted (run again to resume).)";

using AddCommand = void (*)(CLI::App&, Session&, Status&);

constexpr AddCommand k_commands[] = {
    add_init_command,    add_run_command,     add_batch_command,      add_worker_command,  add_plan_command,
    add_look_command,    add_preview_command, add_validate_command,   add_prepare_command, add_stitch_command,
    add_deliver_command, add_presets_command, add_providers_command,  add_status_command,  add_watch_command,
    add_report_command,  add_export_command,  add_clean_command,      add_probe_command,   add_check_command,
    add_sandbox_command, add_doctor_command,  add_completion_command, add_man_command,
};

/// What was typed, quoted for a POSIX shell where it has to be.
std::string command_line(int argc, const char* const* argv)
{
    constexpr std::string_view k_plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+,./:@%";
    std::string line = "longtake";
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (!word.empty() && word.find_first_not_of(k_plain) == std::string_view::npos) {
            line += fmt::format(" {}", word);
            continue;
        }
        line += " '";
        for (const char c : word) {
            line += c == '\'' ? std::string("'\\''") : std::string(1, c);
        }
        line += "'";
    }
    return line;
}

/// The command that was asked for, or the program itself.
const CLI::App& command_of(const CLI::App& app)
{
    const auto commands = app.get_subcommands();
    return commands.empty() ? app : *commands.front();
}

std::vector<std::string> flags_of(const CLI::App& command)
{
    std::vector<std::string> flags;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames()) {
            flags.push_back("--" + name);
        }
    }
    return flags;
}

/// A word that is no command, or a flag that the command does not have, with the nearest that is one.
std::string slip(const CLI::App& app, const std::vector<std::string_view>& arguments)
{
    const CLI::App& command = command_of(app);
    std::vector<std::string> commands;
    for (const CLI::App* known : app.get_subcommands({})) {
        commands.push_back(known->get_name());
    }
    if (&command == &app && arguments.size() > 1 && !arguments[1].starts_with('-')) {
        return unknown_name("command", arguments[1], commands);
    }
    const std::vector<std::string> flags = flags_of(command);
    for (const std::string_view argument : arguments) {
        const std::string flag(argument.substr(0, argument.find('=')));
        if (flag.starts_with("--") && std::ranges::find(flags, flag) == flags.end()) {
            const std::string near = nearest_name(flag, flags);
            return near.empty() ? "" : fmt::format("unknown flag {}; did you mean {}?", flag, near);
        }
    }
    return {};
}

/// CLI11 explains itself well; we add the nearest name and where to look.
int parse_failure(const CLI::ParseError& error, const CLI::App& app, int argc, const char* const* argv,
                  Console& console)
{
    if (error.get_exit_code() == 0) { // --help and --version
        std::ostringstream text;
        app.exit(error, text, text);
        std::string lines = text.str();
        lines.pop_back(); // print_lines() ends the last one
        console.print_lines(lines);
        return 0;
    }
    const std::vector<std::string_view> arguments(argv, argv + argc);
    ConsoleSettings settings;
    settings.json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
    console.configure(settings);
    const std::string told = slip(app, arguments);
    const CLI::App& command = command_of(app);
    const std::string page = &command == &app ? "" : " " + command.get_name();
    console.fail(
        Error(Errc::usage, (told.empty() ? std::string(error.what()) : told) + "; see `longtake" + page + " --help`"));
    return exit_status(Errc::usage);
}

} // namespace

int run(int argc, const char* const* argv, std::ostream& out, std::ostream& err, const Environment& environment)
{
    av::quiet_log();
    Console console(out, err);
    Session session{console, environment, command_line(argc, argv), {argv + std::min(argc, 1), argv + argc}};
    Status status = 0;

    CLI::App app("longtake turns pictures and prompts into finished, multi-minute videos.", "longtake");
    app.set_version_flag("--version", "longtake " LONGTAKE_VERSION);
    app.require_subcommand(1);
    for (const AddCommand add : k_commands) {
        add(app, session, status);
    }
    app.footer(k_examples); // after them: commands inherit it, and have their own
    add_examples(app);
    try {
        app.parse(argc, argv);
        return console.finish(status);
    } catch (const CLI::ParseError& error) {
        return console.finish(parse_failure(error, app, argc, argv, console));
    } catch (const Error& error) {
        console.fail(error);
        return exit_status(error.code());
    } catch (const std::filesystem::filesystem_error& error) {
        console.fail(Error(Errc::usage, error.path1().string() + ": " + error.code().message()));
        return exit_status(Errc::usage);
    } catch (const std::exception& error) {
        console.fail(Error(Errc::internal, std::string("unexpected: ") + error.what()));
        return exit_status(Errc::internal);
    }
}

} // namespace longtake::app
