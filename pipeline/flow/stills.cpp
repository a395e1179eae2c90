#include "pipeline/flow/stills.h"

#include "pipeline/flow/step.h"
#include "stages/plan/format.h"

#include <algorithm>

namespace longtake {
namespace {

/// Raise it when preparing changes, so that stills of an older way are made again. Those that takes were paid for stay
/// what they are where only a look is better: 2 knows where on them their picture stands, and leaves white white.
constexpr int k_still_version = 2;
constexpr int k_paid_still_version = 1;

/// The same of drawing cards, which nothing is paid for: 2 is Pango's.
constexpr int k_card_version = 2;

/// What a rehearsal moves over where a take is made from several pictures.
std::optional<std::filesystem::path> rehearsed(const Shot& shot)
{
    if (!shot.images.empty()) {
        return shot.images.front();
    }
    const auto picture = std::find_if(shot.references.begin(), shot.references.end(), [](const Reference& reference) {
        return reference.kind == Reference::Kind::picture;
    });
    return picture == shot.references.end() ? std::nullopt : std::optional(picture->file);
}

} // namespace

std::optional<Still> Stills::at_home(Still still) const
{
    still.file = folder_ / still.file.filename();
    return hashes_.holds(still.file, still.sha256) ? std::optional(std::move(still)) : std::nullopt;
}

void Stills::report(Event::Kind kind, const ShotPlan& shot, const std::string& text) const
{
    if (listener_) {
        listener_({kind, "prepare", shot.shot.id, 0, 0, text});
    }
}

/// The ledger's still of a step if it is there and whole, else a new one, if one may be made.
template <class Make>
std::optional<Still> Stills::recall_or(const char* step, const nlohmann::json& in, Make&& make)
{
    const std::string key = step_key(step, in);
    const auto known = ledger_.find(key);
    if (known) {
        if (auto still = at_home(known->get<Still>())) {
            return still;
        }
    }
    if (mode_ == Mode::recall) {
        return std::nullopt;
    }
    Still still = in_context(step, std::forward<Make>(make));
    hashes_.keep(still.file, still.sha256);
    idle_ = false;
    const nlohmann::json counts = ledger_.record(key, step, nlohmann::json(still), known);
    return at_home(counts.get<Still>()).value_or(still); // another machine's may have been first, and not look the same
}

stages::PictureRequest Stills::request_for(const ShotPlan& shot, const std::filesystem::path& picture, Use use,
                                           const std::optional<Size>& like) const
{
    const ShotSettings& settings = shot.shot.settings;
    stages::PictureRequest request;
    request.file = picture;
    request.rules = rules_;
    if (use != Use::reference) { // bars around a reference would be taken for a part of it
        request.aspect = stages::ratio_of(plan_.aspect_ratio);
    }
    request.fit = settings.fit;
    request.focus = settings.focus;
    request.background = settings.background;
    request.mask = use == Use::mask;
    request.like = like;
    if (request.mask || (use == Use::end_frame && (settings.fit == Fit::crop ||
                                                   settings.fit == Fit::automatic))) { // what both show must not jump
        request.of = shot.shot.image;
    }
    return request;
}

std::optional<Still> Stills::one(const ShotPlan& shot, const std::filesystem::path& picture, Use use,
                                 const std::optional<Size>& like)
{
    const stages::PictureRequest request = request_for(shot, picture, use, like);
    // Every member counts but the last: what was once read of a damaged file stays what is shown of it.
    const auto& [file, rules, aspect, fit, focus, background, mask, exactly, of, lenient] = request;
    const nlohmann::json in = {{"version", plan_.paid ? k_paid_still_version : k_still_version},
                               {"picture", hashes_.of(file)},
                               {"rules", rules},
                               {"aspect", aspect ? nlohmann::json(*aspect) : nlohmann::json()},
                               {"fit", word(fit)},
                               {"focus", focus},
                               {"background", background},
                               {"mask", mask},
                               {"like", exactly ? exactly->text() : ""},
                               {"of", of ? hashes_.of(*of) : ""}};
    bool made = false;
    auto still = recall_or("prepare", in, [&] {
        made = true;
        return stages::prepare(request, folder_);
    });
    if (mode_ == Mode::make) {
        report(made ? Event::Kind::finished : Event::Kind::reused, shot);
    }
    for (std::size_t i = 0; made && i < still->warnings.size(); ++i) {
        report(Event::Kind::warning, shot, picture.filename().string() + ": " + still->warnings[i]);
    }
    return still;
}

Still Stills::card(const ShotPlan& shot)
{
    const Card& card = *shot.shot.card;
    if (card.styled()) { // its text is drawn for each output; what lies under it is the film's
        const Style& style = plan_.styles.at(card.style.empty() ? plan_.brand : card.style);
        const nlohmann::json ground = {
            {"version", k_card_version}, {"ground", style.ground}, {"gradient", style.gradient}, {"size", plan_.size}};
        return recall_or("card", ground, [&] { return stages::prepare_ground(style, plan_.size, folder_); }).value();
    }
    const nlohmann::json in = {
        {"version", k_card_version}, {"card", card}, {"size", plan_.size}, {"box", safe_box_.list()}};
    return recall_or("card", in, [&] { return stages::prepare_card(card, plan_.size, safe_box_, folder_); }).value();
}

std::optional<ShotStills> Stills::of(const ShotPlan& shot)
{
    auto known = known_.find(shot.shot.id);
    if (known == known_.end()) {
        known = known_.emplace(shot.shot.id, find(shot)).first;
    }
    return known->second;
}

std::optional<ShotStills> Stills::find(const ShotPlan& shot)
{
    ShotStills stills;
    bool whole = true;
    const auto put = [&](std::optional<Still>& place, std::optional<Still> still) {
        whole = whole && still;
        place = std::move(still);
    };
    const auto add = [&](std::vector<Still>& list, const std::optional<Still>& still) {
        whole = whole && still;
        if (still) {
            list.push_back(*still);
        }
    };
    for (const auto& picture : shot.shot.images) {
        add(stills.images, one(shot, picture, Use::reference));
    }
    for (const Reference& reference : shot.shot.references) {
        if (reference.kind == Reference::Kind::picture) {
            add(stills.references, one(shot, reference.file, Use::reference));
        }
    }
    if (const auto first = rehearsed(shot.shot); first && !plan_.paid) {
        put(stills.image, one(shot, *first, Use::frame));
    }
    if (shot.shot.image) {
        put(stills.image, one(shot, *shot.shot.image, Use::frame));
    }
    if (!whole) {
        return std::nullopt;
    }
    const std::optional<Size> size = shot.shot.image ? std::optional(stills.image->size) : std::nullopt;
    if (size && shot.shot.end_image) {
        put(stills.end_image, one(shot, *shot.shot.end_image, Use::end_frame, size));
    }
    for (const auto& picture : shot.shot.keyframes) {
        if (size) {
            add(stills.keyframes, one(shot, picture, Use::end_frame, size));
        }
    }
    if (size && shot.shot.static_mask) {
        put(stills.static_mask, one(shot, *shot.shot.static_mask, Use::mask, size));
    }
    for (const DynamicMask& mask : shot.shot.dynamic_masks) {
        if (size) {
            add(stills.dynamic_masks, one(shot, mask.mask, Use::mask, size));
        }
    }
    return whole ? std::optional(std::move(stills)) : std::nullopt;
}

} // namespace longtake
