#include "pipeline/flow/look/source_picture.h"

#include "pipeline/av/clip/clip_facts.h"
#include "pipeline/av/picture/picture_decoder.h"
#include "pipeline/av/picture/picture_reader.h"
#include "stages/prepare/prepare.h"

#include <algorithm>
#include <cmath>

namespace longtake::look {
namespace {

Size inside(Size picture, Size box)
{
    const double scale =
        std::min(static_cast<double>(box.width) / picture.width, static_cast<double>(box.height) / picture.height);
    const auto side = [&](int length) { return std::max(2, static_cast<int>(std::lround(length * scale))); };
    return {side(picture.width), side(picture.height)};
}

/// As shots see it: upright, in sRGB, on a ground.
av::Frame upright(const std::filesystem::path& file, Size box)
{
    stages::PictureRequest request;
    request.file = file;
    request.rules.min_side = 2;
    request.rules.max_side = 2 * std::max(box.width, box.height);
    request.rules.max_aspect = 100;
    const stages::Conformed picture = stages::conformed(request);
    const auto codec = picture.still.format == "png" ? av::PictureCodec::png : av::PictureCodec::jpeg;
    return av::decode_picture(picture.bytes, codec).frame;
}

std::optional<av::Frame> clip_middle(const Shot& shot)
{
    const double middle = (shot.in + shot.out.value_or(shot.in)) / 2;
    const Rate rate = av::clip_facts(*shot.clip).rate.value_or(Rate{});
    return av::PictureReader(*shot.clip, rate.frames(middle)).next();
}

} // namespace

std::optional<av::Frame> source_picture(const ShotPlan& shot, Size box)
{
    std::optional<av::Frame> picture;
    if (shot.shot.image) {
        picture = upright(*shot.shot.image, box);
    } else if (shot.shot.clip) {
        picture = clip_middle(shot.shot);
    }
    return picture ? std::optional(av::resized(*picture, inside(picture->size(), box))) : std::nullopt;
}

} // namespace longtake::look
