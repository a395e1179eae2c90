#include "pipeline/av/picture/palette.h"

#include "pipeline/av/ffmpeg.h"
#include "pipeline/av/filter_graph.h"

namespace longtake::av {

struct PalettedFrames::Impl {
    FilterGraph graph{"split[all][each];[all]palettegen=stats_mode=full[palette];"
                      "[each][palette]paletteuse=dither=sierra2_4a:diff_mode=rectangle"};
};

PalettedFrames::PalettedFrames(const std::function<std::optional<Frame>()>& source) : impl_(std::make_unique<Impl>())
{
    std::int64_t count = 0;
    while (const std::optional<Frame> frame = source()) {
        Frame placed = frame->share();
        placed->pts = count++;
        impl_->graph.push(placed);
    }
    impl_->graph.finish();
}

PalettedFrames::~PalettedFrames() = default;
PalettedFrames::PalettedFrames(PalettedFrames&&) noexcept = default;

std::optional<Frame> PalettedFrames::next()
{
    return impl_->graph.pull();
}

} // namespace longtake::av
