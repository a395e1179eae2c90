#include "stages/extend/extend.h"

namespace longtake::stages {

Take extend(const Take& parent, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
            const ShotStills& pictures, const HandOver& from, Camera& camera, const Progress& progress,
            std::stop_token stop)
{
    TakeRequest request = request_for(plan, shot, pictures, take);
    request.parent = parent.ref;
    request.parent_footage = parent.footage.file;
    request.parent_fingerprint = parent.fingerprint;
    if (from.still) {
        request.stills.image = from.still;
    }
    return camera.shoot(request, progress, stop);
}

} // namespace longtake::stages
