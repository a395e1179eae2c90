#include "pipeline/app/session.h"
#include "pipeline/app/number_option.h"

#include "pipeline/app/config.h"
#include "pipeline/app/number_option.h"
#include "pipeline/app/project_config.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/foresight.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string measured_text(const Deliverable& file)
{
    std::string text =
        fmt::format("{} frames, {}, {} fps, {}", file.frames, file.size.text(), file.rate.text(), file.video_codec);
    if (file.loudness) {
        text += fmt::format(", {:.1f} LUFS, {:.1f} dBTP", *file.loudness, file.true_peak.value_or(-99));
    }
    text += ", " + bytes_text(file.bytes());
    if (file.reused > 0) {
        text += fmt::format(", {} frames kept from before", file.reused);
    }
    if (file.copied > 0) {
        return text + fmt::format(", {:.1f} % copied bit for bit and held against the sources, the rest decoded",
                                  100.0 * static_cast<double>(file.copied) / static_cast<double>(file.frames));
    }
    return text + ", decoded to the end";
}

/// A question on the terminal before paid work: of what is new, not of what is there.
std::string cost_question(const Plan& plan, const Foresight& foresight)
{
    const auto fresh = foresight.fresh_cost();
    const std::string cost = fresh ? fmt::format("up to ${:.2f} by the prices of {}", *fresh, plan.priced_on)
                                   : std::string("an unknown amount");
    const std::string takes =
        foresight.fresh() == foresight.takes.size()
            ? fmt::format("{} takes on {} cost", foresight.fresh(), plan.provider)
            : fmt::format("{} of {} takes on {} {} new and cost{}", foresight.fresh(), foresight.takes.size(),
                          plan.provider, foresight.fresh() == 1 ? "is" : "are", foresight.fresh() == 1 ? "s" : "");
    const std::string spent =
        foresight.spent > 0 ? fmt::format("; ${:.2f} are paid or reserved already", foresight.spent) : std::string();
    return fmt::format("{} {}{}. Go on?", takes, cost, spent);
}

/// Money and keys stop a whole run, and so they speak for it. Else, some shots made and some not is partial; when none
/// that is generated was made, the gravest failure speaks for all.
Errc failure_code(const FilmResult& film)
{
    const auto any = [&](Errc code) {
        return std::any_of(film.failures.begin(), film.failures.end(),
                           [&](const Failure& failure) { return failure.error.code() == code; });
    };
    for (const Errc stops : {Errc::credentials, Errc::budget}) {
        if (any(stops)) {
            return stops;
        }
    }
    const auto generated = static_cast<std::size_t>(
        std::count_if(film.plan.shots.begin(), film.plan.shots.end(),
                      [](const ShotPlan& shot) { return shot.kind == ShotPlan::Kind::generated; }));
    if (film.failures.size() < generated) {
        const bool all_pending = std::all_of(film.failures.begin(), film.failures.end(), [](const Failure& failure) {
            return failure.error.code() == Errc::pending;
        });
        return all_pending ? Errc::pending : Errc::partial;
    }
    for (const Errc grave : {Errc::internal, Errc::provider, Errc::input, Errc::usage}) {
        if (any(grave)) {
            return grave;
        }
    }
    return film.failures.front().error.code();
}

/// --yes, or the word of whoever sits at the terminal; asked at most once. With --approve it is waited for: nobody at
/// the terminal is no answer.
std::function<bool(const Plan&, const Foresight&)> consent_of(const MakeOptions& options, Session& session)
{
    if (options.approve && !can_ask(session)) {
        return nullptr;
    }
    if (options.consent && !options.approve) {
        return [](const Plan&, const Foresight&) { return true; };
    }
    return [&session, answer = std::make_shared<std::optional<bool>>()](const Plan& plan, const Foresight& foresight) {
        if (!*answer) {
            *answer = can_ask(session) && session.environment.ask(cost_question(plan, foresight));
        }
        return **answer;
    };
}

std::map<std::string, std::string> adopted(const std::vector<std::string>& assignments)
{
    std::map<std::string, std::string> tasks;
    for (const std::string& assignment : assignments) {
        const std::size_t equals = assignment.find('=');
        if (equals == std::string::npos || equals == 0 || equals + 1 == assignment.size()) {
            throw Error(Errc::usage,
                        "--adopt '" + assignment + "': must be SHOT=TASK, e.g. --adopt cup=867283741759111202");
        }
        tasks[assignment.substr(0, equals)] = assignment.substr(equals + 1);
    }
    return tasks;
}

/// The folder whose `longtake.json` counts for a storyboard: its own, or the current one.
Project project_of(const Storyboard& board, bool trusted)
{
    return {board.file.empty() ? fs::current_path() : board.file.parent_path(), board.provider, trusted};
}

int report_failures(const FilmResult& film, Session& session)
{
    std::vector<std::string> shots;
    for (const Failure& failure : film.failures) {
        session.console.complain(std::string("failed: ") + failure.error.what());
        shots.push_back(failure.shot);
    }
    const Errc code = failure_code(film);
    const Failure& first = *std::find_if(film.failures.begin(), film.failures.end(), [&](const Failure& failure) {
        return failure.error.code() == code || code == Errc::partial;
    });
    std::string text = first.error.what();
    if (film.failures.size() > 1) {
        text = fmt::format("{} of {} shots failed ({}), the first: {}; the rest is kept, run again after mending it",
                           shots.size(), film.plan.shots.size(), join(shots), text);
    }
    const Error error(code, text);
    session.console.fail(error);
    return exit_status(error.code());
}

} // namespace

bool can_ask(const Session& session)
{
    return session.environment.ask && !session.console.settings().json;
}

Plan plan_of(const Storyboard& board, Session& session, bool trust_project)
{
    return plan_film(board, load_config(project_of(board, trust_project), session).catalog);
}

PresetDirs Session::preset_dirs() const
{
    PresetDirs dirs;
    if (const auto home = variable("XDG_CONFIG_HOME"); home && !home->empty()) {
        dirs.push_back(fs::path(*home) / "longtake" / "presets");
    } else if (const auto user = variable("HOME"); user && !user->empty()) {
        dirs.push_back(fs::path(*user) / ".config" / "longtake" / "presets");
    }
    if (!environment.program.empty()) {
        dirs.push_back(environment.program.parent_path().parent_path() / "share" / "longtake" / "presets");
    }
    dirs.push_back(LONGTAKE_PRESETS_DIR);
    std::erase_if(dirs, [](const fs::path& dir) { return !fs::is_directory(dir); });
    return dirs;
}

std::string bytes_text(std::int64_t bytes)
{
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

void add_stream_options(CLI::App& command, StreamOptions& options)
{
    command.add_flag("--json", options.json, "One JSON object a line on stdout: progress, then the result");
    command.add_flag("-q,--quiet", options.quiet, "Nothing on stderr but errors");
    command.add_flag("-v,--verbose", options.verbose, "Also say what was found again");
    command.add_option("--log-file", options.log_file, "Append what happens to a file")->type_name("FILE");
}

void configure(const StreamOptions& options, Session& session)
{
    ConsoleSettings settings;
    settings.json = options.json;
    settings.quiet = options.quiet;
    settings.verbose = options.verbose;
    settings.live = session.environment.err_is_terminal && session.variable("TERM").value_or("") != "dumb";
    settings.columns = session.environment.err_columns;
    settings.log_file = options.log_file;
    session.console.configure(settings);
}

void add_trust_option(CLI::App& command, bool& trust)
{
    command.add_flag("--trust-project", trust,
                     "Let longtake.json beside the storyboard set addresses, prices, times and higher caps, and the "
                     "storyboard name preset files");
}

void add_make_options(CLI::App& command, MakeOptions& options)
{
    add_trust_option(command, options.trust_project);
    command
        .add_option("-p,--preset", options.presets,
                    "Campaign or delivery preset (see `longtake presets`); may be repeated")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command.add_option("-o,--output", options.output, "A folder, or the name of the only file")->type_name("PATH");
    command.add_flag("-y,--overwrite", options.overwrite, "Replace files that are there already");
    command.add_option("-j,--jobs", options.jobs, "Shots worked on at once (default: one per core)")
        ->check(CLI::Range(1, 64));
    command.add_option("--memory", options.memory_gb, "GB that encoders may take (default: half of what is free)")
        ->check(number_between(0.1, 1e6))
        ->type_name("GB");
    command.add_flag("--fit-limits", options.fit_limits,
                     "Cut and lower the bit rate of what a platform would refuse, instead of saying so");
    command
        .add_option("--crf", options.crf,
                    "Constant quality of libx264, libx265 or libsvtav1, on its own scale; lower is better")
        ->check(number_between(0, 51))
        ->type_name("CRF");
    command.add_option("--encoder-preset", options.encoder_preset, "Speed, in libx264's words")
        ->type_name("NAME")
        ->check(CLI::IsMember(
            {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"}));
}

void add_money_options(CLI::App& command, MakeOptions& options, const std::string& max_cost)
{
    command.add_flag("--yes", options.consent, "Agree to paid work without being asked");
    command.add_flag("--approve", options.approve,
                     "Wait before anything is paid, until the page of `longtake watch` or the terminal agrees");
    command.add_option("--max-cost", options.max_cost, max_cost)->check(number_between(0, 1e9))->type_name("USD");
}

/// GB are 10^9 bytes, as disks are sold.
std::optional<std::int64_t> bytes_of_gb(const std::optional<double>& gb)
{
    return gb ? std::optional(static_cast<std::int64_t>(*gb * 1e9)) : std::nullopt;
}

FilmSetup film_setup(const MakeOptions& make, const Workdir& workdir, const Storyboard& board, Session& session)
{
    const Config config = load_config(project_of(board, make.trust_project), session);
    if (make.presets.empty() && !make.trust_project) {
        need_known_presets(board);
    }
    FilmSetup setup;
    setup.account = {config.catalog,  config.services, session.preset_dirs(),
                     config.spending, config.poll,     make.rehearsal_account};
    FilmOptions& options = setup.options;
    options.workdir = workdir;
    options.presets = make.presets;
    options.output = make.output;
    options.overwrite = make.overwrite;
    options.consent = consent_of(make, session);
    options.approve = make.approve;
    options.resubmit = {make.resubmit.begin(), make.resubmit.end()};
    options.adopt = adopted(make.adopt);
    options.accept = {make.accept.begin(), make.accept.end()};
    options.jobs = make.jobs.value_or(config.jobs.value_or(0));
    options.max_cost = make.max_cost ? make.max_cost : config.max_cost;
    options.memory = bytes_of_gb(make.memory_gb).value_or(0);
    options.segments_bytes = bytes_of_gb(config.segments_gb);
    options.limits = make.fit_limits ? LimitsPolicy::fit : LimitsPolicy::refuse;
    options.crf = make.crf;
    options.encoder_preset = make.encoder_preset;
    options.version = LONGTAKE_VERSION;
    setup.observer.stop = session.environment.stop;
    setup.observer.listener = [&session](const Event& event) { session.console.show(event); };
    return setup;
}

int report(const FilmResult& film, Session& session)
{
    session.console.settle();
    if (!film.failures.empty()) {
        return report_failures(film, session);
    }
    json outputs = json::array();
    for (const Deliverable& file : film.deliverables) {
        session.console.print(file.file().string());
        session.console.note(fmt::format("{}: {}{}", file.file().filename().string(),
                                         film.nothing_to_do ? "unchanged: " : "", measured_text(file)));
        if (file.out_of_reach) {
            session.console.note(
                fmt::format("note: {}: {:.1f} LUFS are out of reach under its true-peak limit, since the "
                            "sound is all peaks; it is as loud as the limit allows",
                            file.file().filename().string(), *file.out_of_reach));
        }
        if (!file.rendered_because.empty()) {
            session.console.complain("warning: encoded whole, because " + file.rendered_because);
        }
        outputs.push_back(file);
    }
    for (const stages::Seam& seam : film.seams) {
        session.console.note(text(seam));
    }
    json result = {{"outputs", outputs}, {"nothing_to_do", film.nothing_to_do}, {"notes", film.plan.notes}};
    if (!film.seams.empty()) {
        result["seams"] = film.seams;
    }
    session.console.result(result);
    return 0;
}

} // namespace longtake::app
