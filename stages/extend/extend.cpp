#include "stages/extend/extend.h"

#include "pipeline/av/picture_reader.h"
#include "pipeline/av/picture_writer.h"
#include "pipeline/base/files.h"
#include "pipeline/base/hash.h"

namespace longtake::stages {
namespace {

/// The last frame of a take as a picture, under its content's hash.
Still handed_over(const Footage& footage, const std::filesystem::path& stills)
{
    PartFile file(stills / (footage.sha256 + "-last.png"));
    Still still;
    const av::Frame last = av::last_picture(footage.file);
    av::write_png(last, file.part());
    still.size = last.size();
    still.sha256 = sha256_of_file(file.part());
    still.format = "png";
    still.file = stills / (still.sha256 + ".png");
    file.commit_as(still.file);
    return still;
}

} // namespace

Take extend(const Take& parent, const Plan& plan, const ShotPlan& shot, const PlannedTake& take,
            const ShotStills& pictures, Camera& camera, const std::filesystem::path& stills, const Progress& progress,
            std::stop_token stop)
{
    TakeRequest request = request_for(plan, shot, pictures, take);
    request.parent = parent.ref;
    request.parent_fingerprint = parent.fingerprint;
    if (take.kind == PlannedTake::Kind::extend) {
        return camera.shoot(request, progress, stop);
    }
    request.stills.image = handed_over(parent.footage, stills);
    Take link = camera.shoot(request, progress, stop);
    link.footage.first += 1; // the handed-over frame is already shown
    link.footage.frames -= 1;
    return link;
}

} // namespace longtake::stages
