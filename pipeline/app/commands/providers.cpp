#include "pipeline/app/online.h"
#include "pipeline/app/provider_text.h"
#include "pipeline/base/error.h"

#include <memory>

namespace longtake::app {
namespace {

int show_online(const ModelCatalog& catalog, const std::string& name, Session& session)
{
    if (catalog.provider(name).name != "wavespeed") {
        throw Error(Errc::usage, "--online: only wavespeed can be asked for its balance and prices, not " + name);
    }
    Online online = wavespeed_online(session); // without a key nothing is printed
    return show_provider(catalog, name, session, [&] { return print_quotes(online, session); });
}

} // namespace

void add_providers_command(CLI::App& app, Session& session, Status& status)
{
    struct Options {
        StreamOptions streams;
        std::string name;
        bool online = false;
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
    show->add_flag("--online", options->online, "Also ask it for the balance and its own prices (wavespeed; free)");
    command->callback([options, show, &session, &status] {
        configure(options->streams, session);
        const ModelCatalog catalog = load_models(session.preset_dirs());
        status = !show->parsed()   ? list_providers(catalog, session)
                 : options->online ? show_online(catalog, options->name, session)
                                   : show_provider(catalog, options->name, session);
    });
}

} // namespace longtake::app
