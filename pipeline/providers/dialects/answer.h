#pragma once

#include "pipeline/http/client.h"
#include "pipeline/providers/provider.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::remote {

/// What came back: the body read as JSON whatever the status says, or why nothing came.
struct Answer {
    int status = 0;                          ///< HTTP; 0: none came
    nlohmann::json body;                     ///< discarded where it is no JSON
    std::string text;                        ///< the body where it is no JSON
    bool empty = false;                      ///< without a body
    bool page = false;                       ///< the body is a web page
    std::string date;                        ///< the header
    std::chrono::milliseconds retry_after{}; ///< see Declined
    std::string hint;    ///< what is probably wrong with the base URL, where the answer looks like it
    bool astray = false; ///< a page, and nothing that speaks the dialect is at the base URL at all
    std::optional<http::Failure> failure;

    bool readable() const { return body.is_object(); }
};

Answer answer_of(const http::Outcome& outcome);

/// How a service words a no. All of it may be missing.
struct ApiError {
    std::string code; ///< business code, as text whatever its type
    std::string message;
    std::string request_id;
};

/// What a no comes to.
enum class Reaction {
    give_up,       ///< this take cannot be made as it is asked for
    missing,       ///< there is no such task, model or address
    stop,          ///< nor can any other of this account
    back_off,      ///< the same again, later
    wait_for_slot, ///< the same again when a take has ended
    unclear,       ///< it does not say whether anything was created
};

struct Classification {
    Reaction means = Reaction::give_up;
    Errc code = Errc::provider;
};

/// Business codes and what they mean on one surface; "5xxx" stands for every other code of four digits that begins so.
using Classifications = std::map<std::string, Classification, std::less<>>;

/// Services without a table of codes say it in words; compared in lower case. A 5xx may have created something
/// whatever it says, but for the few words that come from before the work began.
struct MessageRule {
    std::string_view part;
    Classification verdict;
    bool any_status = false;
};

/// Money and queues in the words that resellers use.
extern const std::vector<MessageRule> k_common_wordings;

/// What an HTTP status alone tells about a submit.
Classification verdict_of_status(int status);

/// The code decides; where there is none that is known, the words; then the status.
Classification judge(const ApiError& complaint, int status, const Classifications& codes,
                     const std::vector<MessageRule>& wordings = {});

/// One line for people: the message, then "(code 1303, HTTP 429, request 6bcd2a0e)". Without secrets.
std::string reason_of(const ApiError& complaint, int status);

/// The same, with what the whole answer tells beyond the message: a page instead of data, a wrong base URL.
std::string reason_of(const Answer& answer, const ApiError& complaint);
std::string reason_of(const http::Failure& failure);

/// What became of a submit that was not accepted.
Submission submission_of(const Answer& answer, const ApiError& complaint, const Classifications& codes,
                         const std::vector<MessageRule>& wordings = {});

/// What became of one that got no answer.
Submission submission_of(const http::Failure& failure);

/// What a no means for a task that is already paid for. It is never a refusal: a code, a wording or a readable "not
/// found" that denies the task is Missing, a refused key or empty account Barred; everything else may be the way there.
JobState state_of(const Answer& answer, const ApiError& complaint, const Classifications& codes,
                  const std::vector<MessageRule>& wordings = {});

/// How far a task is, by the words of all generations of these services. Whatever speaks of failing, cancelling or
/// expiring is a failure; a word that is not known may be the way there.
enum class Phase { running, done, failed };
Phase phase_of(std::string_view word);

/// A task that goes on; the word is kept for the user to read unless it is one of those that say just that.
Running running(std::string_view word);

/// What a finished task without footage comes to. `who` is "the service" or "the gateway".
Missing names_no_footage(const std::string& who = "the service");

/// The first of several places that holds an address, without blanks and line breaks around it.
std::string address_in(const nlohmann::json& json, std::initializer_list<const char*> pointers);

/// Why a task failed: the first of several places that tells, else whatever tells further in. A word of success
/// ("SUCCEED") is no reason.
std::string failure_reason(const nlohmann::json& task, std::initializer_list<const char*> pointers);

/// Whether a message is more than a word of success.
bool is_telling(std::string_view message);

/// A failed task. It is worth another try where nothing was charged and the content was not the reason.
Refused failed_task(const std::string& message, const ApiError& envelope, std::optional<double> charged);

/// A member by JSON pointer; null if it is not there.
const nlohmann::json& member(const nlohmann::json& json, const char* pointer);

/// A string, or a number or boolean as text; empty for anything else.
std::string text_of(const nlohmann::json& json);

/// A number, or the number a string holds.
std::optional<double> number_of(const nlohmann::json& json);

/// The first of several places that holds text.
std::string first_text(const nlohmann::json& json, std::initializer_list<const char*> pointers);

/// Unix seconds 30 days after a creation time in milliseconds, when these services remove the file; 0: not told.
std::int64_t expiry_of(const nlohmann::json& created_ms);

} // namespace longtake::remote
