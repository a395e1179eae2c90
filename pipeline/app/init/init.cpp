#include "pipeline/app/init/new_storyboard.h"
#include "pipeline/app/number_option.h"
#include "pipeline/app/session.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/model/storyboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <memory>
#include <optional>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

struct InitFlags {
    StreamOptions streams;
    std::vector<std::string> inputs;
    std::optional<std::string> music;
    std::optional<std::string> title;
    std::string output = "film.json";
    std::vector<std::string> presets;
    double seconds = 4;
    bool overwrite = false;
};

/// A folder's name as people write it: "summer_in-rome" is "Summer in rome".
std::string title_of(const fs::path& first)
{
    std::error_code unknown;
    const fs::path named = fs::is_directory(first, unknown) ? first : first.parent_path();
    std::string title = fs::absolute(named / "x").lexically_normal().parent_path().filename().string();
    std::ranges::replace(title, '_', ' ');
    std::ranges::replace(title, '-', ' ');
    if (!title.empty()) {
        title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
    }
    return title.empty() ? "Film" : title;
}

int run_init(const InitFlags& flags, Session& session)
{
    configure(flags.streams, session);
    const fs::path file = flags.output;
    if (fs::exists(fs::symlink_status(file)) && !flags.overwrite) {
        throw Error(Errc::usage, file.string() + ": is there already; -y overwrites it, -o names another");
    }
    const Material material = material_of({flags.inputs.begin(), flags.inputs.end()}, flags.music);
    for (const std::string& skipped : material.skipped) {
        session.console.note("left out: " + skipped);
    }
    const NewFilm film{flags.title.value_or(title_of(flags.inputs.front())), flags.seconds, file, flags.presets};
    const std::string text = new_storyboard(material, film);
    make_folder(fs::absolute(file).parent_path());
    write_atomic(file, text);
    const Storyboard board = load_storyboard(file); // what we wrote can be read
    session.console.print(fmt::format("{}: {} shots{}; `longtake run {} -o out` makes the film", file.string(),
                                      board.shots.size(), material.music ? " and music" : "", file.string()));
    session.console.result({{"storyboard", file.string()}, {"shots", board.shots.size()}});
    return 0;
}

} // namespace

void add_init_command(CLI::App& app, Session& session, Status& status)
{
    auto flags = std::make_shared<InitFlags>();
    CLI::App* command =
        app.add_subcommand("init", "Write a commented storyboard of pictures and clips, to run and edit");
    command->add_option("inputs", flags->inputs, "Pictures, clips, or folders of them")
        ->required()
        ->type_name("FILE|DIR");
    command->add_option("--music", flags->music, "Music under the film")->type_name("FILE");
    command->add_option("--title", flags->title, "Of the film (default: the folder's name)")->type_name("TEXT");
    command->add_option("--seconds", flags->seconds, "Of each picture")
        ->check(number_between(0.5, 600))
        ->type_name("S");
    command->add_option("-o,--output", flags->output, "The storyboard")->type_name("FILE");
    command->add_option("-p,--preset", flags->presets, "What to deliver")->type_name("NAME");
    command->add_flag("-y,--overwrite", flags->overwrite, "Overwrite the storyboard");
    add_stream_options(*command, flags->streams);
    command->callback([flags, &session, &status] { status = run_init(*flags, session); });
}

} // namespace longtake::app
