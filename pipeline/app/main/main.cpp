#include "pipeline/app/app.h"

#include "pipeline/base/text.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <stop_token>
#include <thread>

namespace {

/// A descriptor 0, 1 or 2 that is closed would be given to the next file that is opened, and messages be written into
/// it. What stands in its place is read only: writing results fails, as it does on a closed descriptor.
void occupy_standard_descriptors()
{
    int opened = 0;
    do {
        opened = ::open("/dev/null", O_RDONLY);
    } while (opened >= 0 && opened <= STDERR_FILENO);
    if (opened > STDERR_FILENO) {
        ::close(opened);
    }
}

/// Writing into a closed pipe or beyond a limit of file size fails with a reason, which is told, instead of ending the
/// program half-way.
void ignore_failed_writes()
{
    std::signal(SIGPIPE, SIG_IGN);
    std::signal(SIGXFSZ, SIG_IGN);
}

/// nohup(1) ignores the signal for us.
bool hangs_up()
{
    struct sigaction action {};
    return ::sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler != SIG_IGN;
}

/// Turns the first Ctrl-C (or SIGTERM, or a terminal that is closed) into a request to stop; the second ends the
/// program at once.
void watch_signals(std::stop_source& stop)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (hangs_up()) {
        sigaddset(&signals, SIGHUP);
    }
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::thread([signals, &stop] {
        int received = 0;
        sigwait(&signals, &received);
        stop.request_stop();
        sigwait(&signals, &received);
        std::_Exit(128 + received);
    }).detach();
}

/// Pictures come and go by megabytes on several threads. By its own rule glibc soon keeps such blocks in its heaps,
/// where they pile up from encoder to encoder; fixed, the threshold gives them back as they are freed (mallopt(3)).
void return_large_blocks()
{
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

/// SVT-AV1 writes its settings to stderr by itself, unless told to write errors only.
void quieten_libraries()
{
    setenv("SVT_LOG", "1", 0);
}

std::optional<std::string> variable(const std::string& name)
{
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// "y" or "yes" is yes; anything else, and nothing, is no.
bool ask(const std::string& question)
{
    std::cerr << longtake::visible(question, longtake::Lines::several) << " [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

/// Empty at the end of what is typed, and for an empty line.
std::optional<std::string> answer(const std::string& question)
{
    std::cerr << longtake::visible(question, longtake::Lines::several) << "\n> " << std::flush;
    std::string line;
    return std::getline(std::cin, line) && !line.empty() ? std::optional(line) : std::nullopt;
}

int terminal_columns()
{
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

} // namespace

int main(int argc, char** argv)
{
    static std::stop_source stop; // outlives the watching thread
    occupy_standard_descriptors();
    ignore_failed_writes();
    return_large_blocks();
    quieten_libraries();
    watch_signals(stop);
    longtake::app::Environment environment;
    environment.variable = variable;
    environment.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
    if (environment.err_is_terminal && ::isatty(STDIN_FILENO) == 1) {
        environment.ask = ask;
        environment.answer = answer;
    }
    environment.err_columns = terminal_columns;
    std::error_code unknown;
    environment.program = std::filesystem::read_symlink("/proc/self/exe", unknown);
    environment.stop = stop.get_token();
    environment.watch_signals = [] {
        static std::stop_source own;
        watch_signals(own);
        return own.get_token();
    };
    return longtake::app::run(argc, argv, std::cout, std::cerr, environment);
}
