#include "pipeline/sandbox/sandbox.h"

#include "pipeline/app/number_option.h"
#include "pipeline/app/session.h"
#include "pipeline/sandbox/faults.h"

#include <fmt/format.h>

#include <condition_variable>
#include <memory>
#include <mutex>

namespace longtake::app {
namespace {

using nlohmann::json;

struct SandboxOptions {
    StreamOptions streams;
    sandbox::Settings settings;
    std::string size;
    std::string extend = "cumulative";
    std::string newapi = "vanilla";
};

std::string faults_text()
{
    std::string text = "\nFaults (--fault NAME[:WHICH]; WHICH is N, N-M, every/K or *, counted in submits from 1; "
                       "without it the next one):\n";
    for (const sandbox::Fault& fault : sandbox::known_faults()) {
        text += fmt::format("  {:<26} {}\n", fault.name, fault.says);
    }
    return text;
}

void wait_for_stop(std::stop_token stop)
{
    std::mutex mutex;
    std::condition_variable_any woken;
    std::unique_lock lock(mutex);
    woken.wait(lock, stop, [] { return false; });
}

int serve(SandboxOptions& options, Session& session)
{
    configure(options.streams, session);
    options.settings.preset_dirs = session.preset_dirs();
    options.settings.cumulative = options.extend == "cumulative";
    options.settings.newapi_passthrough = options.newapi == "passthrough";
    if (!options.size.empty()) {
        options.settings.size = Size::parse(options.size);
    }
    const sandbox::Sandbox server(options.settings);
    const std::string page = fmt::format("http://127.0.0.1:{}/", server.port());
    session.console.print("# what happens here: " + page + "  (Ctrl-C ends it; the keys are new at each start)");
    for (const auto& [name, value] : server.environment()) {
        session.console.print(fmt::format("export {}={}", name, value));
    }
    session.console.json_line(
        {{"event", "listening"}, {"url", page}, {"port", server.port()}, {"environment", server.environment()}});
    wait_for_stop(session.environment.stop);
    const json state = server.state();
    session.console.note(fmt::format("{} requests, {} submits, {} billed, {:.2f} USD",
                                     state["requests_total"].get<int>(), state["submits"].get<int>(),
                                     state["bills"].size(), state["total"]["amount"].get<double>()));
    session.console.result({{"state", state}});
    return 0;
}

} // namespace

void add_sandbox_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<SandboxOptions>();
    sandbox::Settings& settings = options->settings;
    settings.any_key = false;
    CLI::App* command = app.add_subcommand(
        "sandbox", "A local server that speaks every provider's protocol, for trying without an account");
    add_stream_options(*command, options->streams);
    command->add_option("--port", settings.port, "Port on 127.0.0.1 (default: a free one)")
        ->check(number_between(0, 65535))
        ->type_name("PORT");
    command->add_option("--queue-time", settings.queue_seconds, "Seconds a task waits before it is worked on")
        ->check(number_between(0, 86400))
        ->capture_default_str()
        ->type_name("SECONDS");
    command->add_option("--take-time", settings.take_seconds, "Seconds a task is worked on at least")
        ->check(number_between(0, 86400))
        ->capture_default_str()
        ->type_name("SECONDS");
    command->add_option("--size", options->size, "Size of every film, e.g. 160x90 for quick ones")->type_name("WxH");
    command->add_option("--scale", settings.scale, "Films at this share of the services' own sizes")
        ->check(number_between(0.05, 1))
        ->type_name("SHARE");
    command->add_option("--slots", settings.slots, "Tasks an account may have at once; more: 1303")
        ->check(number_between(1, 100000))
        ->capture_default_str()
        ->type_name("TASKS");
    command->add_option("--rate", settings.rate, "Submits an account may make a second; more: 1302")
        ->check(number_between(0.001, 1e6))
        ->type_name("SUBMITS");
    command->add_option("--balance", settings.balance, "USD each account has; when it is used up: 1102")
        ->check(number_between(0, 1e9))
        ->type_name("USD");
    command->add_option("--max-request", settings.max_request, "Bytes a request may have; more: 413 with a web page")
        ->check(CLI::PositiveNumber)
        ->type_name("BYTES");
    command->add_option("--extend", options->extend, "What an extension's result is: the whole film, or its tail")
        ->check(CLI::IsMember({"cumulative", "tail"}))
        ->capture_default_str();
    command->add_option("--newapi", options->newapi, "Which gateway newapi is")
        ->check(CLI::IsMember({"vanilla", "passthrough"}))
        ->capture_default_str();
    command->add_flag("--any-key", settings.any_key,
                      "Take every key that begins with sandbox-SERVICE-, each as an account of its own");
    command
        ->add_option("--drift", settings.drift,
                     "Colours drift in each take: luma by so many 8-bit code values at its end, chroma by half")
        ->check(number_between(-60, 60))
        ->type_name("CODES");
    command->add_option("--clock", settings.clock, "Seconds the service's clock is ahead of ours")
        ->check(number_between(-1e9, 1e9))
        ->type_name("SECONDS");
    command->add_option("--fault", settings.faults, "Something to go wrong, see below; may be repeated")
        ->type_name("NAME[:WHICH]")
        ->allow_extra_args(false);
    command->footer(faults_text());
    command->callback([options, &session, &status] { status = serve(*options, session); });
}

} // namespace longtake::app
