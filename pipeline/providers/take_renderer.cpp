#include "pipeline/providers/take_renderer.h"

#include "pipeline/base/error.h"
#include "pipeline/providers/local/easing.h"
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

Easing ease(const TakeSpec& spec)
{
    const double seconds = spec.rate.seconds(spec.frames);
    return Easing({.start = spec.start,
                   .seconds = seconds,
                   .move_seconds = spec.move_seconds.value_or(seconds),
                   .comes_to_rest = spec.comes_to_rest,
                   .idle = k_idle});
}

} // namespace

struct TakeRenderer::Impl {
    explicit Impl(TakeSpec given) : spec(std::move(given)), easing(ease(spec)), scene(make(spec)) {}

    static std::variant<Shot, Morph> make(const TakeSpec& spec)
    {
        if (spec.end_image) {
            return Morph(read_picture(spec.image), read_picture(*spec.end_image), spec.size);
        }
        return Shot(read_picture(spec.image), spec.camera, spec.size);
    }

    TakeSpec spec;
    Easing easing;
    std::variant<Shot, Morph> scene;
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
    if (const Shot* shot = std::get_if<Shot>(&impl_->scene)) {
        shot->render(impl_->easing.at(spec.rate.seconds(index)).progress, out);
    } else {
        const double last = static_cast<double>(std::max<std::int64_t>(spec.frames - 1, 1));
        std::get<Morph>(impl_->scene).render(spec.frames == 1 ? 1 : static_cast<double>(index) / last, out);
    }
}

MoveState TakeRenderer::end() const
{
    return end_state(impl_->spec);
}

MoveState end_state(const TakeSpec& spec)
{
    return spec.end_image ? MoveState{} : ease(spec).at(spec.rate.seconds(spec.frames));
}

} // namespace longtake::local
