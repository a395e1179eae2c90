#include "stages/extend/strip.h"

#include "pipeline/av/picture/picture_reader.h"

#include <algorithm>

namespace longtake::stages {

Strip strip_of(const std::filesystem::path& file, std::int64_t first, std::size_t count, Size size)
{
    Strip strip;
    av::PictureReader reader(file, first, size);
    while (strip.size() < count) {
        auto picture = reader.next();
        if (!picture) {
            break;
        }
        strip.push_back(image::thumbnail_of(std::move(*picture)));
    }
    return strip;
}

Strip tail_of(const Footage& footage, std::size_t count, Size size)
{
    const std::int64_t first = std::max(footage.first, footage.end() - static_cast<std::int64_t>(count));
    return strip_of(footage.file, first, static_cast<std::size_t>(footage.end() - first), size);
}

} // namespace longtake::stages
