#include "pipeline/app/session.h"

#include "pipeline/flow/crew.h"
#include "pipeline/model/models.h"
#include "stages/prepare/prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <random>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;

struct PrepareOptions {
    StreamOptions streams;
    std::vector<fs::path> images;
    fs::path output;
    std::string provider = "kling";
    std::string fit = "blur";
    std::optional<std::string> aspect;
    std::optional<int> max_side;
    std::string background;
    bool overwrite = false;
    int jobs = 0;
};

double aspect_of(const std::string& text)
{
    const std::size_t colon = text.find(':');
    try {
        const double width = std::stod(text.substr(0, colon));
        const double height = std::stod(text.substr(colon + 1));
        if (colon != std::string::npos && width > 0 && height > 0) {
            return width / height;
        }
    } catch (const std::logic_error&) { // not numbers: answered below
    }
    throw Error(Errc::usage, "--aspect-ratio: found '" + text + "'; must be W:H, e.g. 16:9");
}

/// A folder in the output folder that is gone with its owner, and what was not taken from it too.
class PartFolder {
public:
    explicit PartFolder(const fs::path& output)
        : path_(output / fmt::format(".part-{:08x}{:08x}", std::random_device()(), std::random_device()()))
    {
        fs::create_directory(path_);
    }
    PartFolder(const PartFolder&) = delete;
    PartFolder& operator=(const PartFolder&) = delete;
    ~PartFolder()
    {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }

    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

/// One picture's answer, as it stands in --json.
struct Answer {
    nlohmann::json row;
    std::string text;
    bool ok = false;
};

Answer prepare_one(const fs::path& image, stages::PictureRequest request, const PrepareOptions& options)
{
    Answer answer;
    try {
        request.file = image;
        // A folder of its own: two pictures with one content would share their still.
        const PartFolder part(options.output);
        const Still still = stages::prepare(request, part.path());
        const fs::path named = options.output / (image.stem().string() + (still.format == "jpeg" ? ".jpg" : ".png"));
        if (fs::exists(named) && !options.overwrite) {
            throw Error(Errc::usage, named.string() + ": is there already; -y overwrites it");
        }
        fs::rename(still.file, named);
        answer.row = {{"input", image.string()},     {"output", named.string()},      {"width", still.size.width},
                      {"height", still.size.height}, {"bytes", fs::file_size(named)}, {"format", still.format},
                      {"actions", still.actions},    {"warnings", still.warnings}};
        answer.text = named.string();
        answer.ok = true;
    } catch (const Error& error) {
        answer.row = {{"input", image.string()}, {"error", {{"code", word(error.code())}, {"message", error.what()}}}};
        answer.text = error.what();
    } catch (const std::exception& error) { // the file system's, or out of memory: the others go on
        answer.row = {{"input", image.string()},
                      {"error", {{"code", word(Errc::internal)}, {"message", image.string() + ": " + error.what()}}}};
        answer.text = image.string() + ": " + error.what();
    }
    return answer;
}

int prepare_all(const PrepareOptions& options, Session& session)
{
    configure(options.streams, session);
    stages::PictureRequest request;
    request.rules = load_models(session.preset_dirs()).provider(options.provider).image;
    request.fit = parse_fit(options.fit);
    request.background = options.background;
    if (options.aspect) {
        request.aspect = aspect_of(*options.aspect);
    }
    if (options.max_side) {
        request.rules.max_side = std::min(request.rules.max_side, *options.max_side);
    }
    fs::create_directories(options.output);
    std::vector<Answer> answers(options.images.size());
    with_crew(crew_size(options.jobs), answers.size(),
              [&](std::size_t i) { answers[i] = prepare_one(options.images[i], request, options); });
    std::size_t failed = 0;
    for (const Answer& answer : answers) {
        session.console.json_line(answer.row);
        if (answer.ok) {
            session.console.print(answer.text);
        } else {
            ++failed;
            session.console.complain("longtake: " + answer.text);
        }
    }
    if (failed > 0) {
        throw Error(Errc::input, fmt::format("{} of {} pictures were rejected", failed, answers.size()));
    }
    session.console.result({{"pictures", answers.size()}});
    return 0;
}

} // namespace

void add_prepare_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<PrepareOptions>();
    CLI::App* command = app.add_subcommand("prepare", "Conform pictures to a service's rules");
    command->add_option("images", options->images, "Picture files")->required();
    command->add_option("-o,--output", options->output, "Folder for the conformed pictures")
        ->required()
        ->type_name("DIR");
    command->add_option("--provider", options->provider, "Whose rules")->capture_default_str();
    command->add_option("--fit", options->fit, "blur, pad, crop or reject when the aspect differs")
        ->capture_default_str();
    command->add_option("--aspect-ratio", options->aspect,
                        "W:H to bring the pictures to (default: only what the rules ask)");
    command->add_option("--max-side", options->max_side, "Pixels of the longer side at most (default: by the rules)")
        ->check(CLI::Range(300, 65535));
    command->add_option("--background", options->background,
                        "#rrggbb under transparency and for pad; or edge, which carries the picture's edges on");
    command->add_option("-j,--jobs", options->jobs, "Pictures at once (default: one per core)")
        ->check(CLI::Range(1, 64));
    command->add_flag("-y,--overwrite", options->overwrite, "Replace files that are there already");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = prepare_all(*options, session); });
}

} // namespace longtake::app
