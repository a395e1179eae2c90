#include "pipeline/render/overlays.h"

#include "pipeline/render/rendition.h"

#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cmath>
#include <list>
#include <mutex>
#include <utility>

namespace longtake::render {
namespace {

/// A raster that is moved, scaled or cut where its letters end, by parts of a pixel.
av::Raster moved(const Sprite& sprite, const Moment& moment, int side)
{
    const av::Raster& from = sprite.raster;
    const double scale = moment.scale;
    const double x = moment.x * side + (1 - scale) * from.size.width / 2;
    const double y = moment.y * side + (1 - scale) * from.size.height / 2;
    const auto whole_x = static_cast<int>(std::floor(x));
    const auto whole_y = static_cast<int>(std::floor(y));
    av::Raster to{from.left + whole_x, from.top + whole_y, {from.size.width + 1, from.size.height + 1}, {}};
    to.bgra.resize(static_cast<std::size_t>(to.size.width) * to.size.height * 4);
    // warpAffine only reads what it is given
    const cv::Mat source(from.size.height, from.size.width, CV_8UC4, const_cast<std::uint8_t*>(from.bgra.data()));
    cv::Mat target(to.size.height, to.size.width, CV_8UC4, to.bgra.data());
    const cv::Matx23d way(scale, 0, x - whole_x, 0, scale, y - whole_y);
    cv::warpAffine(source, target, way, target.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT);
    return to;
}

av::Raster typed(const Sprite& sprite, int letters)
{
    av::Raster raster = sprite.raster;
    const double stop = letters == 0 ? (sprite.part.rtl ? raster.left + raster.size.width : raster.left)
                                     : sprite.stops[static_cast<std::size_t>(letters) - 1];
    const int column = std::clamp(static_cast<int>(std::lround(stop)) - raster.left, 0, raster.size.width);
    const int begin = sprite.part.rtl ? 0 : column; // of what is not shown
    const int end = sprite.part.rtl ? column : raster.size.width;
    for (int y = 0; y < raster.size.height; ++y) {
        std::uint8_t* row = raster.bgra.data() + static_cast<std::size_t>(y) * raster.size.width * 4;
        std::fill(row + std::ptrdiff_t{begin} * 4, row + std::ptrdiff_t{end} * 4, std::uint8_t{0});
    }
    return raster;
}

/// All that a frame's overlays look like: equal states over the same picture are the same frame.
struct State {
    std::vector<std::pair<std::size_t, double>> scrims{}; ///< by overlay
    std::vector<Moment> moments{};

    friend bool operator==(const State&, const State&) = default;
};

} // namespace

std::vector<OverlaySpan> overlays_in(const Rendition& rendition, std::int64_t first, std::int64_t frames)
{
    std::vector<OverlaySpan> spans;
    const auto& overlays = rendition.timeline().overlays;
    for (std::size_t i = 0; i < overlays.size(); ++i) {
        const OverlaySpan span{i, rendition.frame_at(overlays[i].from), rendition.frame_at(overlays[i].to)};
        if (span.from < span.to && span.from < first + frames && span.to > first) {
            spans.push_back(span);
        }
    }
    return spans;
}

struct OverlaySheet::Impl {
    static constexpr std::size_t k_most = 32;

    std::mutex lock;
    std::list<std::pair<std::size_t, std::shared_ptr<const OverlayLayout>>> known; ///< the last asked for first
};

OverlaySheet::OverlaySheet() : impl_(std::make_unique<Impl>()) {}
OverlaySheet::~OverlaySheet() = default;

std::shared_ptr<const OverlayLayout> OverlaySheet::of(const Rendition& rendition, std::size_t index)
{
    const std::lock_guard lock(impl_->lock);
    auto& known = impl_->known;
    const auto found =
        std::ranges::find(known, index, &std::pair<std::size_t, std::shared_ptr<const OverlayLayout>>::first);
    if (found != known.end()) {
        known.splice(known.begin(), known, found);
    } else {
        known.emplace_front(index, std::make_shared<const OverlayLayout>(
                                       lay_out(rendition.timeline().overlays.at(index), rendition.canvas())));
        known.resize(std::min(known.size(), Impl::k_most));
    }
    return known.front().second;
}

struct OverlayPainter::Impl {
    const Rendition& rendition;
    av::PlaneLayout planes{};
    std::map<std::size_t, std::shared_ptr<const OverlayLayout>> shown{}; ///< those of the present frame, by overlay
    std::map<std::pair<std::size_t, std::size_t>, Patch> settled{};      ///< of them, by overlay and sprite
    State last{};
    std::optional<av::Frame> under{};   ///< what `painted` was made of; held, so that its memory is nobody else's
    std::optional<av::Frame> painted{}; ///< of the frame before

    Clock clock(const OverlaySpan& span, std::int64_t k) const
    {
        const Rate rate = rendition.rate();
        const double half = rate.seconds(1) / 2;
        return {rate.seconds(k - span.from) + half, rate.seconds(span.to - k) - half};
    }

    /// Keeps what is drawn in this frame, and nothing else.
    void show(const std::vector<OverlaySpan>& spans)
    {
        const auto gone = [&](std::size_t index) {
            return std::ranges::find(spans, index, &OverlaySpan::index) == spans.end();
        };
        std::erase_if(shown, [&](const auto& known) { return gone(known.first); });
        std::erase_if(settled, [&](const auto& known) { return gone(known.first.first); });
        for (const OverlaySpan& span : spans) {
            auto& layout = shown[span.index];
            layout = layout ? layout : rendition.overlay_layout(span.index);
        }
    }

    State state(const std::vector<OverlaySpan>& spans, std::int64_t k) const
    {
        State state;
        for (const OverlaySpan& span : spans) {
            const Overlay& overlay = rendition.timeline().overlays[span.index];
            const OverlayLayout& layout = *shown.at(span.index);
            state.scrims.emplace_back(span.index, layout.scrim ? scrim_opacity(overlay, clock(span, k)) : 0);
            for (const Sprite& sprite : layout.sprites) {
                state.moments.push_back(
                    moment_of(overlay, sprite.part, static_cast<int>(layout.sprites.size()), clock(span, k)));
            }
        }
        return state;
    }

    void draw(const av::Frame& frame, const State& state)
    {
        auto moment = state.moments.begin();
        for (const auto& [index, opacity] : state.scrims) {
            const OverlayLayout& layout = *shown.at(index);
            if (layout.scrim && opacity > 0) {
                darken(frame, *layout.scrim, planes, opacity);
            }
            for (std::size_t i = 0; i < layout.sprites.size(); ++i, ++moment) {
                draw(frame, {index, i}, layout.sprites[i], *moment);
            }
        }
    }

    void draw(const av::Frame& frame, const std::pair<std::size_t, std::size_t>& which, const Sprite& sprite,
              const Moment& moment)
    {
        if (moment.settled()) {
            auto found = settled.find(which);
            if (found == settled.end()) {
                found = settled.emplace(which, patch_of(sprite.raster, planes, frame.size())).first;
            }
            blend(frame, found->second, planes);
            return;
        }
        if (moment.opacity <= 0 || moment.letters == 0) {
            return;
        }
        const Size size = frame.size();
        const av::Raster raster = moment.letters > 0 ? typed(sprite, moment.letters)
                                                     : moved(sprite, moment, std::min(size.width, size.height));
        blend(frame, patch_of(raster, planes, size, moment.opacity), planes);
    }
};

OverlayPainter::OverlayPainter(const Rendition& rendition) : impl_(std::make_unique<Impl>(Impl{rendition})) {}
OverlayPainter::~OverlayPainter() = default;
OverlayPainter::OverlayPainter(OverlayPainter&&) noexcept = default;

av::Frame OverlayPainter::paint(av::Frame frame, std::int64_t k)
{
    const std::vector<OverlaySpan> spans = overlays_in(impl_->rendition, k, 1);
    if (spans.empty()) {
        return frame;
    }
    impl_->show(spans);
    State state = impl_->state(spans, k);
    const bool same = impl_->painted && impl_->under->plane(0) == frame.plane(0) && impl_->last == state;
    if (!same) { // a held picture under text that has settled is drawn once
        impl_->planes = av::plane_layout(frame);
        impl_->painted = av::writable_copy(frame);
        impl_->draw(*impl_->painted, state);
        impl_->under = std::move(frame);
        impl_->last = std::move(state);
    }
    return impl_->painted->share();
}

} // namespace longtake::render
