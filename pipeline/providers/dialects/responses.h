#pragma once

#include "pipeline/model/models.h"
#include "pipeline/providers/dialects/answer.h"
#include "pipeline/providers/dialects/request_shape.h"

#include <optional>
#include <string>
#include <string_view>

/// DMXAPI's `POST /v1/responses`. One address makes takes and answers questions about them, told apart by the name in
/// `model` alone: a client whose questions named the model of a take paid for it 27 times over. So a question is a type
/// of its own, which no submit can be made of.
namespace longtake::remote::responses {

inline constexpr const char* k_path = "/v1/responses";

/// One of DMXAPI's pages, by what it has in its own way.
struct Page;

/// A question about one task. It holds the name of a query, from the closed list of those that create nothing, and a
/// task's id; sent however often, it owes nothing.
class Question {
public:
    /// Empty for a query that is not on the list, and without a task.
    static std::optional<Question> about(std::string_view query, std::string_view task);

    /// The question that job() is the name of; empty for any other job.
    static std::optional<Question> of(const Job& job);

    /// "responses/kling-v3-get-all/tsk-1": the task's id alone would not say whom to ask.
    Job job() const;

    const std::string& task() const { return task_; }

    /// Whether it is answered with a stream that may last as long as the task does.
    bool streams() const;

    nlohmann::json body() const;

private:
    Question(const Page& page, std::string_view task) : page_(&page), task_(task) {}

    const Page* page_;
    std::string task_;
};

/// Whether a job is asked after here, whatever else is wrong with it.
bool is_job(const Job& job);

/// The request's JSON. Throws Error(usage) for what `route` cannot express, Error(input) for a file it cannot read.
nlohmann::json body_of(const TakeRequest& request, const Route& route);

/// What became of a submit by `route`.
Submission submission_of(const Answer& answer, const Route& route);

/// Where a task stands. What it charged is never told.
JobState state_of(const Answer& answer, const Question& question);

} // namespace longtake::remote::responses
