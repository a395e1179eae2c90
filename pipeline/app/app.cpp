#include "pipeline/app/app.h"

#include "pipeline/app/session.h"
#include "pipeline/av/version.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <ostream>
#include <sstream>
#include <string_view>
#include <vector>

namespace longtake::app {
namespace {

constexpr const char* k_examples = R"(
Examples:
  longtake run samples/coffee/storyboard.json -o out        the film of a storyboard
  longtake run --image cat.jpg --seconds 5 -o cat.mp4       a camera move over one picture
  longtake run -p product-spotlight --demo -o out           a campaign preset with its own examples
  longtake batch products.csv -s product-spotlight -o out   a film for every row
  longtake plan storyboard.json                             what would be made, and its cost
  longtake look storyboard.json                             how it would look, as one picture
  longtake stitch a.mp4 b.mp4 -o film.mp4 --transition dissolve:0.5
  longtake deliver film.mp4 -p youtube/1080p30 -p shorts/1080x1920 -o out

Exit status: 0 done, 2 usage or storyboard, 3 input file, 4 credentials, 5 service refused, 6 cost or consent,
7 still running, 8 some shots failed, 9 an output failed its check, 130 interrupted (run again to resume).)";

using AddCommand = void (*)(CLI::App&, Session&, Status&);

constexpr AddCommand k_commands[] = {
    add_run_command,      add_batch_command,     add_plan_command,   add_look_command,
    add_validate_command, add_prepare_command,   add_stitch_command, add_deliver_command,
    add_presets_command,  add_providers_command, add_status_command, add_clean_command,
    add_probe_command,    add_sandbox_command,   add_doctor_command, add_completion_command,
};

/// CLI11 explains itself well; we add where to look.
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
    console.fail(Error(Errc::usage, std::string(error.what()) + "; see `longtake --help`"));
    return exit_status(Errc::usage);
}

} // namespace

int run(int argc, const char* const* argv, std::ostream& out, std::ostream& err, const Environment& environment)
{
    av::quiet_log();
    Console console(out, err);
    Session session{console, environment};
    Status status = 0;

    CLI::App app("longtake turns pictures and prompts into finished, multi-minute videos.", "longtake");
    app.set_version_flag("--version", "longtake " LONGTAKE_VERSION);
    app.footer(k_examples);
    app.require_subcommand(1);
    for (const AddCommand add : k_commands) {
        add(app, session, status);
    }
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
