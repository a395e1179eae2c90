#include "stages/assemble/shot_stretches.h"

namespace longtake::stages {

std::vector<Stretch> alone(const Plan& plan)
{
    std::vector<Stretch> stretches;
    std::int64_t end = 0;
    for (const ShotPlan& shot : plan.shots) {
        const std::int64_t start = shot.held ? end : end - shot.transition_frames;
        if (!stretches.empty()) {
            stretches.back().to -= shot.transition_frames;
        }
        end = start + shot.frames;
        stretches.push_back({start + (shot.held ? 0 : shot.transition_frames), end});
    }
    return stretches;
}

} // namespace longtake::stages
