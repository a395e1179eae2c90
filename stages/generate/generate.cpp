#include "stages/generate/generate.h"

namespace longtake::stages {

Take generate(const Plan& plan, const ShotPlan& shot, const ShotStills& stills, Generator& generator,
              const Progress& progress, std::stop_token stop)
{
    return generator.shoot(request_for(plan, shot, stills, shot.takes.at(0)), progress, stop);
}

} // namespace longtake::stages
