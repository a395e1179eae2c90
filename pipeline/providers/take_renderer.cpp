#include "pipeline/providers/take_renderer.h"

#include "pipeline/base/error.h"
#include "pipeline/providers/local/aim.h"
#include "pipeline/providers/local/easing.h"
#include "pipeline/providers/local/handover.h"
#include "pipeline/providers/local/inset.h"
#include "pipeline/providers/local/morph.h"
#include "pipeline/providers/local/shot.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <variant>

namespace longtake::local {

void to_json(nlohmann::json& json, const MoveState& state)
{
    json = {{"progress", state.progress}, {"speed", state.speed}};
}

void from_json(const nlohmann::json& json, MoveState& state)
{
    json.at("progress").get_to(state.progress);
    json.at("speed").get_to(state.speed);
}

namespace {

void check(const TakeSpec& spec)
{
    if (spec.frames < 1 || spec.size.width < 2 || spec.size.height < 2 || spec.size.width % 2 || spec.size.height % 2) {
        throw Error(Errc::internal, "local take of " + std::to_string(spec.frames) + " frames at " + spec.size.text() +
                                        ": needs at least one frame and even sides");
    }
}

double move_seconds(const TakeSpec& spec)
{
    return spec.move_seconds.value_or(spec.rate.seconds(spec.frames));
}

Easing ease(const TakeSpec& spec)
{
    return Easing({.start = spec.start,
                   .seconds = spec.rate.seconds(spec.frames),
                   .move_seconds = move_seconds(spec),
                   .comes_to_rest = spec.comes_to_rest,
                   .idle_in = spec.from_rest ? k_idle : 1,
                   .idle_out = spec.to_rest ? k_idle : 1});
}

Glide glide_over(const cv::Mat& picture, const TakeSpec& spec)
{
    return {spec.drift, cruise_factor(move_seconds(spec)), aim_of(picture, spec.focus)};
}

bool draws_near(Drift drift)
{
    return drift == Drift::in || drift == Drift::left || drift == Drift::up;
}

using Scene = std::variant<Shot, Morph, Handover, Inset>;

Scene scene_of(const TakeSpec& spec)
{
    const cv::Mat picture = read_picture(spec.image);
    if (spec.end_image) {
        const cv::Mat end = read_picture(*spec.end_image);
        if (spec.strangers) {
            return Handover(picture, end, spec.size, glide_over(picture, spec), glide_over(end, spec));
        }
        return Morph(picture, end, spec.size);
    }
    if (spec.camera) {
        return Shot(picture, spec.camera, spec.size);
    }
    if (spec.inset) {
        return Inset(picture, *spec.inset, spec.size, draws_near(spec.drift));
    }
    return Shot(picture, spec.camera, spec.size, glide_over(picture, spec));
}

} // namespace

struct TakeRenderer::Impl {
    explicit Impl(TakeSpec given) : spec(std::move(given)), easing(ease(spec)), scene(scene_of(spec)) {}

    double seconds(std::int64_t index) const { return spec.rate.seconds(index); }
    double progress(std::int64_t index) const { return easing.at(seconds(index)).progress; }

    void draw(const Shot& shot, std::int64_t index, const YuvView& out) const { shot.render(progress(index), out); }
    void draw(const Inset& inset, std::int64_t index, const YuvView& out) const { inset.render(progress(index), out); }

    void draw(const Handover& handover, std::int64_t index, const YuvView& out) const
    {
        handover.render(progress(index), handover_share(seconds(index), seconds(spec.frames)), out);
    }

    void draw(const Morph& morph, std::int64_t index, const YuvView& out) const
    {
        const double last = static_cast<double>(std::max<std::int64_t>(spec.frames - 1, 1));
        morph.render(spec.frames == 1 ? 1 : static_cast<double>(index) / last, out);
    }

    TakeSpec spec;
    Easing easing;
    Scene scene;
};

TakeRenderer::TakeRenderer(TakeSpec spec)
{
    check(spec);
    impl_ = std::make_unique<Impl>(std::move(spec));
}

TakeRenderer::~TakeRenderer() = default;
TakeRenderer::TakeRenderer(TakeRenderer&&) noexcept = default;
TakeRenderer& TakeRenderer::operator=(TakeRenderer&&) noexcept = default;

void TakeRenderer::render(std::int64_t index, const YuvView& out) const
{
    const TakeSpec& spec = impl_->spec;
    if (index < 0 || index >= spec.frames || out.size != spec.size) {
        throw Error(Errc::internal, "local take: frame " + std::to_string(index) + " at " + out.size.text() +
                                        " asked of " + std::to_string(spec.frames) + " at " + spec.size.text());
    }
    std::visit([&](const auto& scene) { impl_->draw(scene, index, out); }, impl_->scene);
}

MoveState TakeRenderer::end() const
{
    return end_state(impl_->spec);
}

bool are_strangers(const std::filesystem::path& image, const std::filesystem::path& end_image, Size size)
{
    return are_strangers(read_picture(image), read_picture(end_image), size);
}

double closest(const std::optional<CameraMove>& camera, Drift drift, Size size, double seconds)
{
    return Move(camera, size, size.width / 2.0, size.height / 2.0, {drift, cruise_factor(seconds), {}}).tightest();
}

MoveState end_state(const TakeSpec& spec)
{
    return spec.end_image ? MoveState{} : ease(spec).at(spec.rate.seconds(spec.frames));
}

} // namespace longtake::local
