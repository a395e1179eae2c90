#include "pipeline/app/storyboard_options.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/model/campaign/board_template.h"
#include "pipeline/model/campaign/own_files.h"
#include "pipeline/model/schema/schema.h"
#include "stages/plan/format.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

json board_of_flags(const StoryboardOptions& options)
{
    json shot = {{"id", "shot"}};
    if (options.image) {
        shot["image"] = fs::absolute(*options.image).string();
    }
    if (options.end_image) {
        shot["end_image"] = fs::absolute(*options.end_image).string();
    }
    if (!options.prompt.empty()) {
        shot["prompt"] = options.prompt;
    }
    const json seconds = json::parse(options.seconds.value_or("5"), nullptr, false);
    shot["seconds"] = seconds.is_number() ? seconds : json(*options.seconds);
    const std::string title = options.image ? options.image->stem().string() : "film";
    return {{"schema", "longtake/storyboard/1"}, {"title", title}, {"shots", json::array({shot})}};
}

/// Of presets asked for by `-p`: a campaign's name has no folder and is no file.
std::string take_campaign(std::vector<std::string>& presets)
{
    const auto found = std::ranges::find_if(presets, [](const std::string& name) {
        return name.find('/') == std::string::npos && !name.ends_with(".json");
    });
    if (found == presets.end()) {
        return {};
    }
    std::string campaign = std::move(*found);
    presets.erase(found);
    return campaign;
}

std::vector<Assignment> given_by(const StoryboardOptions& options)
{
    std::vector<Assignment> given;
    if (options.vars) {
        const json values = read_json(*options.vars, Pipes::allowed);
        if (!values.is_object()) {
            throw Error(Errc::usage, options.vars->string() + ": must be an object of values by name");
        }
        for (const auto& [name, value] : values.items()) {
            given.push_back({name, value, fs::absolute(*options.vars).parent_path()});
        }
    }
    for (const std::string& assignment : options.set) {
        given.push_back(parse_assignment(assignment, fs::current_path()));
    }
    return given;
}

std::string question_for(const Variable& variable)
{
    std::string question = variable.name + " (" + word(variable.type);
    for (const auto& [canvas, most] : variable.max_letters) {
        question += fmt::format(", at most {} letters{}{}", most, canvas.empty() ? "" : " at ", canvas);
    }
    question += "): " + variable.description;
    return variable.example.is_string() ? question + ", such as " + variable.example.get<std::string>() : question;
}

/// Asks whoever sits at the terminal for what has to be given and was not, until each answer can be.
void ask_for_missing(const Campaign& campaign, const std::vector<std::string>& canvases, std::vector<Assignment>& given,
                     Session& session)
{
    for (const Variable& variable : campaign.variables) {
        const bool known = std::ranges::any_of(given, [&](const Assignment& assignment) {
            return assignment.key == variable.name || assignment.key.starts_with(variable.name + ".");
        });
        while (variable.required() && !known) {
            const auto answer = session.environment.answer(question_for(variable));
            if (!answer) {
                return; // what is missing will be said
            }
            try {
                value_of(variable, *answer, {fs::current_path(), canvases});
                given.push_back({variable.name, *answer, fs::current_path()});
                break;
            } catch (const Error& error) {
                session.console.complain(variable.name + ": " + error.what());
            }
        }
    }
}

void refuse(const std::vector<WrongValue>& wrong)
{
    std::vector<std::string> lines;
    for (const WrongValue& value : wrong) {
        lines.push_back("--set " + value.key + ": " + value.what);
    }
    if (!lines.empty()) {
        throw Error(Errc::usage, join(lines, "\n"));
    }
}

/// A storyboard as it came to be, and what its paths are relative to.
struct MadeBoard {
    json board;
    fs::path folder;
    fs::path file; ///< empty: it has none
    std::string origin;
};

MadeBoard board_of_template(const StoryboardOptions& options, const std::vector<std::string>& presets,
                            const std::string& reference, Session& session)
{
    const PresetDirs dirs = session.preset_dirs();
    const BoardTemplate source = open_template(with_presets_here(dirs), reference);
    if (!source.campaign && (options.demo || options.vars)) {
        throw Error(Errc::usage, "--vars and --demo are for campaigns; change a storyboard with --set");
    }
    const std::vector<std::string> canvases = canvases_of(presets.empty() ? source.deliver() : presets, dirs);
    std::vector<Assignment> given = given_by(options);
    if (source.campaign && !options.demo && session.environment.answer && !session.console.settings().json) {
        ask_for_missing(*source.campaign, canvases, given, session);
    }
    std::vector<WrongValue> wrong;
    json board = board_of(source, given, canvases, options.demo ? Demo::examples : Demo::no, wrong);
    refuse(wrong);
    return {std::move(board), source.campaign ? fs::current_path() : source.folder, source.file, source.origin};
}

MadeBoard made_board(const StoryboardOptions& options, std::vector<std::string>& presets, Session& session)
{
    const bool from_flags = options.image || !options.prompt.empty() || options.seconds || options.end_image;
    std::string reference = options.storyboard.string();
    if (reference.empty() && !from_flags) {
        reference = take_campaign(presets);
    }
    if (!reference.empty() && from_flags) {
        throw Error(Errc::usage, "--image, --end-image, --prompt and --seconds make a film without a storyboard; "
                                 "change a storyboard with --set");
    }
    if (!reference.empty()) {
        return board_of_template(options, presets, reference, session);
    }
    if (!options.image && options.prompt.empty()) {
        throw Error(Errc::usage, "name a storyboard file or a campaign (-p NAME), or give --image or --prompt");
    }
    json board = board_of_flags(options);
    for (const Assignment& assignment : given_by(options)) {
        in_context("--set", [&] { assign(board, assignment); });
    }
    return {std::move(board), fs::current_path(), {}, "command line"};
}

} // namespace

void add_board_options(CLI::App& command, StoryboardOptions& options)
{
    command.add_option("storyboard", options.storyboard, "Storyboard JSON file, or a campaign's");
    command.add_option("--image", options.image, "Instead of a storyboard: the picture of a one-shot film")
        ->type_name("FILE");
    command.add_option("--end-image", options.end_image, "The picture it ends on")->type_name("FILE");
    command.add_option("--prompt", options.prompt, "What happens in it");
    command.add_option("--seconds", options.seconds, "How long it lasts (default 5)");
    command.add_option("--provider", options.provider, "Overrides the storyboard's provider")->type_name("NAME");
    command
        .add_option("--set", options.set,
                    "A campaign's variable or a storyboard's value: KEY=VALUE, e.g. product=Mug, shots.cup.seconds=8")
        ->allow_extra_args(false);
    command.add_option("--vars", options.vars, "Values of a campaign's variables, a JSON object by name")
        ->type_name("FILE");
    command.add_flag("--demo", options.demo, "A campaign's own examples for what is not given");
    command.add_option("--save", options.save, "Keep the storyboard that comes of a campaign and --set")
        ->type_name("FILE");
    command.add_flag("--lenient", options.lenient,
                     "Show what decoders show of clips that are damaged or cut off, with a note");
}

PresetDirs with_presets_here(PresetDirs dirs)
{
    dirs.insert(dirs.begin(), fs::current_path() / "presets");
    return dirs;
}

std::vector<std::string> canvases_of(const std::vector<std::string>& presets, const PresetDirs& dirs)
{
    std::vector<std::string> canvases;
    for (const std::string& name : presets) {
        if (const auto size = load_preset(dirs, name).size) {
            const std::string canvas = stages::exact_aspect(*size);
            if (std::ranges::find(canvases, canvas) == canvases.end()) {
                canvases.push_back(canvas);
            }
        }
    }
    return canvases;
}

Storyboard read_board(const StoryboardOptions& options, std::vector<std::string>& presets, Session& session)
{
    MadeBoard made = made_board(options, presets, session);
    if (options.provider) {
        made.board["provider"] = *options.provider;
    }
    if (options.lenient) {
        made.board["defaults"]["lenient"] = true;
    }
    Storyboard storyboard = storyboard_from_json(made.board, made.folder, made.origin);
    storyboard.file = made.file;
    if (options.save) {
        resolve_storyboard_files(made.board, made.folder);
        write_atomic(*options.save, made.board.dump(2) + "\n", Existing::keep);
        session.console.note("the storyboard is kept in " + options.save->string());
    }
    return storyboard;
}

} // namespace longtake::app
