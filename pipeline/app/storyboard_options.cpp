#include "pipeline/app/storyboard_options.h"

#include "pipeline/base/error.h"
#include "pipeline/model/schema/schema.h"

#include <algorithm>
#include <charconv>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// "defaults.model" or "shots.0.seconds" as a JSON pointer; a shot may also be named by its id.
json::json_pointer pointer_of(const std::string& key, const json& board)
{
    json::json_pointer pointer;
    const json* at = &board;
    std::size_t start = 0;
    while (start <= key.size()) {
        const std::size_t dot = std::min(key.find('.', start), key.size());
        std::string part = key.substr(start, dot - start);
        if (at != nullptr && at->is_array()) {
            const auto named = std::find_if(at->begin(), at->end(), [&](const json& shot) {
                return shot.is_object() && shot.value("id", "") == part;
            });
            std::size_t index = static_cast<std::size_t>(named - at->begin());
            if (named == at->end()) {
                const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
                if (error != std::errc() || end != part.data() + part.size() || index >= at->size()) {
                    throw Error(Errc::usage, "--set " + key + ": there is no shot '" + part + "'");
                }
            }
            pointer.push_back(std::to_string(index));
            at = &(*at)[index];
        } else {
            at = at != nullptr && at->is_object() && at->contains(part) ? &(*at)[part] : nullptr;
            pointer.push_back(std::move(part));
        }
        start = dot + 1;
    }
    return pointer;
}

void apply(const std::string& assignment, json& board)
{
    const std::size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
        throw Error(Errc::usage, "--set '" + assignment + "': must be KEY=VALUE, e.g. --set defaults.model=kling-v2-6");
    }
    const std::string text = assignment.substr(equals + 1);
    json value = json::parse(text, nullptr, false);
    if (value.is_discarded()) {
        value = text; // a bare word is a string
    }
    board[pointer_of(assignment.substr(0, equals), board)] = value;
}

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

} // namespace

void add_board_options(CLI::App& command, StoryboardOptions& options)
{
    command.add_option("storyboard", options.storyboard, "Storyboard JSON file");
    command.add_option("--image", options.image, "Instead of a storyboard: the picture of a one-shot film")
        ->type_name("FILE");
    command.add_option("--end-image", options.end_image, "The picture it ends on")->type_name("FILE");
    command.add_option("--prompt", options.prompt, "What happens in it");
    command.add_option("--seconds", options.seconds, "How long it lasts (default 5)");
    command.add_option("--provider", options.provider, "Overrides the storyboard's provider")->type_name("NAME");
    command.add_option("--set", options.set, "Change a storyboard value: KEY=VALUE, e.g. shots.cup.seconds=8")
        ->allow_extra_args(false);
    command.add_flag("--lenient", options.lenient,
                     "Show what decoders show of clips that are damaged or cut off, with a note");
}

Storyboard read_board(const StoryboardOptions& options)
{
    const bool from_flags = options.storyboard.empty();
    if (from_flags && !options.image && options.prompt.empty()) {
        throw Error(Errc::usage, "name a storyboard file, or give --image or --prompt");
    }
    if (!from_flags && (options.image || !options.prompt.empty() || options.seconds || options.end_image)) {
        throw Error(Errc::usage, "--image, --end-image, --prompt and --seconds make a film without a storyboard; "
                                 "change a storyboard with --set");
    }
    json board = from_flags ? board_of_flags(options) : read_json(options.storyboard, Pipes::allowed);
    for (const std::string& assignment : options.set) {
        apply(assignment, board);
    }
    if (options.provider) {
        board["provider"] = *options.provider;
    }
    if (options.lenient) {
        board["defaults"]["lenient"] = true;
    }
    if (from_flags) {
        return storyboard_from_json(board, fs::current_path(), "command line");
    }
    const fs::path file = fs::absolute(options.storyboard).lexically_normal();
    Storyboard storyboard = storyboard_from_json(board, file.parent_path(), options.storyboard.string());
    storyboard.file = file;
    return storyboard;
}

} // namespace longtake::app
