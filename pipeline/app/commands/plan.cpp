#include "pipeline/app/plan_text.h"
#include "pipeline/app/storyboard_options.h"
#include "pipeline/flow/foresight.h"

#include <memory>

namespace longtake::app {

void add_plan_command(CLI::App& app, Session& session, Status& status)
{
    struct Options {
        StreamOptions streams;
        StoryboardOptions board;
        MakeOptions make;
        bool compare = false;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command = app.add_subcommand("plan", "Show every take that would be made, and its cost");
    add_board_options(*command, options->board);
    add_trust_option(*command, options->make.trust_project);
    command->add_option("-p,--preset", options->make.presets, "A campaign, or outputs instead of the storyboard's")
        ->type_name("NAME")
        ->allow_extra_args(false);
    command->add_option("--workdir", options->make.workdir, "Where takes and state are kept")->type_name("DIR");
    command->add_flag("--compare", options->compare,
                      "What every service and model would ask for it, cheapest first, and what each would leave out");
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] {
        configure(options->streams, session);
        const Storyboard board = read_board(options->board, options->make.presets, session);
        const Workdir workdir = options->make.workdir ? Workdir{*options->make.workdir} : Workdir::beside(board.file);
        const FilmSetup setup = film_setup(options->make, workdir, board, session);
        if (options->compare) {
            status = show_comparison(compare_offers(board, setup.account.catalog), session);
            return;
        }
        const Plan plan = plan_film(board, setup.options, setup.account);
        status = show_plan(plan, look_ahead(plan, setup.options, setup.account), session);
    });
}

} // namespace longtake::app
