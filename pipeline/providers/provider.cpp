#include "pipeline/providers/provider.h"

namespace longtake {

TakeRequest request_for(const Plan& plan, const ShotPlan& shot, const ShotStills& stills, const PlannedTake& take)
{
    TakeRequest request;
    request.shot = shot.shot.id;
    request.take = take;
    request.model = shot.model;
    request.settings = shot.shot.settings;
    request.size = plan.size;
    request.rate = plan.rate;
    request.stills = stills;
    request.trajectories = shot.shot.dynamic_masks;
    if (take.kind == PlannedTake::Kind::open) {
        request.multi_shot = shot.shot.multi_shot;
        request.effect = shot.shot.effect;
        request.references = shot.shot.references;
        request.edit = shot.shot.edit;
    } else { // what the opening was made from; it is gone on from its last frame
        request.stills.images.clear();
        request.stills.keyframes.clear();
        request.stills.references.clear();
    }
    if (take.kind == PlannedTake::Kind::lip_sync) {
        request.lip_sync = shot.shot.lip_sync;
    }
    request.shot_seconds = shot.shot.seconds.value_or(take.seconds) + plan.rate.seconds(shot.handle);
    request.handle = take.kind == PlannedTake::Kind::open ? shot.handle : 0;
    request.drift = drift_on(shot, plan.size);
    request.first_shot = plan.shots.empty() || plan.shots.front().shot.id == shot.shot.id;
    request.last_shot = plan.shots.empty() || plan.shots.back().shot.id == shot.shot.id;
    request.last = take.index + 1 >= static_cast<int>(shot.takes.size());
    return request;
}

Search Provider::search(const TakeRequest& /*request*/, std::stop_token /*stop*/)
{
    return {};
}

nlohmann::json shape_of(const std::optional<Still>& still)
{
    return still ? nlohmann::json(still->sha256) : nlohmann::json();
}

} // namespace longtake
