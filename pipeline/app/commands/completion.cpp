#include "pipeline/app/session.h"

#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

/// What can follow: commands, and each command's own options, read from the parser itself.
struct Words {
    std::vector<std::string> commands;
    std::vector<std::pair<std::string, std::string>> options; ///< command, its options
};

Words words_of(const CLI::App& app)
{
    Words words;
    for (const CLI::App* command : app.get_subcommands({})) {
        words.commands.push_back(command->get_name());
        std::vector<std::string> options;
        for (const CLI::Option* option : command->get_options()) {
            for (const std::string& name : option->get_lnames()) {
                options.push_back("--" + name);
            }
            for (const std::string& name : option->get_snames()) {
                options.push_back("-" + name);
            }
        }
        words.options.emplace_back(command->get_name(), join(options, " "));
    }
    return words;
}

std::string bash(const Words& words)
{
    std::string text = "_longtake() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words=\n"
                       "  if [ \"$COMP_CWORD\" -eq 1 ]; then words='" +
                       join(words.commands, " ") + "'; else case ${COMP_WORDS[1]} in\n";
    for (const auto& [command, options] : words.options) {
        text += fmt::format("    {}) words='{}';;\n", command, options);
    }
    return text + "  esac; fi\n  case $cur in\n    -*) ;;\n    *) [ \"$COMP_CWORD\" -eq 1 ] || words=;;\n  esac\n"
                  "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
                  "complete -o default -F _longtake longtake\n";
}

std::string zsh(const Words& words)
{
    std::string text = "#compdef longtake\n_longtake() {\n  if (( CURRENT == 2 )); then compadd " +
                       join(words.commands, " ") +
                       "; return; fi\n  if [[ $words[CURRENT] == -* ]]; then case $words[2] in\n";
    for (const auto& [command, options] : words.options) {
        text += fmt::format("    {}) compadd -- {};;\n", command, options);
    }
    return text + "  esac; else _files; fi\n}\ncompdef _longtake longtake\n";
}

std::string fish(const Words& words)
{
    std::string text = "complete -c longtake -n __fish_use_subcommand -f -a '" + join(words.commands, " ") + "'\n";
    for (const auto& [command, options] : words.options) {
        std::size_t start = 0;
        while (start < options.size()) {
            const std::size_t end = std::min(options.find(' ', start), options.size());
            const std::string option = options.substr(start, end - start);
            text +=
                fmt::format("complete -c longtake -n '__fish_seen_subcommand_from {}' {} {}\n", command,
                            option.starts_with("--") ? "-l" : "-s", option.substr(option.starts_with("--") ? 2 : 1));
            start = end + 1;
        }
    }
    return text;
}

} // namespace

void add_completion_command(CLI::App& app, Session& session, Status& status)
{
    auto shell = std::make_shared<std::string>();
    CLI::App* command = app.add_subcommand("completion", "Print a shell's completion script");
    command->add_option("shell", *shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    command->callback([shell, &app, &session, &status] {
        const Words words = words_of(app);
        std::string text = *shell == "bash" ? bash(words) : *shell == "zsh" ? zsh(words) : fish(words);
        text.pop_back(); // print_lines() ends the last one
        session.console.print_lines(text);
        status = 0;
    });
}

} // namespace longtake::app
