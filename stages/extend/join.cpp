#include "stages/extend/join.h"

#include "pipeline/base/error.h"
#include "pipeline/image/grade.h"
#include "stages/extend/colour_match.h"
#include "stages/extend/match.h"
#include "stages/extend/track.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace longtake::stages {
namespace {

constexpr std::size_t k_tail = 24;
constexpr std::size_t k_head = 12;
constexpr std::size_t k_about_seam = 6;
constexpr double k_ramp = 0.75; ///< seconds over which a tail is graded over

/// What an extend call adds at least (where less was asked for, most of that) and at most, beyond what it is asked for;
/// seconds.
constexpr double k_least_added = 3;
constexpr double k_most_of = 0.9;
constexpr double k_most_added = 6.5;
constexpr double k_more_than_asked = 1.5;

/// Distance of a length from an interval.
double outside(double length, double least, double most)
{
    return std::max({0.0, least - length, length - most});
}

/// Raise it when looking at takes changes.
constexpr int k_join_version = 1;

/// What a join depends on, wherever the file lies.
nlohmann::json content_of(const Footage& footage)
{
    nlohmann::json content = footage;
    content.erase("file");
    return content;
}

/// Whether a result is the whole film so far and more (else: the new part alone).
class Classification {
public:
    explicit Classification(const JoinInput& input) : film_(input.film), result_(input.take), planned_(input) {}

    bool whole() const
    {
        const double least = std::min(k_least_added, k_most_of * planned_.guaranteed);
        const bool whole = result_seconds() >= film_seconds() + least;
        const bool part = result_seconds() <= std::max(k_most_added, planned_.seconds + k_more_than_asked);
        if (!whole && !part) {
            throw Error(
                Errc::provider,
                fmt::format("the service's extension lasts {:.2f} s: too short for the whole film so far ({:.2f} "
                            "s) and more, too long for a new part alone. It is paid and kept as '{}'; look at "
                            "it, use it as a \"clip\", or set \"continue\": \"last-frame\"",
                            result_seconds(), film_seconds(), result_.file.string()));
        }
        return whole && part ? by_pictures() : whole;
    }

private:
    double film_seconds() const { return film_.rate.seconds(film_.end()); }
    double result_seconds() const { return result_.rate.seconds(result_.frames); }

    /// A short parent leaves both open: does the result begin as the film began, or where it ended?
    bool by_pictures() const
    {
        const Size size = image::thumbnail_size(film_.size);
        const Strip begun = strip_of(film_.file, 0, 1, size);
        const Strip ended = tail_of(film_, 1, size);
        const Strip result = strip_of(result_.file, 0, 1, size);
        const double from_start = image::luma_mse(begun.front().luma, result.front().luma);
        const double from_end = image::luma_mse(ended.back().luma, result.front().luma);
        constexpr double k_clearly = 4;
        constexpr double k_doubt = 0.5; // code values squared
        if (from_start + k_doubt < from_end / k_clearly) {
            return true;
        }
        if (from_end + k_doubt < from_start / k_clearly) {
            return false;
        }
        const double sure = std::min(planned_.guaranteed, planned_.seconds);
        return outside(result_seconds(), film_seconds() + sure, film_seconds() + planned_.seconds) <
               outside(result_seconds(), sure, planned_.seconds);
    }

    const Footage& film_;
    const Footage& result_;
    const JoinInput& planned_;
};

/// Makes one join.
class Joiner {
public:
    explicit Joiner(const JoinInput& input)
        : film_(input.film), size_(image::thumbnail_size(film_.size)), tail_(tail_of(film_, k_tail, size_))
    {
        const Footage& take = input.take;
        join_.before = input.before;
        join_.added = take;
        if (input.kind == PlannedTake::Kind::extend && Classification(input).whole()) {
            take_from_whole(take);
        } else {
            take_part(take, input.kind == PlannedTake::Kind::chain);
        }
        if (join_.added.frames <= 0) {
            throw Error(Errc::provider,
                        fmt::format("the new take shows nothing new; it is kept as '{}'", take.file.string()));
        }
    }

    void follow()
    {
        if (related_) {
            const Grade step = transfer(image::colour_stats_of_rgb(tail_.back().rgb),
                                        image::colour_stats_of_rgb(moment_.rgb), k_measured);
            join_.change = image::chained(step, change_within(join_.added.file, moment_frame_, size_));
        }
    }

    void match(MatchColour how, const Grade& toward)
    {
        if (how == MatchColour::off || !related_) {
            return;
        }
        const av::Frame& end = tail_.back().rgb;
        const Grade base = join_.before.grade.empty() ? Grade{} : join_.before.grade.back().grade;
        Grade target = base;
        if (how == MatchColour::anchor) {
            target = toward;
            const image::ColourStats home = image::colour_stats_of_rgb(image::graded_rgb(end, toward));
            const Grade grade = grade_toward(moment_.rgb, home, k_confident);
            if (grade != Grade{}) {
                join_.added.grade = {{join_.added.first, grade}};
            }
        } else {
            target = grade_toward(end, image::colour_stats_of_rgb(moment_.rgb), k_confident);
        }
        if (target != base) {
            ramp(base, target);
        }
    }

    Join finish()
    {
        const Strip before = shown(tail_, film_.end() - static_cast<std::int64_t>(tail_.size()), join_.before);
        const Strip after = shown(head_, join_.added.first, join_.added);
        if (!before.empty() && !after.empty()) {
            join_.plain = seam_step(before, after);
            join_.matched =
                seam_step(graded(before, join_.before, join_.before.end() - static_cast<std::int64_t>(before.size())),
                          graded(after, join_.added, join_.added.first));
        }
        return std::move(join_);
    }

private:
    /// The moment of the parent's last frame is in the film; what is new comes after it.
    void take_from_whole(const Footage& take)
    {
        const std::int64_t expected = take.rate.frames(film_.rate.seconds(film_.end())) - 1;
        const FoundEnd end = find_end(film_, take, expected);
        if (!end.sure) {
            join_.warnings.push_back(fmt::format("the lengthened film does not show the end of the one before; it is "
                                                 "cut at {:.2f} s, where that should be",
                                                 take.rate.seconds(expected + 1)));
            related_ = false;
        }
        join_.added.first = end.frame + 1;
        join_.added.frames = take.end() - join_.added.first;
        head_ = strip_of(take.file, end.frame, k_head, size_);
        moment_frame_ = end.frame;
        moment_ = std::move(head_.front());
        head_.erase(head_.begin());
    }

    void take_part(const Footage& take, bool chained)
    {
        head_ = strip_of(take.file, 0, k_head, size_);
        const Overlap found = overlap(tail_, head_, chained);
        related_ = found.related;
        if (!related_) {
            join_.warnings.push_back("the new take does not begin with the picture the one before ended with");
        }
        moment_frame_ = std::max(0, found.repeated - 1);
        const image::Thumbnail& moment = head_.at(static_cast<std::size_t>(moment_frame_));
        moment_ = {moment.rgb.share(), moment.luma};
        // Cut from the end before, the new take stays whole; frames that stand still are only in the new one.
        const bool from_before = found.frozen == 0 && join_.before.frames > found.repeated + 1;
        const int dropped = from_before ? 0 : found.repeated + found.frozen;
        join_.before.frames -= from_before ? found.repeated : 0;
        join_.added.first = dropped;
        join_.added.frames = take.end() - dropped;
        head_.erase(head_.begin(), head_.begin() + std::min<std::ptrdiff_t>(dropped, std::ssize(head_)));
    }

    /// Grades the tail over, so that its last frame as shot, shown or not, has the grade `to`.
    void ramp(const Grade& from, const Grade& to)
    {
        const std::int64_t moment = film_.end() - 1;
        const std::int64_t length = std::min(film_.rate.frames(k_ramp), join_.before.frames - 1);
        if (length > 0) {
            join_.before.grade.push_back({moment - length, from});
        }
        join_.before.grade.push_back({moment, to});
    }

    /// Those of a strip's frames about the seam that belong to a piece; the strip begins with frame `first`.
    static Strip shown(const Strip& strip, std::int64_t first, const Footage& piece)
    {
        Strip shown;
        for (std::size_t i = 0; i < strip.size(); ++i) {
            const std::int64_t frame = first + static_cast<std::int64_t>(i);
            const bool near = frame >= piece.end() - static_cast<std::int64_t>(k_about_seam) ||
                              frame < piece.first + static_cast<std::int64_t>(k_about_seam);
            if (frame >= piece.first && frame < piece.end() && near) {
                shown.push_back({strip[i].rgb.share(), strip[i].luma});
            }
        }
        return shown;
    }

    static Strip graded(const Strip& strip, const Footage& piece, std::int64_t first)
    {
        Strip graded;
        for (std::size_t i = 0; i < strip.size(); ++i) {
            const Grade grade =
                piece.grade.empty() ? Grade{} : grade_at(piece.grade, first + static_cast<std::int64_t>(i));
            graded.push_back(image::thumbnail_of(image::graded_rgb(strip[i].rgb, grade)));
        }
        return graded;
    }

    const Footage& film_;
    Size size_;
    Strip tail_;              ///< of the film
    Strip head_;              ///< of what is added
    image::Thumbnail moment_; ///< the new take's frame that shows the film's last, or the one nearest to it
    std::int64_t moment_frame_ = 0;
    bool related_ = true;
    Join join_;
};

} // namespace

Join join(const JoinInput& input)
{
    Joiner joiner(input);
    if (input.follow) {
        joiner.follow();
    }
    joiner.match(input.match, input.toward);
    return joiner.finish();
}

void to_json(nlohmann::json& json, const JoinInput& input)
{
    const auto& [before, film, take, kind, seconds, guaranteed, match, toward, follow] = input; // every member counts
    json = {{"version", k_join_version},
            {"before", content_of(before)},
            {"film", content_of(film)},
            {"take", content_of(take)},
            {"planned", {word(kind), seconds, guaranteed}},
            {"match", word(match)},
            {"follow", follow},
            {"toward", GradeKey{0, toward}}};
}

void to_json(nlohmann::json& json, const Join& join)
{
    json = {{"before", join.before}, {"added", join.added},     {"change", GradeKey{0, join.change}},
            {"plain", join.plain},   {"matched", join.matched}, {"warnings", join.warnings}};
}

void from_json(const nlohmann::json& json, Join& join)
{
    json.at("before").get_to(join.before);
    json.at("added").get_to(join.added);
    join.change = json.at("change").get<GradeKey>().grade;
    json.at("plain").get_to(join.plain);
    json.at("matched").get_to(join.matched);
    json.at("warnings").get_to(join.warnings);
}

} // namespace longtake::stages
