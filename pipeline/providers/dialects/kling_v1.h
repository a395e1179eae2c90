#pragma once

#include "pipeline/providers/dialects/answer.h"
#include "pipeline/providers/dialects/request_shape.h"

/// The legacy generation of Kling's own API (`/v1/videos/...`), as Kling, DMXAPI and pass-through gateways speak it.
namespace longtake::remote::kling_v1 {

/// What a provider's video unit costs, USD, by the public list.
inline constexpr double k_usd_a_unit = 0.14;

/// The last part of the path: "text2video".
std::string path_of(Endpoint call);

/// The job of a task by its bare id, e.g. "image2video/867283741759111202".
Job job_of(const TakeRequest& request, const std::string& task);

/// The request's JSON. Throws Error(usage) for what these calls cannot express, Error(input) for a file it cannot read.
nlohmann::json body_of(const TakeRequest& request);

/// The JSON of `omni-video`, whose pictures are listed by their part in the take and named in the prompt. The same
/// throws.
nlohmann::json omni_body_of(const TakeRequest& request);

/// A prompt, or several shots in one take: `prompt` or `multi_shot`, `shot_type` and `multi_prompt`; with
/// `negative_prompt`. Throws Error(usage) for shots that do not last as long as the take.
nlohmann::json script_of(const TakeRequest& request);

/// Whether body_of() sends `cfg_scale`: V1.x alone knows it, and V1.0 not when it is extended.
bool sends_cfg(const TakeRequest& request);

/// Business codes of the vendor.
const Classifications& codes();

ApiError complaint_of(const nlohmann::json& body);

/// What became of a submit; the job's id is "<path>/<task id>".
Submission submission_of(const Answer& answer, const std::string& path);

/// Where a task stands.
JobState state_of(const Answer& answer);

/// Where a task stands by the `data` of an envelope.
JobState state_of_task(const nlohmann::json& data, const ApiError& envelope);

/// What a query by our own id told.
Search search_of(const Answer& answer, const std::string& path, const std::string& own_id);

/// A video's facts for `Ready::ref`, from one of `task_result.videos` or `outputs`.
nlohmann::json ref_of(const std::string& task_id, const nlohmann::json& video);

} // namespace longtake::remote::kling_v1
