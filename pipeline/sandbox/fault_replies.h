#pragma once

#include "pipeline/sandbox/service_state.h"

namespace longtake::sandbox {

/// A text of the web server's own, in no service's dialect.
Reply text_reply(int status, const std::string& text);

/// A web page as proxies and web servers put in place of an answer.
Reply page_reply(int status, const std::string& title);

/// As HTTP headers have it: "Sun, 29 Nov 2026 08:00:00 GMT".
std::string http_date(Clock::time_point when);

/// The answer to a submit that a fault spoils before anything is made. `now`: by the service's clock.
std::optional<Reply> reply_before(const FaultSet& faults, const Call& call, const ServiceState::Words& words,
                                  Clock::time_point now);

/// The answer to a submit that a fault spoils once the task is made and billed.
std::optional<Reply> reply_after(const FaultSet& faults, const ServiceState::Words& words);

/// The answer to a look that a fault spoils; `task.looks` counts that look already.
std::optional<Reply> reply_to_look(const Task& task, const std::function<Reply(const Refusal&)>& refused);

/// What the task's faults make of its file; `task.fetches` counts this download already.
Reply file_reply(const Task& task, const std::filesystem::path& file);

} // namespace longtake::sandbox
