#include "stages/extend/extend.h"

namespace longtake::stages {

TakeRequest extension_request(const Take& parent, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
                              const ShotStills& pictures, const FrameHandoff& from)
{
    TakeRequest request = request_for(plan, shot, pictures, take);
    request.parent = parent.ref;
    request.parent_footage = parent.footage.file;
    request.parent_fingerprint = parent.fingerprint;
    if (from.still) {
        request.stills.image = from.still;
    }
    return request;
}

Take extend(const Take& parent, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
            const ShotStills& pictures, const FrameHandoff& from, Generator& generator, const Progress& progress,
            std::stop_token stop)
{
    return generator.shoot(extension_request(parent, plan, shot, take, pictures, from), progress, stop);
}

} // namespace longtake::stages
