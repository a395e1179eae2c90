#pragma once

#include "pipeline/base/error.h"
#include "pipeline/model/plan.h"
#include "pipeline/model/still.h"

#include <nlohmann/json.hpp>

#include <chrono>
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
    std::vector<Still> images;     ///< references of a multi-image take
    std::vector<Still> keyframes;  ///< in order
    std::vector<Still> references; ///< pictures among the shot's references, in their order
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
    /// Set on the opening alone, as what follows, and `stills.images`, `keyframes` and `references`.
    std::vector<ShotPart> multi_shot;
    std::optional<Effect> effect;
    std::vector<Reference> references;
    std::optional<std::filesystem::path> edit; ///< the film to be changed
    std::optional<LipSync> lip_sync;           ///< set on the take of kind lip_sync alone
    nlohmann::json parent;                ///< for extend, chain and lip_sync: the parent take's `ref`; null otherwise
    std::filesystem::path parent_footage; ///< the parent take's file, for a service that wants the film itself
    std::string parent_fingerprint;
    double shot_seconds = 0; ///< planned length of the whole shot, what is seen before it begins included
    bool last = true;        ///< no take is planned after this one
    std::int64_t handle = 0; ///< frames that come before `take.seconds`: see ShotPlan
    Drift drift = Drift::in; ///< what the camera does where `settings.camera` is empty
    bool first_shot = true;  ///< the film begins with it
    bool last_shot = true;   ///< the film ends with it
    /// Our own name for this submit, unique per account; travels as `external_task_id` where the protocol has one. No
    /// part of the fingerprint.
    std::string own_id;
};

/// The request for one planned take of a shot.
TakeRequest request_for(const Plan& plan, const ShotPlan& shot, const ShotStills& stills, const PlannedTake& take);

/// A submitted generation: whatever its provider needs to find it again, as text, e.g. "image2video/8672837417591".
struct Job {
    std::string id;
};

/// Finished footage.
struct Ready {
    std::string url;
    nlohmann::json ref;            ///< what the service needs to extend this take; kept in the ledger
    std::optional<double> charged; ///< USD
    std::int64_t expires = 0;      ///< Unix seconds after which the service forgets the footage; 0: not known
    bool with_key = false;         ///< the address is the gateway's own, which wants its key with the download
};

/// The service has taken the request: it is paid for from here on.
struct Accepted {
    Job job;
    std::optional<Ready> ready = std::nullopt; ///< some have it at once
};

/// Nothing was created and nothing is owed: the service said no, or was never reached.
struct Declined {
    enum class Then {
        give_up,       ///< this take cannot be made as it is asked for
        stop,          ///< nor can any other of this account: money, credentials, permissions
        back_off,      ///< too fast, busy or unreachable: the same request again, later
        wait_for_slot, ///< as many takes as the account may have are running
    };
    Then then = Then::give_up;
    Errc code = Errc::provider;              ///< what it comes to when nothing helps
    std::string reason;                      ///< with the service's own message, business code and request id
    bool reached = true;                     ///< false: the service was not
    std::chrono::milliseconds retry_after{}; ///< how long it asks to be left alone (Retry-After); 0: it does not say
};

/// The service refuses our own id as one it has already: an earlier submit of this take was accepted.
struct Duplicate {
    std::string reason;
};

/// The request left, and no answer says what became of it: it may be running and billed.
struct Unclear {
    std::string reason;
};

using Submission = std::variant<Accepted, Declined, Unclear, Duplicate>;

/// Whether a service can be asked about a submit by our own id, and what its silence means.
enum class Lookup {
    none,   ///< it cannot be asked
    finds,  ///< what it finds is ours; not finding proves nothing
    proves, ///< what it does not find (after a while) was not created
};

/// What asking told; empty `job`: it knows of none. `reached` is false when it could not be asked just now.
struct Search {
    bool reached = false;
    std::optional<Job> job;
    std::string reason;
    std::chrono::milliseconds retry_after{}; ///< see Declined
};

struct Running {
    double progress = 0;   ///< 0..1, as far as the service tells
    std::string word = {}; ///< what the service calls it, where that is no word we know; for the user to read
};

/// The task itself ended in failure. An answer, not an exception: the caller decides whether to retry, skip the shot,
/// or stop.
struct Refused {
    std::string reason;
    bool worth_retrying = false;   ///< a fault of the service, not of what was asked for
    std::optional<double> charged; ///< USD; empty: the service does not say, so it may have been charged
};

/// The service knows no such task, will not tell, or has nothing to give for a finished one: a lag, another account, or
/// for good. It proves nothing about what is owed.
struct Missing {
    std::string reason;
};

/// Nothing of this account can be asked for: credentials, money. The job goes on.
struct Barred {
    std::string reason;
    Errc code = Errc::credentials;
};

/// The service could not be asked just now; the job goes on.
struct Unreachable {
    std::string reason;
    std::chrono::milliseconds retry_after{}; ///< see Declined
};

using JobState = std::variant<Running, Ready, Refused, Missing, Barred, Unreachable>;

/// How a download goes: frames or bytes so far, and of how many.
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

/// One video-generation service. Translates and nothing more: no sleeping, no retrying, no ledger.
class Provider {
public:
    virtual ~Provider() = default;

    virtual std::string name() const = 0;

    /// A stable text that names the account in use: the service's address and the credentials that are sent there. It
    /// is for hashing with a salt, never to be shown or stored as it is. Empty: no account is needed.
    virtual std::string account() const { return {}; }

    /// Whether it talks to a server on this machine, whose footage must not be taken for the service's.
    virtual bool rehearsal() const { return false; }

    /// Everything in the request that shapes the footage here, so that the same request finds the same take again.
    virtual nlohmann::json shape(const TakeRequest& request) const = 0;

    /// Asks for a take: sent once, on a connection of its own. Costs money on paid services.
    /// Throws Error(usage) for a request this surface cannot express; nothing was sent then.
    virtual Submission submit(const TakeRequest& request, std::stop_token stop) = 0;

    /// Whether search() works here.
    virtual Lookup lookup(const TakeRequest& /*request*/) const { return Lookup::none; }

    /// Looks for a submit by `request.own_id`. One round trip.
    virtual Search search(const TakeRequest& request, std::stop_token stop);

    /// The job of a task the user found in the service's own list; for requests whose answer was lost.
    virtual Job adopt(const TakeRequest& /*request*/, const std::string& task) const { return {task}; }

    /// One round trip; never waits for the job.
    virtual JobState poll(const Job& job, std::stop_token stop) = 0;

    /// Saves finished footage to `file`. Throws Error(pending) when it broke off and may work another time (a fresh
    /// address from poll() included), Error(provider) when what is offered is refused, Error(interrupted).
    virtual void download(const Ready& footage, const std::filesystem::path& file, const Progress& progress,
                          std::stop_token stop) = 0;
};

/// A picture's part in a fingerprint: its content's hash, or null.
nlohmann::json shape_of(const std::optional<Still>& still);

} // namespace longtake
