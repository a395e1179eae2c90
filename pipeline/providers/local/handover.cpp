#include "pipeline/providers/local/handover.h"

#include "pipeline/base/smoothstep.h"

#include <algorithm>

namespace longtake::local {
namespace {

/// A frame in memory of its own.
class Canvas {
public:
    explicit Canvas(Size size)
    {
        view_.size = size;
        for (std::size_t i = 0; i < 3; ++i) {
            const int width = i == 0 ? size.width : size.width / 2;
            const int height = i == 0 ? size.height : size.height / 2;
            planes_[i].resize(static_cast<std::size_t>(width) * height);
            view_.plane[i] = planes_[i].data();
            view_.stride[i] = width;
        }
    }

    const YuvView& view() const { return view_; }

private:
    std::array<std::vector<std::uint8_t>, 3> planes_;
    YuvView view_;
};

void dissolve(const YuvView& over, double share, const YuvView& out)
{
    const auto part = static_cast<float>(share);
    for (std::size_t i = 0; i < 3; ++i) {
        const int width = i == 0 ? out.size.width : out.size.width / 2;
        const int height = i == 0 ? out.size.height : out.size.height / 2;
        for (int y = 0; y < height; ++y) {
            const std::uint8_t* from = over.plane[i] + static_cast<std::ptrdiff_t>(y) * over.stride[i];
            std::uint8_t* to = out.plane[i] + static_cast<std::ptrdiff_t>(y) * out.stride[i];
            for (int x = 0; x < width; ++x) {
                to[x] = static_cast<std::uint8_t>(to[x] + (static_cast<float>(from[x]) - to[x]) * part + 0.5F);
            }
        }
    }
}

} // namespace

Handover::Handover(const cv::Mat& first, const cv::Mat& second, Size output, const Glide& over_first,
                   const Glide& over_second)
    : output_(output), first_(first, std::nullopt, output, over_first),
      second_(second, std::nullopt, output, over_second)
{
}

void Handover::render(double progress, double share, const YuvView& out) const
{
    if (share >= 1) {
        second_.render(progress, out);
        return;
    }
    first_.render(progress, out);
    if (share > 0) {
        const Canvas second(output_);
        second_.render(progress, second.view());
        dissolve(second.view(), share, out);
    }
}

double handover_share(double seconds, double length)
{
    const double takes = std::min(k_handover, length / 2);
    return smoothstep((seconds - length / 2) / takes + 0.5);
}

} // namespace longtake::local
