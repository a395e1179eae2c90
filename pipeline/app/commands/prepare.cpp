#include "stages/prepare/prepare.h"
#include "pipeline/app/number_option.h"
#include "pipeline/app/picture_list.h"
#include "pipeline/app/session.h"
#include "pipeline/base/files.h"
#include "pipeline/base/parallel.h"
#include "pipeline/model/models.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <set>

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
    bool lenient = false;
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

/// One picture's answer, as it stands in --json.
struct Answer {
    nlohmann::json row;
    std::string text; ///< the file made, or why there is none
    std::vector<std::string> warnings{};
    bool ok = false;
};

/// Says answers in the order of the pictures, each as soon as those before it are said.
class InOrder {
public:
    explicit InOrder(Console& console) : console_(console) {}

    void add(std::size_t index, Answer answer)
    {
        const std::lock_guard lock(mutex_);
        waiting_.emplace(index, std::move(answer));
        for (auto next = waiting_.find(said_); next != waiting_.end(); next = waiting_.find(said_)) {
            say(next->second);
            waiting_.erase(next);
            ++said_;
        }
    }

    /// What waits for pictures that will not come.
    void say_rest()
    {
        for (const auto& [index, answer] : waiting_) {
            say(answer);
            ++said_;
        }
        waiting_.clear();
    }

    std::size_t said() const { return said_; }
    std::size_t failed() const { return failed_; }

private:
    void say(const Answer& answer)
    {
        console_.json_line(answer.row);
        for (const std::string& warning : answer.warnings) {
            console_.warn(warning);
        }
        if (answer.ok) {
            console_.print(answer.text);
        } else {
            ++failed_;
            console_.complain("longtake: " + answer.text);
        }
    }

    Console& console_;
    std::mutex mutex_;
    std::map<std::size_t, Answer> waiting_;
    std::size_t said_ = 0;
    std::size_t failed_ = 0;
};

/// A file's place, whatever links lead to its folder.
fs::path place_of(const fs::path& file)
{
    std::error_code unknown;
    const fs::path folder = fs::weakly_canonical(fs::absolute(file, unknown).parent_path(), unknown);
    return folder / file.filename();
}

/// What the pictures of one call have in common.
struct Job {
    stages::PictureRequest request;
    fs::path output;
    bool overwrite = false;
    std::set<fs::path> sources{}; ///< the pictures' places: nothing is written there
};

void check_free(const fs::path& named, const Job& job)
{
    if (job.sources.contains(place_of(named))) {
        throw Error(Errc::usage, named.string() + ": is one of the pictures themselves; choose another folder with -o");
    }
    if (fs::exists(fs::symlink_status(named)) && !job.overwrite) {
        throw Error(Errc::usage, named.string() + ": is there already; -y overwrites it");
    }
}

Answer prepare_one(const ListedPicture& picture, const Job& job)
{
    if (picture.refused) {
        throw *picture.refused; // NOLINT: a copy of it
    }
    stages::PictureRequest request = job.request;
    request.file = picture.file;
    auto [still, bytes] = stages::conformed(request);
    const fs::path named = job.output / (picture.name + (still.format == "jpeg" ? ".jpg" : ".png"));
    if (picture.renamed) {
        still.warnings.push_back("named " + named.filename().string() + ": another picture has its name");
    }
    check_free(named, job);
    write_atomic(named, bytes);
    Answer answer{{{"input", picture.file.string()},
                   {"output", named.string()},
                   {"width", still.size.width},
                   {"height", still.size.height},
                   {"bytes", bytes.size()},
                   {"format", still.format},
                   {"actions", still.actions},
                   {"warnings", still.warnings}},
                  named.string()};
    for (const std::string& warning : still.warnings) {
        answer.warnings.push_back(picture.file.string() + ": " + warning);
    }
    answer.ok = true;
    return answer;
}

Answer failure(const ListedPicture& picture, Errc code, const std::string& message)
{
    return {{{"input", picture.file.string()}, {"error", {{"code", word(code)}, {"message", message}}}}, message};
}

/// Whatever happens to one picture, the others go on.
Answer answer_for(const ListedPicture& picture, const Job& job)
{
    try {
        return prepare_one(picture, job);
    } catch (const Error& error) {
        return failure(picture, error.code(), error.what());
    } catch (const std::exception& error) { // the file system's, or out of memory
        return failure(picture, Errc::internal, picture.file.string() + ": " + error.what());
    }
}

Job job_of(const PrepareOptions& options, const Session& session)
{
    Job job{.request = {}, .output = options.output, .overwrite = options.overwrite};
    job.request.rules = load_models(session.preset_dirs()).provider(options.provider).image;
    job.request.fit = parse_fit(options.fit);
    job.request.background = options.background;
    job.request.lenient = options.lenient;
    if (options.aspect) {
        job.request.aspect = aspect_of(*options.aspect);
    }
    if (options.max_side) {
        job.request.rules.max_side = std::min(job.request.rules.max_side, *options.max_side);
    }
    std::error_code error;
    fs::create_directories(options.output, error);
    if (error) {
        throw Error(Errc::usage, "-o " + options.output.string() + ": cannot be a folder: " + error.message());
    }
    return job;
}

int prepare_all(const PrepareOptions& options, Session& session)
{
    configure(options.streams, session);
    Job job = job_of(options, session);
    const PictureList list = pictures_of(options.images);
    const std::vector<ListedPicture>& pictures = list.pictures;
    for (const ListedPicture& picture : pictures) {
        job.sources.insert(place_of(picture.file));
    }
    for (const std::string& one : list.skipped) {
        session.console.warn(one);
    }
    const std::stop_token& stop = session.environment.stop;
    InOrder answers(session.console);
    parallel_for(thread_count(options.jobs), pictures.size(), [&](std::size_t i) {
        if (!stop.stop_requested()) { // a picture that is begun is finished
            answers.add(i, answer_for(pictures[i], job));
        }
    });
    answers.say_rest();
    if (answers.said() < pictures.size()) {
        throw Error(Errc::interrupted, fmt::format("stopped after {} of {} pictures", answers.said(), pictures.size()));
    }
    if (answers.failed() > 0) {
        throw Error(Errc::input, fmt::format("{} of {} pictures were rejected", answers.failed(), pictures.size()));
    }
    session.console.result({{"pictures", pictures.size()}, {"skipped", list.skipped}});
    return 0;
}

} // namespace

void add_prepare_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<PrepareOptions>();
    CLI::App* command = app.add_subcommand("prepare", "Conform pictures to a service's rules");
    command->add_option("images", options->images, "Picture files, and folders of them")->required();
    command->add_option("-o,--output", options->output, "Folder for the conformed pictures")
        ->required()
        ->type_name("DIR");
    command->add_option("--provider", options->provider, "Whose rules")->capture_default_str();
    command->add_option("--fit", options->fit, "blur, pad, crop or reject when the aspect differs")
        ->capture_default_str();
    command->add_option("--aspect-ratio", options->aspect,
                        "W:H to bring the pictures to (default: only what the rules ask)");
    command->add_option("--max-side", options->max_side, "Pixels of the longer side at most (default: by the rules)")
        ->check(number_between(300, 65535))
        ->type_name("PIXELS");
    command->add_option("--background", options->background,
                        "#rrggbb under transparency and for pad; or edge, which carries the picture's edges on");
    command->add_flag("--lenient", options->lenient,
                      "Take what can be decoded of damaged and cut files, with a warning");
    command->add_option("-j,--jobs", options->jobs, "Pictures at once (default: one per core)")
        ->check(CLI::Range(1, 64));
    command->add_flag("-y,--overwrite", options->overwrite, "Replace files that are there already");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = prepare_all(*options, session); });
}

} // namespace longtake::app
