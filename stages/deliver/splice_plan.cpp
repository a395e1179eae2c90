#include "stages/deliver/splice_plan.h"

#include "pipeline/base/parallel.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace longtake::stages {
namespace {

/// Fewer frames than this are not worth an entry more.
constexpr std::int64_t k_least_copy = 12;

/// What a grade changes less than this (code values of 8 bits), it leaves as it is.
constexpr double k_no_grade = 0.25;

bool changes(const Grade& grade)
{
    constexpr double span = 219;
    for (std::size_t i = 0; i < 3; ++i) {
        if (std::abs(grade.gain[i] - 1) * span / 2 + std::abs(grade.offset[i]) > k_no_grade) {
            return true;
        }
    }
    return false;
}

/// Builds the spans from the film's start to its end.
class Planner {
public:
    Planner(const Timeline& timeline, const ClipIndexes& indexes, const std::set<std::string>& groups,
            const CopyTerms& terms)
        : timeline_(timeline), indexes_(indexes), groups_(groups), terms_(terms)
    {
    }

    std::vector<PlannedSpan> plan()
    {
        for (std::size_t i = 0; i < timeline_.items.size(); ++i) {
            item(i);
        }
        return std::move(spans_);
    }

private:
    void item(std::size_t i)
    {
        const Item& item = timeline_.items[i];
        const Item* next = i + 1 < timeline_.items.size() ? &timeline_.items[i + 1] : nullptr;
        const std::int64_t end = item.start + item.frames;
        const std::int64_t clean_end = end - (next != nullptr ? next->transition.frames : 0);
        std::int64_t begin = item.start;
        if (item.transition.frames > 0 && !item.transition.held) {
            encode(item, begin, begin + item.transition.frames,
                   fmt::format("{} of both shots", word(item.transition.type)));
            begin += item.transition.frames;
        }
        std::int64_t at = item.start;
        for (const Range& range : item.ranges) {
            clean(item, range, at, std::max(at, begin), std::min(at + range.frames, clean_end));
            at += range.frames;
        }
        if (next != nullptr && next->transition.held) {
            encode(*next, clean_end, end, fmt::format("{} into the held first frame", word(next->transition.type)));
        }
    }

    /// Frames [from, to) of the film, which a range that starts at `at` shows as they are.
    void clean(const Item& item, const Range& range, std::int64_t at, std::int64_t from, std::int64_t to)
    {
        while (from < to) {
            const std::string reason = changed_at(range, at, from);
            std::int64_t until = from + 1;
            while (until < to && changed_at(range, at, until) == reason) {
                ++until;
            }
            if (!reason.empty()) {
                encode(item, from, until, reason);
            } else {
                ungraded(item, range, from - at, from, until);
            }
            from = until;
        }
    }

    /// Why a frame of the film is not its range's own, which starts at `at`; empty: it is.
    std::string changed_at(const Range& range, std::int64_t at, std::int64_t frame) const
    {
        const bool covered = std::ranges::any_of(
            timeline_.overlays, [&](const Overlay& overlay) { return overlay.from <= frame && frame < overlay.to; });
        return covered ? "text lies over it" : graded_at(range, frame - at) ? "colours are graded" : "";
    }

    static bool graded_at(const Range& range, std::int64_t offset)
    {
        return range.lut || (!range.grade.empty() && changes(grade_at(range.grade, range.first + offset)));
    }

    void ungraded(const Item& item, const Range& range, std::int64_t offset, std::int64_t from, std::int64_t to)
    {
        if (range.kind == Range::Kind::still) {
            encode(item, from, to, "a still picture");
            return;
        }
        const auto found = indexes_.find(range.file);
        const std::string obstacle = range.damaged             ? "it is damaged"
                                     : range.framed            ? "a part of it is shown"
                                     : found == indexes_.end() ? "nothing of this film is copied"
                                                               : mismatch(found->second);
        if (!obstacle.empty()) {
            encode(item, from, to, obstacle);
            return;
        }
        copy(item, range, found->second, range.first + offset, from, to);
    }

    std::string mismatch(const av::ClipIndex& clip) const
    {
        if (!clip.copy_blocker.empty()) {
            return clip.copy_blocker;
        }
        if (clip.size != timeline_.size) {
            return fmt::format("its size is {}, the film's {}", clip.size.text(), timeline_.size.text());
        }
        if (!(clip.rate == timeline_.rate)) {
            return fmt::format("its rate is {}, the film's {}", clip.rate.text(), timeline_.rate.text());
        }
        const std::string broken = breach(terms_, clip);
        return broken.empty() && !groups_.contains(clip.parameters)
                   ? fmt::format("more than {} clips have parameter sets of their own", most_groups(terms_))
                   : broken;
    }

    bool too_fast(const av::ClipIndex& clip, const av::PacketRun& run) const
    {
        return terms_.limit && first_overdraw({run_bytes(clip, run)}, clip.rate, *terms_.limit);
    }

    /// Frames [from, to) of the film are the file's from `source` on.
    void copy(const Item& item, const Range& range, const av::ClipIndex& clip, std::int64_t source, std::int64_t from,
              std::int64_t to)
    {
        const auto run = clip.run_within(source, source + to - from);
        if (!run || run->packets < k_least_copy) {
            encode(
                item, from, to,
                run ? fmt::format("only {} could be copied", frames_text(run->packets))
                    : fmt::format("no {} in them (GOPs of {})", entry_text(terms_), frames_text(clip.longest_gop())));
            return;
        }
        if (too_fast(clip, *run)) {
            encode(item, from, to,
                   fmt::format("its bit rate passes the {:g} Mb/s asked for", terms_.limit->bits_per_second / 1e6));
            return;
        }
        const std::int64_t begin = from + run->first - source;
        const std::int64_t end = begin + run->packets;
        encode(item, from, begin,
               fmt::format("up to the next {} (GOPs of {})", entry_text(terms_), frames_text(clip.longest_gop())));
        PlannedSpan span;
        span.kind = Span::Kind::copy;
        span.at = begin;
        span.frames = run->packets;
        span.shot = item.shot;
        span.file = range.file;
        span.source = run->first;
        span.run = *run;
        span.parameters = clip.parameters;
        spans_.push_back(std::move(span));
        encode(item, end, to,
               source + to - from > clip.frames ? "its last picture is held"
                                                : "decoded before a picture that is not in the film");
    }

    void encode(const Item& item, std::int64_t from, std::int64_t to, std::string reason)
    {
        if (from >= to) {
            return;
        }
        PlannedSpan span;
        span.at = from;
        span.frames = to - from;
        span.shot = item.shot;
        span.reason = std::move(reason);
        spans_.push_back(std::move(span));
    }

    const Timeline& timeline_;
    const ClipIndexes& indexes_;
    const std::set<std::string>& groups_;
    const CopyTerms& terms_;
    std::vector<PlannedSpan> spans_;
};

/// Shot by shot, all of them encoded.
std::vector<PlannedSpan> converted_spans(const render::Rendition& rendition, const std::string& reason)
{
    std::vector<PlannedSpan> spans;
    const auto& items = rendition.timeline().items;
    for (std::size_t i = 0; i < items.size(); ++i) {
        PlannedSpan span;
        span.at = rendition.frame_at(items[i].start);
        const bool last = i + 1 == items.size();
        span.frames = (last ? rendition.frames() : rendition.frame_at(items[i + 1].start)) - span.at;
        span.shot = items[i].shot;
        span.reason = reason;
        if (span.frames > 0) { // a short shot may fall between two frames of a lower rate
            spans.push_back(std::move(span));
        }
    }
    return spans;
}

/// The parameter sets most frames need, as many as a file can hold.
std::set<std::string> usable_groups(const Timeline& timeline, const ClipIndexes& indexes, const CopyTerms& terms)
{
    std::map<std::string, std::int64_t> frames;
    for (const Item& item : timeline.items) {
        for (const Range& range : item.ranges) {
            const auto found = indexes.find(range.file);
            if (found != indexes.end() && found->second.copy_blocker.empty() && breach(terms, found->second).empty()) {
                frames[found->second.parameters] += range.frames;
            }
        }
    }
    std::vector<std::pair<std::int64_t, std::string>> by_frames;
    for (const auto& [name, count] : frames) {
        by_frames.emplace_back(-count, name);
    }
    std::sort(by_frames.begin(), by_frames.end());
    by_frames.resize(std::min(by_frames.size(), most_groups(terms)));
    std::set<std::string> groups;
    for (const auto& [count, name] : by_frames) {
        groups.insert(name);
    }
    return groups;
}

/// Whether anything of a shot is copied.
bool copies_of(const SplicePlan& plan, const Item& item)
{
    return std::any_of(plan.planned.begin(), plan.planned.end(), [&](const PlannedSpan& span) {
        return span.kind == Span::Kind::copy && span.at < item.start + item.frames &&
               span.at + span.frames > item.start;
    });
}

JoinMode mode_at(const SplicePlan& plan, const Item& before, const Item& after)
{
    bool clean = after.transition.frames == 0;
    for (const PlannedSpan& span : plan.planned) {
        const bool touches = span.at <= after.start && span.at + span.frames >= after.start;
        clean = clean && (!touches || span.kind == Span::Kind::copy);
    }
    if (clean) {
        return JoinMode::copy;
    }
    return copies_of(plan, before) || copies_of(plan, after) ? JoinMode::partial : JoinMode::full;
}

} // namespace

std::int64_t SplicePlan::frames() const noexcept
{
    return planned.empty() ? 0 : planned.back().at + planned.back().frames;
}

std::int64_t SplicePlan::copied() const noexcept
{
    std::int64_t frames = 0;
    for (const PlannedSpan& span : planned) {
        frames += span.kind == Span::Kind::copy ? span.frames : 0;
    }
    return frames;
}

std::vector<Span> SplicePlan::spans() const
{
    return {planned.begin(), planned.end()};
}

SplicePlan plan_splice(const render::Rendition& rendition, const ClipIndexes& indexes, const CopyTerms& terms)
{
    const Timeline& timeline = rendition.timeline();
    const std::set<std::string> groups = usable_groups(timeline, indexes, terms);
    SplicePlan plan;
    if (const std::string reason = rendition.converted(); !reason.empty()) {
        plan.planned = converted_spans(rendition, reason);
    } else {
        plan.planned = Planner(timeline, indexes, groups, terms).plan();
    }
    for (std::size_t i = 1; i < timeline.items.size(); ++i) {
        const Item& after = timeline.items[i];
        plan.joins.push_back({after.shot, after.start, mode_at(plan, timeline.items[i - 1], after)});
    }
    return plan;
}

std::vector<std::int64_t> run_bytes(const av::ClipIndex& clip, const av::PacketRun& run)
{
    std::vector<std::int64_t> bytes{clip.bytes[static_cast<std::size_t>(run.packet)]};
    const auto rest = clip.bytes.begin() + run.packet + 1 + run.skipped;
    bytes.insert(bytes.end(), rest, rest + run.packets - 1);
    return bytes;
}

ClipIndexes index_clips(const Timeline& timeline, const Indexer& index)
{
    std::map<std::filesystem::path, const Range*> clips;
    for (const Item& item : timeline.items) {
        for (const Range& range : item.ranges) {
            if (range.kind == Range::Kind::footage) {
                clips.try_emplace(range.file, &range);
            }
        }
    }
    const std::vector<std::pair<std::filesystem::path, const Range*>> list(clips.begin(), clips.end());
    auto found = parallel_map<av::ClipIndex>(thread_count(0), list.size(), [&](std::size_t i) {
        return index ? index(*list[i].second) : av::index_clip(list[i].first);
    });
    ClipIndexes indexes;
    for (std::size_t i = 0; i < list.size(); ++i) {
        indexes.emplace(list[i].first, std::move(found[i]));
    }
    return indexes;
}

std::string word(JoinMode mode)
{
    switch (mode) {
    case JoinMode::copy: return "copy";
    case JoinMode::partial: return "partial";
    case JoinMode::full: return "full";
    }
    return {};
}

void to_json(nlohmann::json& json, const JoinPlan& join)
{
    json = {{"shot", join.shot}, {"at", join.at}, {"mode", word(join.mode)}};
}

} // namespace longtake::stages
