#include "pipeline/flow/shooting.h"

#include "pipeline/base/crew.h"
#include "pipeline/flow/step.h"
#include "stages/extend/extend.h"
#include "stages/extend/look.h"
#include "stages/generate/generate.h"
#include "stages/generate/speech.h"
#include "stages/prepare/prepare.h"

#include <fmt/format.h>

namespace longtake {
namespace {

/// Raise it when preparing changes, so that stills of an older way are made again.
constexpr int k_still_version = 1;

/// Raise them when looking at takes changes. A still that was sent is not made again for less: it is paid for.
constexpr int k_hand_over_version = 1;
constexpr int k_join_version = 1;

/// "16:9" as a number.
double aspect_of(const std::string& text)
{
    const std::size_t colon = text.find(':');
    return std::stod(text.substr(0, colon)) / std::stod(text.substr(colon + 1));
}

nlohmann::json shape_of(const ImageRules& rules)
{
    return {rules.min_side, rules.max_side, rules.max_aspect, rules.max_bytes, rules.formats};
}

/// What a join depends on, wherever the file lies.
nlohmann::json content_of(const Footage& footage)
{
    nlohmann::json content = footage;
    content.erase("file");
    return content;
}

bool still_there(const Still& still)
{
    return std::filesystem::exists(still.file);
}

} // namespace

void Shooting::report(Event::Kind kind, const std::string& stage, const std::string& what, std::int64_t done,
                      std::int64_t total, const std::string& text) const
{
    if (kind == Event::Kind::finished) {
        idle_ = false;
    }
    if (settings_.listener) {
        settings_.listener({kind, stage, what, done, total, text});
    }
}

Still Shooting::still_of(const ShotPlan& shot, const std::filesystem::path& picture, Use use,
                         const std::optional<Size>& like)
{
    const bool mask = use == Use::mask;
    const ShotSettings& settings = shot.shot.settings;
    stages::PictureRequest request;
    request.file = picture;
    request.rules = rules_;
    if (use != Use::reference) { // bars around a reference would be taken for a part of it
        request.aspect = aspect_of(plan_.aspect_ratio);
    }
    request.fit = settings.fit;
    request.background = settings.background;
    request.mask = mask;
    request.like = like;
    if (mask || (use == Use::end_frame && settings.fit == Fit::crop)) { // what both show must not jump
        request.of = shot.shot.image;
    }
    const nlohmann::json in = {{"version", k_still_version},
                               {"picture", ledger_.hash_of(picture)},
                               {"rules", shape_of(rules_)},
                               {"aspect", request.aspect ? nlohmann::json(*request.aspect) : nlohmann::json()},
                               {"fit", word(request.fit)},
                               {"background", request.background},
                               {"mask", mask},
                               {"like", like ? like->text() : ""},
                               {"of", request.of ? ledger_.hash_of(*request.of) : ""}};
    const auto made = step<Still>(
        ledger_, "prepare", in, [&] { return stages::prepare(request, settings_.workdir.stills()); }, still_there);
    report(made.reused ? Event::Kind::reused : Event::Kind::finished, "prepare", shot.shot.id);
    if (!made.reused) {
        for (const std::string& warning : made.result.warnings) {
            report(Event::Kind::warning, "prepare", shot.shot.id, 0, 0, picture.filename().string() + ": " + warning);
        }
    }
    return made.result;
}

void Shooting::prepare_shot(const ShotPlan& shot)
{
    if (shot.kind == ShotPlan::Kind::card) {
        const Card& card = *shot.shot.card;
        const nlohmann::json in = {
            {"version", k_still_version}, {"card", card}, {"size", plan_.size}, {"box", text_box_.list()}};
        material_.cards[shot.shot.id] =
            step<Still>(
                ledger_, "card", in,
                [&] { return stages::prepare_card(card, plan_.size, text_box_, settings_.workdir.stills()); },
                still_there)
                .result;
        return;
    }
    ShotStills stills;
    for (const auto& picture : shot.shot.images) {
        stills.images.push_back(still_of(shot, picture, Use::reference));
    }
    if (!stills.images.empty() && !plan_.paid) {
        stills.image = still_of(shot, shot.shot.images.front(), Use::frame); // what a rehearsal moves over
    }
    if (!shot.shot.image) {
        stills_[shot.shot.id] = std::move(stills);
        return;
    }
    stills.image = still_of(shot, *shot.shot.image, Use::frame);
    const Size size = stills.image->size;
    if (shot.shot.end_image) {
        stills.end_image = still_of(shot, *shot.shot.end_image, Use::end_frame, size);
    }
    if (shot.shot.static_mask) {
        stills.static_mask = still_of(shot, *shot.shot.static_mask, Use::mask, size);
    }
    for (const DynamicMask& mask : shot.shot.dynamic_masks) {
        stills.dynamic_masks.push_back(still_of(shot, mask.mask, Use::mask, size));
    }
    stills_[shot.shot.id] = std::move(stills);
}

void Shooting::prepare()
{
    for (const ShotPlan& shot : plan_.shots) {
        in_context("shot '" + shot.shot.id + "'", [&] { prepare_shot(shot); });
    }
    if (plan_.audio.music) {
        material_.music_sha256 = ledger_.hash_of(*plan_.audio.music);
    }
}

Clip existing_clip(const ShotPlan& shot, Rate rate, const std::string& sha256)
{
    Footage footage;
    footage.file = *shot.shot.clip;
    footage.sha256 = sha256;
    footage.rate = rate; // the composer conforms it
    footage.first = rate.frames(shot.shot.in);
    footage.frames = shot.frames;
    footage.sound = shot.sound;
    return {shot.shot.id, {footage}};
}

Take Shooting::go_on(Chain& chain, const ShotPlan& shot, const PlannedTake& take, const Progress& progress)
{
    const ShotSettings& settings = shot.shot.settings;
    const std::string match = word(settings.match_colour);
    const Footage before = chain.clip.footage.back();
    const Footage film = chain.last.footage;

    const nlohmann::json handed = {
        {"version", k_hand_over_version}, {"last", film.sha256}, {"drifted", GradeKey{0, chain.drifted}},
        {"kind", word(take.kind)},        {"match", match},      {"rules", shape_of(rules_)}};
    const auto from = step<stages::HandOver>(
        ledger_, "hand-over", handed,
        [&] { return stages::hand_over(film, chain.drifted, take, settings, rules_, settings_.workdir.stills()); },
        [](const stages::HandOver& made) { return !made.still || still_there(*made.still); });
    stages::check_drift(from.result, take, settings);

    Take made = stages::extend(chain.last, plan_, shot, take, stills_[shot.shot.id], from.result, camera_, progress,
                               settings_.stop);

    const bool follow = settings.match_colour != MatchColour::off || settings.max_drift > 0;
    const nlohmann::json joined = {{"version", k_join_version},
                                   {"before", content_of(before)},
                                   {"film", content_of(film)},
                                   {"take", content_of(made.footage)},
                                   {"planned", {word(take.kind), take.seconds, take.sure}},
                                   {"match", match},
                                   {"follow", follow},
                                   {"toward", GradeKey{0, from.result.grade}}};
    stages::Join join =
        step<stages::Join>(
            ledger_, "join", joined,
            [&] {
                return stages::join(before, film, made.footage, take, settings.match_colour, from.result.grade, follow);
            },
            [](const stages::Join&) { return true; })
            .result;
    join.before.file = before.file; // a working directory can be moved
    join.added.file = made.footage.file;
    const std::string what = fmt::format("{}+{}", shot.shot.id, take.index);
    for (const std::string& warning : join.warnings) {
        report(Event::Kind::warning, "extend", what, 0, 0, warning);
    }
    chain.clip.footage.back() = join.before;
    chain.clip.footage.push_back(join.added);
    chain.last = made;
    chain.last.footage = join.added;
    chain.drifted = stages::chained(chain.drifted, join.change);
    return made;
}

Clip Shooting::generated(const ShotPlan& shot)
{
    const double wanted = plan_.rate.seconds(shot.frames);
    Chain chain{{}, {shot.shot.id, {}}, {}};
    for (const PlannedTake& take : shot.takes) {
        const bool speech = take.kind == PlannedTake::Kind::lip_sync;
        // The plan is an upper bound: a chain stops as soon as the measured footage is long enough.
        if (take.index > 0 && chain.clip.seconds() >= wanted - 1e-6 && !take.end_frame && !speech) {
            continue;
        }
        const std::string stage = take.index == 0 ? "generate" : speech ? "speak" : "extend";
        const std::string what =
            fmt::format("{}{}", shot.shot.id, take.index == 0 ? "" : fmt::format("+{}", take.index));
        const Progress progress = [&](std::int64_t done, std::int64_t total) {
            report(Event::Kind::progress, stage, what, done, total);
        };
        const Take made = in_context(stage, [&] {
            if (speech) { // the whole film of the shot again, now speaking
                chain.last = stages::speak(chain.last, plan_, shot, take, stills_[shot.shot.id], camera_, progress,
                                           settings_.stop);
                chain.clip.footage = {chain.last.footage};
                return chain.last;
            }
            if (take.index > 0) {
                return go_on(chain, shot, take, progress);
            }
            chain.last = stages::generate(plan_, shot, stills_[shot.shot.id], camera_, progress, settings_.stop);
            chain.clip.footage = {chain.last.footage};
            return chain.last;
        });
        report(made.reused ? Event::Kind::reused : Event::Kind::finished, stage, what);
    }
    return chain.clip;
}

void Shooting::shoot_shot(const ShotPlan& shot)
{
    if (shot.kind == ShotPlan::Kind::card) {
        return;
    }
    Clip clip = shot.kind == ShotPlan::Kind::clip ? existing_clip(shot, plan_.rate, ledger_.hash_of(*shot.shot.clip))
                                                  : generated(shot);
    const std::lock_guard lock(mutex_);
    material_.clips[shot.shot.id] = std::move(clip);
}

std::vector<Failure> Shooting::shoot()
{
    std::vector<Failure> failures;
    with_crew(crew_size(settings_.jobs), plan_.shots.size(), [&](std::size_t i) {
        const ShotPlan& shot = plan_.shots[i];
        try {
            in_context("shot '" + shot.shot.id + "'", [&] { shoot_shot(shot); });
        } catch (const Error& error) {
            const std::lock_guard lock(mutex_);
            failures.push_back({shot.shot.id, error});
        } catch (const std::exception& error) {
            const std::lock_guard lock(mutex_);
            failures.push_back({shot.shot.id, Error(Errc::internal, "shot '" + shot.shot.id + "': " + error.what())});
        }
    });
    if (settings_.stop.stop_requested()) {
        throw Error(Errc::interrupted, "stopped");
    }
    return failures;
}

} // namespace longtake
