#include "pipeline/app/manual/manual.h"

#include <fmt/format.h>

#include <sstream>
#include <vector>

namespace longtake::app {
namespace {

constexpr const char* k_examples_head = "Examples:";

/// Text as roff prints it: a backslash and a hyphen are themselves, and no line is a request.
std::string roff(const std::string& text)
{
    std::string escaped;
    for (const char c : text) {
        const bool first = escaped.empty() || escaped.back() == '\n';
        if (first && (c == '.' || c == '\'')) {
            escaped += "\\&";
        }
        escaped += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    }
    return escaped;
}

std::string full_name(const CLI::App& command)
{
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? command.get_name() : full_name(*parent) + " " + command.get_name();
}

std::string joined_name(const CLI::App& command)
{
    std::string name = full_name(command);
    for (char& c : name) {
        c = c == ' ' ? '-' : c;
    }
    return name;
}

std::vector<const CLI::Option*> options_of(const CLI::App& command, bool positional)
{
    std::vector<const CLI::Option*> options;
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_positional() == positional && !option->get_group().empty()) {
            options.push_back(option);
        }
    }
    return options;
}

/// "\fB-j\fR, \fB--jobs\fR \fIFILMS\fR"
std::string option_head(const CLI::Option& option)
{
    if (option.get_positional()) {
        return fmt::format("\\fI{}\\fR", roff(option.get_name(true)));
    }
    std::string head;
    for (const auto& [names, dashes] : {std::pair(option.get_snames(), "-"), std::pair(option.get_lnames(), "--")}) {
        for (const std::string& name : names) {
            head += (head.empty() ? "" : ", ") + fmt::format("\\fB{}\\fR", roff(dashes + name));
        }
    }
    const std::string value = option.get_type_size() == 0 ? "" : option.get_type_name();
    return value.empty() ? head : head + fmt::format(" \\fI{}\\fR", roff(value));
}

std::string option_list(const std::vector<const CLI::Option*>& options)
{
    std::string list;
    for (const CLI::Option* option : options) {
        list += ".TP\n" + option_head(*option) + "\n" + roff(option->get_description()) + "\n";
    }
    return list;
}

std::string synopsis(const CLI::App& command)
{
    std::string line = fmt::format("\\fB{}\\fR", roff(full_name(command)));
    if (!command.get_subcommands({}).empty()) {
        return line + " \\fICOMMAND\\fR [\\fIOPTION\\fR]...\n";
    }
    line += " [\\fIOPTION\\fR]...";
    for (const CLI::Option* option : options_of(command, true)) {
        const std::string name = fmt::format("\\fI{}\\fR", roff(option->get_name(true)));
        const std::string more = option->get_items_expected_max() > 1 ? "..." : "";
        line += option->get_required() ? " " + name + more : " [" + name + "]" + more;
    }
    return line + "\n";
}

/// Lines as they stand.
std::string verbatim(const std::string& text)
{
    return ".EX\n" + roff(text) + (text.ends_with('\n') ? "" : "\n") + ".EE\n";
}

/// A footer has examples, and after an empty line what is not one.
std::string footer_sections(const std::string& footer)
{
    std::string examples;
    std::string rest;
    bool in_examples = false;
    std::istringstream lines(footer);
    for (std::string line; std::getline(lines, line);) {
        if (line == k_examples_head) {
            in_examples = true;
        } else if (line.empty()) {
            in_examples = false;
        } else {
            (in_examples ? examples : rest) += line + "\n";
        }
    }
    constexpr const char* k_status = "Exit status: ";
    std::string sections = examples.empty() ? "" : ".SH EXAMPLES\n" + verbatim(examples);
    if (rest.starts_with(k_status)) {
        sections += ".SH EXIT STATUS\n" + roff(rest.substr(std::string(k_status).size()));
    } else if (!rest.empty()) {
        sections += ".SH NOTES\n" + roff(rest);
    }
    return sections;
}

std::string command_list(const CLI::App& program)
{
    std::string list;
    for (const CLI::App* command : program.get_subcommands({})) {
        list += fmt::format(".TP\n\\fB{}\\fR(1)\n{}\n", roff(joined_name(*command)), roff(command->get_description()));
    }
    return list.empty() ? "" : ".SH COMMANDS\n" + list;
}

std::string see_also(const CLI::App& command)
{
    const CLI::App* parent = command.get_parent();
    return parent == nullptr ? "" : fmt::format(".SH SEE ALSO\n\\fB{}\\fR(1)\n", roff(joined_name(*parent)));
}

} // namespace

std::string man_name(const CLI::App& command)
{
    return joined_name(command) + ".1";
}

std::string man_page(const CLI::App& command)
{
    std::string upper = joined_name(command);
    for (char& c : upper) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    std::string page = fmt::format(".TH {} 1 \"\" \"longtake {}\" \"User Commands\"\n", roff(upper), LONGTAKE_VERSION);
    page += fmt::format(".SH NAME\n{} \\- {}\n", roff(joined_name(command)), roff(command.get_description()));
    page += ".SH SYNOPSIS\n" + synopsis(command);
    page += command_list(command);
    std::vector<const CLI::Option*> options = options_of(command, true);
    for (const CLI::Option* option : options_of(command, false)) {
        options.push_back(option);
    }
    page += options.empty() ? "" : ".SH OPTIONS\n" + option_list(options);
    return page + footer_sections(command.get_footer()) + see_also(command);
}

} // namespace longtake::app
