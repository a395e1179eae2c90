#pragma once

#include "pipeline/http/client.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace longtake::http {

/// Unix seconds of a date as headers have it: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<std::int64_t> seconds_of_date(const std::string& text);

/// How long an answer asks to be left alone (Retry-After, in seconds or as a date), an hour at most; 0 if it does not
/// say. A date counts from the answer's own Date, so that a wrong clock here does not matter, else from `now`, which is
/// in Unix seconds.
std::chrono::milliseconds retry_after(const Response& response, std::int64_t now);

} // namespace longtake::http
