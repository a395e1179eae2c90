#include "pipeline/flow/batch/row_process.h"

#include "pipeline/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace longtake {
namespace {

using nlohmann::json;
using ProcessClock = std::chrono::steady_clock;

/// A file that a process writes into until this ends.
class Log {
public:
    explicit Log(const std::filesystem::path& file)
    {
        make_folder(file.parent_path());
        descriptor_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (descriptor_ < 0) {
            throw storage_error("open", file, errno);
        }
    }
    ~Log() { ::close(descriptor_); }
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;
    int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

double elapsed_since(ProcessClock::time_point then)
{
    return std::chrono::duration<double>(ProcessClock::now() - then).count();
}

} // namespace

RowProcess::RowProcess(const std::function<int(int messages)>& work, const std::filesystem::path& log)
    : child_(work, Log(log).descriptor()), began_(ProcessClock::now()), heard_at_(began_)
{
}

void RowProcess::hear(const std::string& line)
{
    json message = json::parse(line, nullptr, false);
    if (!message.is_object()) {
        return;
    }
    if (message.contains("claimed")) {
        claimed_ = message.at("claimed");
    } else if (message.contains("progress")) {
        share_ = message.value("progress", share_);
    } else if (message.contains("outcome")) {
        outcome_ = std::move(message);
    }
}

bool RowProcess::listen()
{
    const std::size_t before = heard_.size();
    const bool open = child_.read(heard_);
    if (heard_.size() != before) {
        heard_at_ = ProcessClock::now();
    }
    for (std::size_t end = heard_.find('\n'); end != std::string::npos; end = heard_.find('\n')) {
        hear(heard_.substr(0, end));
        heard_.erase(0, end + 1);
    }
    return open;
}

std::string RowProcess::end()
{
    status_ = child_.wait();
    if (killed()) {
        const int signal = status_ - k_signals;
        return fmt::format("by signal {} ({})", signal, ::strsignal(signal));
    }
    return status_ == 0 ? "" : fmt::format("with status {}", status_);
}

double RowProcess::seconds() const
{
    return elapsed_since(began_);
}

double RowProcess::silent_seconds() const
{
    return elapsed_since(heard_at_);
}

} // namespace longtake
