#include "pipeline/app/session.h"

#include "pipeline/app/storyboard_options.h"
#include "pipeline/base/text.h"
#include "pipeline/interchange/formats.h"
#include "pipeline/model/campaign/campaign.h"
#include "pipeline/model/transition.h"

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

/// Flags and the names that can follow them, by kind. Asked of the program when they are wanted: presets come and go.
constexpr std::pair<const char*, const char*> k_values[] = {
    {"-p|--preset", "presets"},
    {"-s|--storyboard", "campaigns"},
    {"--provider", "providers"},
    {"--transition", "transitions"},
    {"--shot|--resubmit|--accept", "shots"},
    {"show|check", "names"},
    {"--to", "formats"},
};

/// What names of a kind there are. `board`: a storyboard on the command line.
std::vector<std::string> values_of(const std::string& kind, const std::filesystem::path& board, const Session& session)
{
    const PresetDirs dirs = session.preset_dirs();
    std::vector<std::string> names;
    const auto add = [&](const std::vector<std::string>& more) { names.insert(names.end(), more.begin(), more.end()); };
    if (kind == "presets" || kind == "campaigns" || kind == "names") {
        add(campaign_names(with_presets_here(dirs)));
    }
    if (kind == "presets" || kind == "names") {
        add(preset_names(dirs));
    }
    if (kind == "providers" || kind == "names") {
        for (const auto& [name, provider] : load_models(dirs).providers) {
            names.push_back(name);
        }
    }
    if (kind == "transitions") {
        for (const TransitionTraits& transition : transition_kinds()) {
            names.emplace_back(transition.name);
        }
    }
    if (kind == "formats") {
        for (const interchange::Format& format : interchange::formats()) {
            names.emplace_back(format.name);
        }
    }
    if (kind == "shots" && std::filesystem::is_regular_file(board)) {
        for (const Shot& shot : load_storyboard(board).shots) {
            names.push_back(shot.id);
        }
    }
    return names;
}

std::string bash(const Words& words)
{
    std::string cases;
    for (const auto& [flags, kind] : k_values) {
        cases += fmt::format("    {}) kind={};;\n", flags, kind);
    }
    std::string text =
        "_longtake() {\n  local cur=${COMP_WORDS[COMP_CWORD]} words= kind= board= word\n"
        "  for word in \"${COMP_WORDS[@]}\"; do case $word in *.json) board=$word;; esac; done\n"
        "  case ${COMP_WORDS[COMP_CWORD-1]} in\n" +
        cases +
        "  esac\n  if [ -n \"$kind\" ]; then\n"
        "    COMPREPLY=($(compgen -W \"$(longtake completion names $kind $board 2>/dev/null)\" -- \"$cur\"))\n"
        "    return\n  fi\n"
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
    std::string cases;
    for (const auto& [flags, kind] : k_values) {
        cases += fmt::format(
            "    {}) compadd -- $(longtake completion names {} ${{(M)words:#*.json}} 2>/dev/null); return;;\n", flags,
            kind);
    }
    std::string text = "#compdef longtake\n_longtake() {\n  case $words[CURRENT-1] in\n" + cases +
                       "  esac\n  if (( CURRENT == 2 )); then compadd " + join(words.commands, " ") +
                       "; return; fi\n  if [[ $words[CURRENT] == -* ]]; then case $words[2] in\n";
    for (const auto& [command, options] : words.options) {
        text += fmt::format("    {}) compadd -- {};;\n", command, options);
    }
    return text + "  esac; else _files; fi\n}\ncompdef _longtake longtake\n";
}

std::string fish(const Words& words)
{
    std::string text;
    for (const auto& [flags, kind] : k_values) {
        text +=
            fmt::format("complete -c longtake -n 'string match -qr -- \"^({})\\$\" (commandline -opc)[-1]' -f -a "
                        "'(longtake completion names {} (commandline -opc | string match \"*.json\") 2>/dev/null)'\n",
                        flags, kind);
    }
    text += "complete -c longtake -n __fish_use_subcommand -f -a '" + join(words.commands, " ") + "'\n";
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
    struct Options {
        std::string shell;
        std::string kind;
        std::filesystem::path board;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("completion", "Print a shell's completion script");
    command->add_option("shell", options->shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish", "names"}));
    command->add_option("kind", options->kind)->group(""); // "names KIND": what the scripts ask for
    command->add_option("board", options->board)->group("");
    command->callback([options, &app, &session, &status] {
        status = 0;
        if (options->shell == "names") {
            for (const std::string& name : values_of(options->kind, options->board, session)) {
                session.console.print(name);
            }
            return;
        }
        const Words words = words_of(app);
        std::string text = options->shell == "bash" ? bash(words) : options->shell == "zsh" ? zsh(words) : fish(words);
        text.pop_back(); // print_lines() ends the last one
        session.console.print_lines(text);
    });
}

} // namespace longtake::app
