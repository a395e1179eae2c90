#include "pipeline/app/provider_text.h"

#include <memory>

namespace longtake::app {

void add_providers_command(CLI::App& app, Session& session, Status& status)
{
    struct Options {
        StreamOptions streams;
        std::string name;
    };
    auto options = std::make_shared<Options>();
    CLI::App* command =
        app.add_subcommand("providers", "List providers with their keys (never their values), or show one");
    add_stream_options(*command, options->streams);
    command->require_subcommand(0, 1);
    command->add_subcommand("list", "Every provider, a line each")->fallthrough();
    CLI::App* show =
        command->add_subcommand("show", "One provider's address, keys, models, lengths and prices")->fallthrough();
    show->add_option("name", options->name, "Provider name")->required();
    command->callback([options, show, &session, &status] {
        configure(options->streams, session);
        const ModelCatalog catalog = load_models(session.preset_dirs());
        status = show->parsed() ? show_provider(catalog, options->name, session) : list_providers(catalog, session);
    });
}

} // namespace longtake::app
