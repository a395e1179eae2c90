#include "stages/generate/speech.h"

namespace longtake::stages {

TakeRequest speech_request(const Take& film, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
                           const ShotStills& stills)
{
    TakeRequest request = request_for(plan, shot, stills, take);
    request.settings.sound = false; // the film's own, if it has any, was asked for when it was shot
    request.settings.voices.clear();
    request.parent = film.ref;
    request.parent_fingerprint = film.fingerprint;
    request.parent_footage = film.footage.file;
    return request;
}

Take speak(const Take& film, const Plan& plan, const ShotPlan& shot, const PlannedTake& take, const ShotStills& stills,
           Generator& generator, const Progress& progress, std::stop_token stop)
{
    return generator.shoot(speech_request(film, plan, shot, take, stills), progress, stop);
}

} // namespace longtake::stages
