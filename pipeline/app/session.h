#pragma once

#include "pipeline/app/app.h"
#include "pipeline/app/console.h"
#include "pipeline/flow/film.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace longtake::app {

/// What every command works with.
struct Session {
    Console& console;
    const Environment& environment;
    std::string command_line = {};           ///< as it was typed, for a shell
    std::vector<std::string> arguments = {}; ///< the same word by word, without the program's name

    std::optional<std::string> variable(const std::string& name) const { return environment.variable(name); }
    PresetDirs preset_dirs() const;
};

/// Streams: flags every command takes.
struct StreamOptions {
    bool json = false;
    bool quiet = false;
    bool verbose = false;
    std::filesystem::path log_file;
};

/// "1.6 MB"
std::string bytes_text(std::int64_t bytes);

void add_stream_options(CLI::App& command, StreamOptions& options);
void configure(const StreamOptions& options, Session& session);

/// Flags of the commands that make files.
struct MakeOptions {
    std::vector<std::string> presets;
    std::optional<std::filesystem::path> output;
    std::optional<std::filesystem::path> workdir;
    bool overwrite = false;
    bool consent = false;
    bool approve = false; ///< wait for somebody's consent, whatever `consent` says
    std::optional<int> jobs;
    std::optional<double> max_cost;
    std::vector<std::string> resubmit; ///< shots
    std::vector<std::string> adopt;    ///< SHOT=TASK
    std::vector<std::string> accept;   ///< shots
    std::string rehearsal_account;     ///< see Account
    std::optional<double> memory_gb;
    bool fit_limits = false;
    std::optional<double> crf;
    std::optional<std::string> encoder_preset;
    bool trust_project = false;
};

/// Whether somebody sits at the terminal who can be asked.
bool can_ask(const Session& session);

/// --yes, --approve and --max-cost.
void add_money_options(CLI::App& command, MakeOptions& options, const std::string& max_cost);

void add_make_options(CLI::App& command, MakeOptions& options);

/// --trust-project, of the commands that read configuration beside a storyboard.
void add_trust_option(CLI::App& command, bool& trust);

/// All that a film is made with, beside its storyboard.
struct FilmSetup {
    FilmOptions options;
    Account account;
    Observer observer;
};

/// From flags, then the environment, then configuration files (`longtake.json` beside the storyboard,
/// the user's own). Throws Error(usage) for a configuration that breaks its format, or says what only the user may.
FilmSetup film_setup(const MakeOptions& options, const Workdir& workdir, const Storyboard& board, Session& session);

/// The plan of a storyboard, with the prices and services that configuration beside it names.
Plan plan_of(const Storyboard& board, Session& session, bool trust_project);

/// Says what a run came to, on both streams, and gives the exit status.
int report(const FilmResult& film, Session& session);

/// The exit status of a command that has none of its own to say; set by its callback.
using Status = int;

void add_run_command(CLI::App& app, Session& session, Status& status);
void add_batch_command(CLI::App& app, Session& session, Status& status);
void add_worker_command(CLI::App& app, Session& session, Status& status);
void add_watch_command(CLI::App& app, Session& session, Status& status);
void add_plan_command(CLI::App& app, Session& session, Status& status);
void add_look_command(CLI::App& app, Session& session, Status& status);
void add_preview_command(CLI::App& app, Session& session, Status& status);
void add_export_command(CLI::App& app, Session& session, Status& status);
void add_validate_command(CLI::App& app, Session& session, Status& status);
void add_prepare_command(CLI::App& app, Session& session, Status& status);
void add_stitch_command(CLI::App& app, Session& session, Status& status);
void add_deliver_command(CLI::App& app, Session& session, Status& status);
void add_presets_command(CLI::App& app, Session& session, Status& status);
void add_providers_command(CLI::App& app, Session& session, Status& status);
void add_report_command(CLI::App& app, Session& session, Status& status);
void add_status_command(CLI::App& app, Session& session, Status& status);
void add_clean_command(CLI::App& app, Session& session, Status& status);
void add_check_command(CLI::App& app, Session& session, Status& status);
void add_probe_command(CLI::App& app, Session& session, Status& status);
void add_sandbox_command(CLI::App& app, Session& session, Status& status);
void add_doctor_command(CLI::App& app, Session& session, Status& status);
void add_completion_command(CLI::App& app, Session& session, Status& status);
void add_man_command(CLI::App& app, Session& session, Status& status);
void add_init_command(CLI::App& app, Session& session, Status& status);

} // namespace longtake::app
