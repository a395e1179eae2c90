#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace longtake {

/// A child process made by fork(2), so that it has all that is loaded and read already, and what it breaks is its own.
/// The parent has to be without other threads that hold locks; the child has one thread, a process group of its own,
/// and every signal blocked that the parent blocked. It gets SIGTERM when the parent ends before it.
class Child {
public:
    /// Runs `work` in the child, whose standard output and error go into `log` (a file's descriptor), and ends it with
    /// what `work` returns. `work` is given the descriptor that the parent reads from. Throws Error(storage) where
    /// there can be no further process.
    Child(const std::function<int(int messages)>& work, int log);
    ~Child();
    Child(Child&& other) noexcept;
    Child& operator=(Child&&) = delete;

    /// The end of a pipe that what the child writes can be read from, without waiting.
    int messages() const noexcept { return messages_; }

    /// Reads what has come. False at its end: the child has closed it, as a rule by ending.
    bool read(std::string& into) const;

    void signal(int number) const noexcept;

    /// Waits for its end. Its exit status, or 128 and the number of the signal that ended it.
    int wait() noexcept;

private:
    pid_t pid_ = -1;
    int messages_ = -1;
};

} // namespace longtake
