#include "stages/assemble/place_overlays.h"

#include "pipeline/base/error.h"
#include "stages/assemble/place_captions.h"
#include "stages/assemble/shot_stretches.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace longtake::stages {
namespace {

Overlay overlay_in(const Style& style, Stretch where)
{
    Overlay overlay;
    overlay.from = where.from;
    overlay.to = where.to;
    overlay.in = style.entrance;
    overlay.out = style.exit;
    overlay.style = style;
    return overlay;
}

/// An author's overlay over frames [whole.from, whole.to), seen at most in `seen`.
Overlay placed(const OverlayWords& words, const Plan& plan, Stretch whole, Stretch seen, const std::string& what)
{
    Stretch where = seen;
    if (words.from) {
        where.from = std::max(where.from, whole.from + plan.rate.frames(*words.from));
    }
    if (words.to) {
        where.to = std::min(where.to, whole.from + plan.rate.frames(*words.to));
    }
    if (where.from >= where.to) {
        throw Error(Errc::usage,
                    fmt::format("{}: the overlay \"{}\" from {:.2f} s on is never seen: {:.2f} s are shown; "
                                "let it begin earlier, or end later",
                                what, words.texts.front().text, words.from.value_or(0),
                                plan.rate.seconds(seen.to - whole.from)));
    }
    Overlay overlay = overlay_in(plan.styles.at(plan.brand), where);
    overlay.texts = words.texts;
    overlay.at = words.at;
    overlay.in = words.in.value_or(overlay.in);
    overlay.out = words.out.value_or(overlay.out);
    return overlay;
}

bool is_end(const Plan& plan, std::size_t shot)
{
    return shot + 1 == plan.shots.size();
}

/// A card's text, and the logo if the film ends with it.
void add_card(const Plan& plan, std::size_t index, Stretch seen, std::vector<Overlay>& overlays)
{
    const Card& card = *plan.shots[index].shot.card;
    if (!card.styled() || seen.from >= seen.to) {
        return;
    }
    const Style& style = plan.styles.at(card.style.empty() ? plan.brand : card.style);
    Overlay overlay = overlay_in(style, seen);
    overlay.card = true;
    overlay.texts = card.texts;
    if (is_end(plan, index)) {
        const auto& logo = style.logo ? style.logo : plan.styles.at(plan.brand).logo;
        overlay.logo = logo && logo->at == Logo::At::end ? logo : std::nullopt;
        overlay.out = Motion::none; // the last frame is what stays in mind
    }
    overlays.push_back(std::move(overlay));
}

/// The brand's sign in its corner.
void add_corner_logo(const Plan& plan, std::int64_t frames, std::vector<Overlay>& overlays)
{
    const auto brand = plan.styles.find(plan.brand);
    if (brand == plan.styles.end() || !brand->second.logo || brand->second.logo->at == Logo::At::end) {
        return;
    }
    Overlay overlay = overlay_in(brand->second, {0, frames});
    overlay.logo = brand->second.logo;
    overlay.out = Motion::none;
    overlays.push_back(std::move(overlay));
}

/// Whether the picture goes to black at the film's end.
bool fades_out(const Plan& plan, std::int64_t frames)
{
    constexpr double k_film = 8; ///< seconds; what is shorter is a clip, or goes round
    const bool by_itself = plan.rate.seconds(frames) >= k_film && plan.shots.back().kind == ShotPlan::Kind::generated;
    return plan.ending == Ending::fade || (plan.ending == Ending::automatic && by_itself);
}

void add_curtain(const Plan& plan, std::int64_t frames, std::vector<Overlay>& overlays)
{
    constexpr double k_fade = 0.8;     ///< seconds
    constexpr std::int64_t k_most = 4; ///< a quarter of the film
    if (!plan.shots.empty() && fades_out(plan, frames)) {
        Overlay curtain;
        curtain.from = frames - std::clamp<std::int64_t>(frames / k_most, 1, plan.rate.frames(k_fade));
        curtain.to = frames;
        curtain.curtain = true;
        overlays.push_back(std::move(curtain));
    }
}

} // namespace

std::vector<Overlay> overlays_of(const Plan& plan)
{
    std::vector<Overlay> overlays;
    const std::vector<Stretch> seen = alone(plan);
    for (std::size_t i = 0; i < plan.shots.size(); ++i) {
        const ShotPlan& shot = plan.shots[i];
        if (shot.kind == ShotPlan::Kind::card) {
            add_card(plan, i, seen[i], overlays);
        }
        const Stretch whole{seen[i].from - (shot.held ? 0 : shot.transition_frames), seen[i].to};
        for (const OverlayWords& words : shot.shot.overlays) {
            overlays.push_back(placed(words, plan, whole, seen[i], fmt::format("shot '{}'", shot.shot.id)));
        }
    }
    const Stretch film{0, seen.empty() ? 0 : seen.back().to};
    for (const OverlayWords& words : plan.overlays) {
        overlays.push_back(placed(words, plan, film, film, "the film"));
    }
    add_corner_logo(plan, film.to, overlays);
    if (captions_are_burned(plan)) {
        const std::vector<Overlay> captions = burned_captions(plan, captions_of(plan, voices_of(plan, {})), overlays);
        overlays.insert(overlays.end(), captions.begin(), captions.end());
    }
    add_curtain(plan, film.to, overlays);
    return overlays;
}

bool has_captions(const Plan& plan)
{
    return !plan.caption_list.empty() || (plan.captions && plan.captions->file) ||
           std::ranges::any_of(plan.shots, [](const ShotPlan& shot) { return !shot.shot.caption.empty(); });
}

bool captions_are_burned(const Plan& plan)
{
    return has_captions(plan) && (!plan.captions || plan.captions->has(CaptionForm::burned));
}

std::vector<std::string> styles_of(const Plan& plan)
{
    std::set<std::string> names;
    bool any = !plan.brand.empty() || !plan.overlays.empty() || has_captions(plan);
    for (const ShotPlan& shot : plan.shots) {
        const bool card = shot.shot.card && shot.shot.card->styled();
        any = any || card || !shot.shot.overlays.empty();
        if (card && !shot.shot.card->style.empty()) {
            names.insert(shot.shot.card->style);
        }
    }
    if (any) {
        names.insert(plan.brand);
    }
    return {names.begin(), names.end()};
}

} // namespace longtake::stages
