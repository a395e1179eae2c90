#pragma once

#include "pipeline/providers/dialects/answer.h"

#include <optional>
#include <string>

/// What an answer of `/v1/responses` says, in whichever of its shapes it comes.
namespace longtake::remote::responses {

struct Reply {
    std::string status;      ///< of the response: "completed", "in_progress"; empty: it has none
    std::string text;        ///< what it says for people, or JSON as text
    nlohmann::json envelope; ///< Kling's own: the text read as JSON, or the response itself
    nlohmann::json response; ///< null where nothing in the answer is JSON
    ApiError complaint;
};

/// Reads Kling's envelope as it is or inside a response's text, a response object, a stream of events (the last one
/// that is whole counts), and plain text.
Reply reply_of(const Answer& answer);

/// The footage's address in text for people; empty: it names none. Other addresses may be in it: a page to look at, a
/// copy with a watermark.
std::string footage_in(const std::string& text);

/// The length in seconds that such a text names.
std::optional<double> seconds_in(const std::string& text);

/// The task's id that such a text names; empty: it names none.
std::string task_in(const std::string& text);

/// The word after "task status:" or its like; empty: it has none.
std::string status_in(const std::string& text);

/// Whether a text says that the task itself has failed, and not just the question.
bool says_task_failed(const std::string& text);

} // namespace longtake::remote::responses
