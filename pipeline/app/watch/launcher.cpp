#include "pipeline/app/watch/launcher.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <iterator>
#include <utility>

namespace longtake::app {
namespace {

constexpr std::size_t k_last_words = 600; ///< bytes

/// Undone at the end, whatever happens.
struct SpawnSettings {
    posix_spawn_file_actions_t actions{};
    posix_spawnattr_t attributes{};

    SpawnSettings()
    {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawnattr_init(&attributes);
    }
    ~SpawnSettings()
    {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
};

/// No terminal, no signal of ours, and nothing of ours is open in it.
void set_apart(SpawnSettings& settings, const OwnRun& run, const std::filesystem::path& log)
{
    ::posix_spawn_file_actions_addopen(&settings.actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&settings.actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                       0600);
    ::posix_spawn_file_actions_adddup2(&settings.actions, STDOUT_FILENO, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&settings.actions, STDERR_FILENO + 1);
    ::posix_spawn_file_actions_addchdir_np(&settings.actions, run.directory.c_str());
    sigset_t none;
    sigemptyset(&none);
    ::posix_spawnattr_setsigmask(&settings.attributes, &none);
    ::posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
}

/// The last lines of a file.
std::string last_words(const std::filesystem::path& file)
{
    try {
        std::string text = read_text(file);
        if (text.size() > k_last_words) {
            const std::size_t line = text.find('\n', text.size() - k_last_words);
            text.erase(0, line == std::string::npos ? text.size() - k_last_words : line + 1);
        }
        return text;
    } catch (const Error& error) {
        return error.what();
    }
}

} // namespace

std::vector<std::string> words_again(const OwnRun& run, bool retry)
{
    std::vector<std::string> words = run.arguments;
    const auto want = [&](const char* flag) {
        if (std::ranges::find(words, flag) == words.end()) {
            words.emplace_back(flag);
        }
    };
    want("--approve");
    if (retry && !words.empty() && words.front() == "batch") {
        want("--retry-failed");
    }
    return words;
}

void Launcher::begin(const OwnRun& run, bool retry, const std::filesystem::path& log)
{
    log_ = log.empty() ? std::filesystem::path("/dev/null") : log;
    complaint_.reset();
    std::vector<std::string> words = words_again(run, retry);
    words.insert(words.begin(), program_.string());
    std::vector<char*> arguments;
    std::ranges::transform(words, std::back_inserter(arguments), [](std::string& word) { return word.data(); });
    arguments.push_back(nullptr);
    SpawnSettings settings;
    set_apart(settings, run, log_);
    const int failure = ::posix_spawn(&process_, program_.c_str(), &settings.actions, &settings.attributes,
                                      arguments.data(), ::environ);
    if (failure != 0) {
        process_ = 0;
        throw Error(Errc::storage, "cannot begin '" + program_.string() + "' in '" + run.directory.string() +
                                       "': " + std::strerror(failure));
    }
}

bool Launcher::goes_on()
{
    int status = 0;
    if (process_ > 0 && ::waitpid(process_, &status, WNOHANG) == process_) {
        process_ = 0;
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
            complaint_ = last_words(log_);
        }
    }
    return process_ > 0;
}

std::optional<std::string> Launcher::complaint()
{
    return std::exchange(complaint_, std::nullopt);
}

} // namespace longtake::app
