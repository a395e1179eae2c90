#pragma once

#include "pipeline/model/plan.h"
#include "pipeline/model/still.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

namespace longtake {

/// A shot's pictures, conformed.
struct ShotStills {
    std::optional<Still> image;
    std::optional<Still> end_image;
    std::optional<Still> static_mask;
    std::vector<Still> dynamic_masks;
};

/// What one take shall show. Knows no protocol.
struct TakeRequest {
    std::string shot;
    PlannedTake take;  ///< kind, seconds, prompt
    std::string model; ///< canonical name
    ShotSettings settings;
    Size size; ///< the plan's
    Rate rate; ///< the plan's
    /// `image` is the first frame of an opening or chained take; `take.end_frame` says whether this take arrives at
    /// `end_image`; dynamic masks stand beside the shot's trajectories, in the same order.
    ShotStills stills;
    std::vector<DynamicMask> trajectories;
    nlohmann::json parent; ///< for extend and chain: the parent take's `ref`; null otherwise
    std::string parent_fingerprint;
    double shot_seconds = 0; ///< planned length of the whole shot
    bool last = true;        ///< no take is planned after this one
};

/// The request for one planned take of a shot.
TakeRequest request_for(const Plan& plan, const ShotPlan& shot, const ShotStills& stills, const PlannedTake& take);

/// A submitted generation.
struct Job {
    std::string id;
};

struct Running {
    double progress = 0; ///< 0..1, as far as the service tells
};

struct Ready {
    std::string url;
    nlohmann::json ref;            ///< what the service needs to extend this take; kept in the ledger
    std::optional<double> charged; ///< USD
};

/// A refusal is an answer, not an exception: the caller decides whether to retry, skip the shot, or stop.
struct Refused {
    std::string reason;
    bool worth_retrying = false;
};

using JobState = std::variant<Running, Ready, Refused>;

/// How a download goes: frames or bytes so far, and of how many.
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

/// One video-generation service. Translates and nothing more.
class Provider {
public:
    virtual ~Provider() = default;

    virtual std::string name() const = 0;

    /// Everything in the request that shapes the footage here, so that the same request finds the same take again.
    virtual nlohmann::json shape(const TakeRequest& request) const = 0;

    /// Asks for a take and returns once the service has accepted it. Costs money on paid services.
    virtual Job submit(const TakeRequest& request) = 0;

    /// One round trip; never waits for the job.
    virtual JobState poll(const Job& job) = 0;

    /// Saves finished footage to `file`.
    virtual void download(const Ready& footage, const std::filesystem::path& file, const Progress& progress,
                          std::stop_token stop) = 0;
};

/// A picture's part in a fingerprint: its content's hash, or null.
nlohmann::json shape_of(const std::optional<Still>& still);

} // namespace longtake
