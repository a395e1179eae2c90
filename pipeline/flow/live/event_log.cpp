#include "pipeline/flow/live/event_log.h"

#include "pipeline/base/random_name.h"
#include "pipeline/base/secrets.h"

#include <fcntl.h>
#include <unistd.h>

#include <ctime>
#include <utility>

namespace longtake {
namespace {

using nlohmann::json;
using EventClock = std::chrono::steady_clock;

constexpr const char* k_events_schema = "longtake/events/1";
constexpr std::int64_t k_most_progress = 8 << 20; ///< bytes of the file, beyond which progress is left out
constexpr std::int64_t k_most = 32 << 20;
constexpr std::int64_t k_most_unwritten = 8 << 20; ///< of a run that has no folder yet, or none that stays
constexpr std::chrono::milliseconds k_between_progress{500};

/// The whole file, for as long as this process has it open. A lock of POSIX is the process's own: one that it forks has
/// no part in it, and the system tells who holds it (fcntl(2), F_GETLK).
void lock_for_life(int descriptor) noexcept
{
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    ::fcntl(descriptor, F_SETLK, &whole);
}

} // namespace

int running(int descriptor) noexcept
{
    struct flock whole {};
    whole.l_type = F_RDLCK;
    whole.l_whence = SEEK_SET;
    return ::fcntl(descriptor, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK ? whole.l_pid : 0;
}

EventLog::EventLog(json head) : run_(random_name())
{
    head["event"] = "begin";
    head["schema"] = k_events_schema;
    head["run"] = run_;
    head["process"] = ::getpid();
    head["started"] = std::time(nullptr);
    put(std::move(head));
}

EventLog::~EventLog()
{
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

void EventLog::open(const std::filesystem::path& folder)
{
    const std::lock_guard lock(mutex_);
    const std::filesystem::path file = folder / k_events_file;
    opened_ = true;
    ::unlink(file.c_str());
    descriptor_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor_ >= 0) {
        lock_for_life(descriptor_);
        const std::string before = std::exchange(unwritten_, {});
        if (::write(descriptor_, before.data(), before.size()) != static_cast<ssize_t>(before.size())) {
            ::close(std::exchange(descriptor_, -1));
        }
    }
}

double EventLog::elapsed() const
{
    return std::chrono::duration<double>(EventClock::now() - began_).count();
}

/// A line that cannot be written whole ends the log: nothing follows a gap.
void EventLog::write(json line, std::int64_t most)
{
    line["at"] = static_cast<double>(static_cast<std::int64_t>(elapsed() * 1000)) / 1000;
    const std::string text = redact(line.dump(-1, ' ', false, json::error_handler_t::replace)) + "\n";
    const std::lock_guard lock(mutex_);
    const auto size = static_cast<std::int64_t>(text.size());
    if (bytes_ + size > (opened_ ? most : k_most_unwritten)) {
        return;
    }
    bytes_ += size;
    if (!opened_) {
        unwritten_ += text;
    } else if (descriptor_ >= 0 && ::write(descriptor_, text.data(), text.size()) != static_cast<ssize_t>(size)) {
        ::close(std::exchange(descriptor_, -1));
    }
}

void EventLog::put(json line)
{
    const bool end = line.value("event", "") == "end";
    write(std::move(line), end ? k_most + k_most_progress : k_most);
}

void EventLog::tell(const Event& event)
{
    const bool progress = event.kind == Event::Kind::progress;
    if (progress) {
        const std::lock_guard lock(mutex_);
        auto& told = told_[event.stage + " " + event.what];
        const auto now = EventClock::now();
        if (event.done != event.total && now - told < k_between_progress) {
            return;
        }
        told = now;
    }
    json line = {{"event", word(event.kind)}, {"stage", event.stage}, {"what", event.what}};
    if (progress) {
        line["done"] = event.done;
        line["total"] = event.total;
    }
    if (!event.text.empty()) {
        line["text"] = event.text;
    }
    write(std::move(line), progress ? k_most_progress : k_most);
}

} // namespace longtake
