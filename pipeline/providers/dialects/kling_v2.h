#pragma once

#include "pipeline/providers/dialects/answer.h"
#include "pipeline/providers/dialects/request_shape.h"

/// Kling's API 2.0: the model in the path, typed contents, one address for all queries.
namespace longtake::remote::kling_v2 {

/// "/image-to-video/<model>". `model` is the path's own name of it.
std::string path_of(const TakeRequest& request, const std::string& model);

/// Throws Error(usage) for what this generation cannot express.
nlohmann::json body_of(const TakeRequest& request, const std::string& model);

/// The job's id is "tasks/<task id>".
Submission submission_of(const Answer& answer);

JobState state_of(const Answer& answer, const std::string& task_id);

/// An empty list is how it says that there is no such task.
Search search_of(const Answer& answer, const std::string& own_id);

} // namespace longtake::remote::kling_v2
