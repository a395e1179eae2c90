#include "pipeline/app/manual/manual.h"
#include "pipeline/app/session.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace longtake::app {
namespace {

struct ManFlags {
    std::string command;
    std::optional<std::string> all;
};

std::vector<const CLI::App*> pages_of(const CLI::App& program)
{
    std::vector<const CLI::App*> pages = {&program};
    for (const CLI::App* command : program.get_subcommands({})) {
        pages.push_back(command);
    }
    return pages;
}

void print_page(const CLI::App& program, const std::string& name, Session& session)
{
    std::vector<std::string> names;
    for (const CLI::App* page : pages_of(program)) {
        if (page->get_name() == (name.empty() ? program.get_name() : name)) {
            std::string text = man_page(*page);
            text.pop_back(); // print_lines() ends the last one
            session.console.print_lines(text);
            return;
        }
        names.push_back(page->get_name());
    }
    throw Error(Errc::usage, unknown_name("command", name, names));
}

int run_man(const ManFlags& flags, const CLI::App& program, Session& session)
{
    if (!flags.all) {
        print_page(program, flags.command, session);
        return 0;
    }
    const std::filesystem::path folder = *flags.all;
    make_folder(folder);
    for (const CLI::App* page : pages_of(program)) {
        write_atomic(folder / man_name(*page), man_page(*page));
    }
    return 0;
}

} // namespace

void add_man_command(CLI::App& app, Session& session, Status& status)
{
    auto flags = std::make_shared<ManFlags>();
    CLI::App* command = app.add_subcommand("man", "Print the manual page of a command, as man(1) reads it");
    command->add_option("command", flags->command, "Whose page (default: the program's)")->type_name("COMMAND");
    command->add_option("--all", flags->all, "Write all pages into this folder")->type_name("FOLDER");
    command->callback([flags, &app, &session, &status] { status = run_man(*flags, app, session); });
}

} // namespace longtake::app
