#include "pipeline/flow/look/stand_ins.h"

#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/av/picture/to_rgb.h"
#include "pipeline/base/files.h"
#include "pipeline/base/parallel.h"
#include "pipeline/flow/framings.h"
#include "pipeline/flow/look/sheet.h"
#include "pipeline/flow/shot_runner.h"
#include "pipeline/providers/take_renderer.h"
#include "stages/assemble/assemble.h"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace longtake::look {
namespace {

/// The way into and out of a shot, in frames of it.
struct Ways {
    std::int64_t in = 0, out = 0;
};

Ways ways_of(const Plan& plan, std::size_t index)
{
    const ShotPlan& shot = plan.shots[index];
    const bool moves = !shot.held || shot.handle > 0;
    return {moves ? shot.transition_frames : 0,
            index + 1 < plan.shots.size() ? plan.shots[index + 1].transition_frames : 0};
}

/// A shot as one take of its whole length: where its takes meet makes no difference to a single picture.
TakeRequest whole_take(const Plan& plan, const ShotPlan& shot, const ShotStills& stills)
{
    PlannedTake take = shot.takes.front();
    take.seconds = plan.rate.seconds(shot.frames);
    take.end_frame = shot.shot.end_image.has_value();
    TakeRequest request = request_for(plan, shot, stills, take);
    request.last = true;
    return request;
}

av::Frame drawn(const local::TakeRenderer& renderer, std::int64_t index, Size size)
{
    const av::Frame frame = av::Frame::yuv420(size);
    local::YuvView view{{}, {}, size};
    for (int i = 0; i < 3; ++i) {
        view.plane[static_cast<std::size_t>(i)] = frame.plane(i);
        view.stride[static_cast<std::size_t>(i)] = frame.stride(i);
    }
    renderer.render(index, view);
    return av::ToRgb(av::Orientation{}).apply(frame);
}

/// What a window over a clip shows of it at a frame.
PicturePart part_at(const FramedWindow& framed, std::int64_t frame)
{
    const PicturePoint centre = centre_at(framed.path, frame);
    const double width = static_cast<double>(framed.window.width) / framed.picture.width;
    const double height = static_cast<double>(framed.window.height) / framed.picture.height;
    return {centre.x - width / 2, centre.y - height / 2, width, height};
}

bool is_generated(const ShotPlan& shot)
{
    return shot.kind == ShotPlan::Kind::generated;
}

} // namespace

StandInMaker::StandInMaker(const Plan& plan, Stills& stills, FileHashes& hashes, Ledger& ledger,
                           const Observer& observer, std::filesystem::path folder)
    : plan_(plan), stills_(stills), hashes_(hashes), ledger_(ledger), observer_(observer), folder_(std::move(folder))
{
}

Range StandInMaker::shown(const av::Frame& rgb, const std::string& name, std::int64_t frames) const
{
    Range range;
    range.kind = Range::Kind::still;
    range.file = folder_ / (name + ".jpg"); // which is written in a fifth of a PNG's time
    range.frames = frames;
    range.fit = Fit::crop;
    write_atomic(range.file, av::encode_jpeg(rgb, 2));
    return range;
}

/// What has no picture yet is known by its prompt.
Range StandInMaker::unseen(const ShotPlan& shot) const
{
    av::Picture picture = av::plain_picture(plan_.size, "#303038");
    av::TextStyle style;
    style.colour = "#a8a8b0";
    style.height = 0.06;
    av::draw_text(picture, shot.shot.prompt.empty() ? shot.shot.id : shot.shot.prompt, style);
    return shown(frame_of(picture), shot.shot.id + "-prompt", shot.frames);
}

std::vector<Range> StandInMaker::rendered(std::size_t index, const ShotStills& stills) const
{
    const ShotPlan& shot = plan_.shots[index];
    const local::TakeSpec spec = local::take_spec(whole_take(plan_, shot, stills));
    const local::TakeRenderer renderer(spec);
    const Ways ways = ways_of(plan_, index);
    const std::int64_t all = shot.handle + shot.frames;
    const std::array<std::int64_t, 4> bounds{0, ways.in, all - ways.out, all};
    std::vector<Range> ranges;
    for (std::size_t part = 0; part < 3; ++part) {
        const std::int64_t frames = bounds.at(part + 1) - bounds.at(part);
        if (frames > 0) {
            const std::int64_t middle = std::min(bounds.at(part) + frames / 2, spec.frames - 1);
            ranges.push_back(
                shown(drawn(renderer, middle, plan_.size), fmt::format("{}-{}", shot.shot.id, part), frames));
        }
    }
    return ranges;
}

std::vector<Range> StandInMaker::ranges(std::size_t index, const ShotStills& stills) const
{
    const ShotPlan& shot = plan_.shots[index];
    if (!stills.image) {
        return {unseen(shot)};
    }
    if (!plan_.paid) {
        return rendered(index, stills);
    }
    Range still;
    still.kind = Range::Kind::still;
    still.file = stills.image->file;
    still.frames = shot.frames;
    still.fit = Fit::crop;
    return {still};
}

/// Clips and cards are what they are; what is generated is but a length so far.
stages::ShotMedia StandInMaker::media()
{
    stages::ShotMedia media;
    for (const ShotPlan& shot : plan_.shots) {
        if (shot.kind == ShotPlan::Kind::card) {
            media.cards[shot.shot.id] = stills_.card(shot);
        } else if (shot.kind == ShotPlan::Kind::clip) {
            media.clips[shot.shot.id] = existing_clip(shot, plan_.rate, hashes_.of(*shot.shot.clip));
        } else {
            Footage length;
            length.rate = plan_.rate;
            length.frames = shot.handle + shot.frames;
            media.clips[shot.shot.id] = {shot.shot.id, {length}};
        }
    }
    return media;
}

StandIns StandInMaker::make(const std::set<std::size_t>& shots)
{
    make_folder(folder_);
    StandIns film{stages::assemble(plan_, media()), std::vector<PicturePart>(plan_.shots.size())};
    std::vector<std::pair<std::size_t, ShotStills>> wanted;
    for (const std::size_t index : shots) {
        const ShotPlan& shot = plan_.shots[index];
        if (is_generated(shot)) {
            wanted.emplace_back(index, in_context("shot '" + shot.shot.id + "'", [&] { return *stills_.of(shot); }));
            film.seen[index] = wanted.back().second.image.value_or(Still{}).source;
        }
    }
    auto made = parallel_map<std::vector<Range>>(
        thread_count(0), wanted.size(), [&](std::size_t i) { return ranges(wanted[i].first, wanted[i].second); });
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        film.timeline.items[wanted[i].first].ranges = std::move(made[i]);
    }
    for (std::size_t i = 0; i < plan_.shots.size(); ++i) { // what nobody looks at is no footage either
        if (is_generated(plan_.shots[i]) && !shots.contains(i)) {
            film.timeline.items[i].ranges.front().kind = Range::Kind::still;
        }
    }
    FramingBook framings; // nobody keeps what a look finds
    film.timeline = framed(std::move(film.timeline), plan_, ledger_, observer_, framings);
    for (std::size_t i = 0; i < plan_.shots.size(); ++i) {
        const Range& range = film.timeline.items[i].ranges.front();
        if (range.framed) {
            film.seen[i] = part_at(*range.framed, range.first + range.frames / 2);
        }
    }
    return film;
}

} // namespace longtake::look
