#include "pipeline/app/rehearsal.h"

#include "pipeline/base/error.h"
#include "pipeline/sandbox/sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <csignal>

namespace longtake::app {
namespace {

/// Serves until whoever started it is gone or ends it.
int serve(const PresetDirs& dirs, int messages)
{
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &ends, nullptr); // of the server's threads, too
    sandbox::Settings settings;
    settings.any_key = false;
    settings.preset_dirs = dirs;
    settings.scale = 0.5; // a rehearsal is for timing, order and cost; a quarter of the pixels is soon rendered
    const sandbox::Sandbox services(settings);
    const std::string line = nlohmann::json({services.port(), services.environment()}).dump() + "\n";
    if (::write(messages, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        return 1;
    }
    int received = 0;
    ::sigwait(&ends, &received);
    return 0;
}

} // namespace

Environment with_variables(const Environment& environment, std::map<std::string, std::string> variables)
{
    Environment changed = environment;
    changed.variable = [variables = std::move(variables), environment](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? environment.variable(name) : found->second;
    };
    return changed;
}

MakeOptions Rehearsal::agreed(MakeOptions options)
{
    options.consent = true;
    options.rehearsal_account = "sandbox";
    return options;
}

Rehearsal::Rehearsal(Session& session)
{
    const int log = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    server_ = std::make_unique<Child>([&](int messages) { return serve(session.preset_dirs(), messages); }, log);
    ::close(log);
    std::string said;
    while (said.find('\n') == std::string::npos) {
        pollfd end{server_->messages(), POLLIN, 0};
        ::poll(&end, 1, -1);
        if (!server_->read(said)) {
            throw Error(Errc::internal, "the sandbox did not start");
        }
    }
    const auto told = nlohmann::json::parse(said);
    auto variables = told.at(1).get<std::map<std::string, std::string>>();
    variables.try_emplace("LONGTAKE_POLL_SECONDS", "0.3");
    environment_ = with_variables(session.environment, std::move(variables));
    session.console.note(fmt::format("rehearsal: every service is a sandbox on 127.0.0.1:{}; nothing is paid, and none "
                                     "of its footage is taken for the real thing",
                                     told.at(0).get<int>()));
}

} // namespace longtake::app
