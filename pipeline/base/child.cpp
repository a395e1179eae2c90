#include "pipeline/base/child.h"

#include "pipeline/base/error.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace longtake {
namespace {

[[noreturn]] void no_child(const char* doing)
{
    throw Error(Errc::storage, std::string("no further process: ") + doing + ": " + std::strerror(errno));
}

/// In the child. What it leaves in buffers that were the parent's is not written a second time: it ends without a word.
[[noreturn]] void live(const std::function<int(int)>& work, int messages, int log, pid_t parent)
{
    ::prctl(PR_SET_PDEATHSIG, SIGTERM); // nobody reads what it makes any more
    if (::getppid() != parent) {
        ::_exit(128 + SIGTERM); // the parent went before that
    }
    ::setpgid(0, 0); // a Ctrl-C is the parent's, who passes it on
    ::dup2(log, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    int status = 1;
    try {
        status = work(messages);
    } catch (...) { // `work` has its own words for what goes wrong
    }
    ::_exit(status);
}

} // namespace

Child::Child(const std::function<int(int)>& work, int log)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        no_child("pipe2");
    }
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) {
        const int reason = errno;
        ::close(ends[0]);
        ::close(ends[1]);
        errno = reason;
        no_child("fork");
    }
    if (pid_ == 0) {
        ::close(ends[0]);
        live(work, ends[1], log, parent);
    }
    ::close(ends[1]);
    messages_ = ends[0];
    ::fcntl(messages_, F_SETFL, O_NONBLOCK);
}

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), messages_(std::exchange(other.messages_, -1))
{
}

Child::~Child()
{
    if (messages_ >= 0) {
        ::close(messages_);
    }
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        wait();
    }
}

bool Child::read(std::string& into) const
{
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t got = ::read(messages_, buffer.data(), buffer.size());
        if (got > 0) {
            into.append(buffer.data(), static_cast<std::size_t>(got));
        } else if (got == 0) {
            return false;
        } else if (errno != EINTR) {
            return errno == EAGAIN;
        }
    }
}

void Child::signal(int number) const noexcept
{
    if (pid_ > 0) {
        ::kill(pid_, number);
    }
}

int Child::wait() noexcept
{
    int status = 0;
    while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

} // namespace longtake
