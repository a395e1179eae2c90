#pragma once

#include "pipeline/app/watch/watched_run.h"
#include "pipeline/base/child.h"
#include "pipeline/flow/live/control_file.h"
#include "pipeline/flow/live/event_log.h"
#include "tests/support/temp_dir.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <memory>
#include <string>

namespace longtake::test {

/// A run in a process of its own, as far as those who watch can tell: it writes its events and stays until it is
/// killed.
class WatchedProcess {
public:
    WatchedProcess(const std::filesystem::path& folder, const nlohmann::json& head,
                   const std::function<void(EventLog&)>& work)
    {
        const int log = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
        child_ = std::make_unique<Child>(
            [&](int messages) {
                EventLog events(head);
                events.open(folder);
                work(events);
                const std::string name = events.run() + "\n";
                if (::write(messages, name.data(), name.size()) < 0) {
                    return 1;
                }
                ::pause();
                return 0;
            },
            log);
        ::close(log);
        while (run_.find('\n') == std::string::npos && child_->read(run_)) {
            ::usleep(1000);
        }
        run_.pop_back();
    }

    const std::string& run() const { return run_; }

    void kill()
    {
        child_->signal(SIGKILL);
        child_->wait();
    }

private:
    std::unique_ptr<Child> child_;
    std::string run_;
};

} // namespace longtake::test
