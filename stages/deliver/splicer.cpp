#include "stages/deliver/splicer.h"

#include "pipeline/av/splice/splice_writer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace longtake::stages {
namespace {

constexpr std::int64_t k_least_segment = 48; ///< frames: below this a cut costs more than a second core brings
constexpr std::int64_t k_most_segment = 240;

// What x264's macroblock tree (a lookahead of 40 frames at presets about medium) misses in a segment, in CRF, by its
// length in frames: measured as the CRF at which the segment's SSIM is that of the same frames in one long encode.
constexpr double k_lookahead_crf = 1.7;      ///< of a segment no longer than the lookahead
constexpr double k_lookahead_crf_from = 2.7; ///< of the line that falls to 0 at `k_lookahead_recovered`, of longer ones
constexpr double k_lookahead_recovered = 120;

// Larger pictures miss less of it. Measured in pictures of 360, 720 and 1080 lines, segments of 27 frames: a CRF
// of 1.7, 1.2 and 0.95.
constexpr double k_small_lines = 360;
constexpr double k_less_by_doubling = 0.25;
constexpr double k_least_share = 0.6;

/// Where [from, to) of the film may be cut at little cost: where only one shot is open, and that near its start.
std::vector<std::int64_t> good_cuts(const render::Rendition& rendition, std::int64_t from, std::int64_t to)
{
    std::vector<std::int64_t> cuts;
    for (const Item& segment : rendition.timeline().items) {
        const std::int64_t cut =
            rendition.frame_at(segment.start + (segment.transition.held ? 0 : segment.transition.frames));
        const std::int64_t before = cuts.empty() ? from : cuts.back();
        if (cut - before >= k_least_segment && to - cut >= k_least_segment) {
            cuts.push_back(cut);
        }
    }
    return cuts;
}

void add_segments(const render::Rendition& rendition, std::int64_t from, std::int64_t to,
                  std::vector<SplicePiece>& parts)
{
    std::vector<std::int64_t> cuts = good_cuts(rendition, from, to);
    cuts.push_back(to);
    for (const std::int64_t end : cuts) {
        const std::int64_t pieces = (end - from + k_most_segment - 1) / k_most_segment;
        for (std::int64_t left = pieces; left > 0; --left) {
            const std::int64_t frames = (end - from + left - 1) / left;
            parts.push_back({from, frames, nullptr});
            from += frames;
        }
    }
}

/// The last of the long segments are halved: while one core is still at the last, the others have nothing to do.
void halve_last(std::vector<SplicePiece>& parts)
{
    constexpr int k_halved = 2;
    int halved = 0;
    for (std::size_t i = parts.size(); i-- > 0 && halved < k_halved;) {
        SplicePiece& part = parts[i];
        if (part.copy == nullptr && part.frames >= 2 * k_least_segment) {
            const std::int64_t second = part.frames / 2;
            part.frames -= second;
            parts.insert(parts.begin() + static_cast<std::ptrdiff_t>(i) + 1, {part.at + part.frames, second, nullptr});
            ++halved;
        }
    }
}

/// Composes and encodes the segments on worker threads and hands them out in order.
class SegmentEncoders {
public:
    SegmentEncoders(const render::Rendition& rendition, const std::vector<SplicePiece>& segments, av::MediaSpec media,
                    const SpliceSettings& settings)
        : rendition_(rendition), segments_(segments), media_(std::move(media)), settings_(settings),
          jobs_(std::min(static_cast<std::size_t>(thread_count(settings.jobs)), segments.size())),
          made_(segments.size())
    {
        workers_ = start_threads(jobs_, [this] { work(); });
    }

    ~SegmentEncoders()
    {
        give_up();
        for (std::thread& worker : workers_) {
            worker.join();
        }
    }

    SegmentEncoders(const SegmentEncoders&) = delete;
    SegmentEncoders& operator=(const SegmentEncoders&) = delete;

    /// The next segment. Throws what making it threw.
    av::EncodedSegment next()
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return made_[given_] || failure_; });
        if (failure_) {
            std::rethrow_exception(failure_);
        }
        av::EncodedSegment segment = std::move(*made_[given_]);
        made_[given_++].reset();
        changed_.notify_all();
        return segment;
    }

private:
    void give_up()
    {
        const std::lock_guard lock(mutex_);
        over_ = true;
        changed_.notify_all();
    }

    void work()
    {
        while (const auto index = claim()) {
            try {
                av::EncodedSegment segment = encode(segments_[*index]);
                const std::lock_guard lock(mutex_);
                made_[*index] = std::move(segment);
            } catch (...) {
                const std::lock_guard lock(mutex_);
                failure_ = failure_ ? failure_ : std::current_exception();
                over_ = true;
            }
            changed_.notify_all();
        }
    }

    /// The next segment to make; only so far ahead of the one being written that memory stays small.
    std::optional<std::size_t> claim()
    {
        std::unique_lock lock(mutex_);
        const std::size_t ahead = 2 * jobs_ + 1;
        changed_.wait(lock, [&] { return over_ || claimed_ == segments_.size() || claimed_ < given_ + ahead; });
        if (over_ || claimed_ == segments_.size()) {
            return std::nullopt;
        }
        return claimed_++;
    }

    av::EncodedSegment encode(const SplicePiece& part)
    {
        av::SegmentEncoder encoder(suited_to(part));
        compose(part, encoder); // its decoders are closed before the encoder sets to work on what it has gathered
        return encoder.finish();
    }

    /// x264's macroblock tree starts from a coarser quantiser and gives back what it sees used again in the frames
    /// ahead. Towards a segment's end it sees ever fewer, and a short segment would come out coarser than the same
    /// frames of a long one: measured, 0.0017 in SSIM at 48 frames, 0.0036 at 15, which this gives back.
    av::MediaSpec suited_to(const SplicePiece& part) const
    {
        av::MediaSpec media = media_;
        media.blends = render::within(media_.blends, part.at, part.frames);
        if (media.video.crf && *media.video.crf > 0) {
            media.video.crf = std::max(1.0, *media.video.crf - lookahead_crf_offset(part.frames));
        }
        return media;
    }

    double lookahead_crf_offset(std::int64_t frames) const
    {
        const double line = k_lookahead_crf_from * (1 - static_cast<double>(frames) / k_lookahead_recovered);
        const double lines = std::min(media_.size.width, media_.size.height);
        const double share = 1 - k_less_by_doubling * std::log2(lines / k_small_lines);
        return std::clamp(line, 0.0, k_lookahead_crf) * std::clamp(share, k_least_share, 1.0);
    }

    void compose(const SplicePiece& part, av::SegmentEncoder& encoder)
    {
        auto frames = rendition_.read(part.at, media_.video.pixel_format);
        for (std::int64_t i = 0; i < part.frames; ++i) {
            if (over_ || settings_.stop.stop_requested()) {
                throw Error(Errc::interrupted, "stopped");
            }
            const auto frame = frames.next();
            if (!frame) {
                throw Error(Errc::internal, "splice: the film ends before its plan does");
            }
            encoder.write(*frame);
            ++done_;
            if (settings_.progress) {
                settings_.progress(done_);
            }
        }
    }

    const render::Rendition& rendition_;
    const std::vector<SplicePiece>& segments_;
    av::MediaSpec media_;
    const SpliceSettings& settings_;
    std::size_t jobs_; ///< what the workers go by: their own number grows while the first are at work already
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::optional<av::EncodedSegment>> made_;
    std::size_t claimed_ = 0;
    std::size_t given_ = 0;
    std::exception_ptr failure_;
    std::atomic<bool> over_ = false;
    std::atomic<std::int64_t> done_ = 0;
    std::vector<std::thread> workers_; ///< last: they start when everything else stands
};

/// One set of parameters that is copied from.
struct Source {
    std::filesystem::path file;
    std::int64_t frames = 0;
    std::size_t number = 0;
};

std::map<std::string, Source> sources_of(const SplicePlan& plan)
{
    std::map<std::string, Source> sources;
    for (const PlannedSpan& span : plan.planned) {
        if (span.kind == Span::Kind::copy) {
            const auto found = sources.try_emplace(span.parameters, Source{span.file, 0, sources.size()}).first;
            found->second.frames += span.frames;
        }
    }
    return sources;
}

int reorder_of(const SplicePlan& plan, const ClipIndexes& indexes)
{
    int reorder = 0;
    for (const PlannedSpan& span : plan.planned) {
        if (span.kind == Span::Kind::copy) {
            reorder = std::max(reorder, indexes.at(span.file).reorder);
        }
    }
    return reorder;
}

/// The clip most frames are copied from: what is encoded has to resemble it.
const av::ClipIndex* leading_clip(const std::map<std::string, Source>& sources, const ClipIndexes& indexes)
{
    const auto most = std::max_element(sources.begin(), sources.end(),
                                       [](const auto& a, const auto& b) { return a.second.frames < b.second.frames; });
    return most == sources.end() ? nullptr : &indexes.at(most->second.file);
}

/// Does what copying takes. What it finds wrong with a clip ends the copying, not the film.
template <class Work>
auto copying(Work&& work)
{
    try {
        return std::forward<Work>(work)();
    } catch (const Error& error) {
        if (error.code() == Errc::input) {
            throw Error(Errc::unverified, std::string("it cannot be copied: ") + error.what());
        }
        throw;
    }
}

} // namespace

std::vector<SplicePiece> pieces_of(const SplicePlan& plan, const render::Rendition& rendition)
{
    std::vector<SplicePiece> parts;
    std::int64_t pending = 0; ///< frames to be encoded before the next copy
    for (const PlannedSpan& span : plan.planned) {
        if (span.kind == Span::Kind::encode) {
            pending += span.frames;
            continue;
        }
        if (pending > 0) {
            add_segments(rendition, span.at - pending, span.at, parts);
            pending = 0;
        }
        parts.push_back({span.at, span.frames, &span});
    }
    if (pending > 0) {
        add_segments(rendition, plan.frames() - pending, plan.frames(), parts);
    }
    halve_last(parts);
    return parts;
}

void splice(const std::filesystem::path& file, const render::Rendition& rendition, const SplicePlan& plan,
            const ClipIndexes& indexes, const SpliceSettings& settings, av::SoundSource sound)
{
    const std::vector<SplicePiece> parts = pieces_of(plan, rendition);
    std::vector<SplicePiece> segments;
    std::copy_if(parts.begin(), parts.end(), std::back_inserter(segments),
                 [](const SplicePiece& part) { return part.copy == nullptr; });
    const std::map<std::string, Source> sources = sources_of(plan);

    av::SpliceSpec spec;
    spec.media = settings.media;
    spec.reorder = reorder_of(plan, indexes);
    spec.sources.resize(sources.size());
    for (const auto& [name, source] : sources) {
        spec.sources[source.number] = source.file;
    }
    av::MediaSpec encoded = settings.media;
    if (const av::ClipIndex* clip = leading_clip(sources, indexes)) {
        encoded = av::beside_copies(encoded, *clip, spec.encoder_id());
    }
    if (!segments.empty()) {
        const av::SegmentEncoder trial(encoded);
        spec.encoder_parameters = trial.parameters();
        spec.reorder = std::max(spec.reorder, trial.reorder());
    }

    SegmentEncoders crew(rendition, segments, encoded, settings);
    av::SpliceWriter writer = copying([&] { return av::SpliceWriter(file, spec, std::move(sound)); });
    for (const SplicePiece& part : parts) {
        if (settings.stop.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        if (part.copy != nullptr) {
            copying([&] { writer.copy(part.copy->file, sources.at(part.copy->parameters).number, part.copy->run); });
        } else {
            writer.write(crew.next());
        }
    }
    writer.finish();
}

void verify_plan(const std::filesystem::path& file, const render::Rendition& rendition, const SplicePlan& plan,
                 av::VerifyDepth depth, std::stop_token stop)
{
    std::vector<av::VerifiedPart> proof;
    for (const SplicePiece& part : pieces_of(plan, rendition)) {
        proof.push_back({part.frames, part.copy != nullptr ? part.copy->file : std::filesystem::path(),
                         part.copy != nullptr ? part.copy->run : av::PacketRun()});
    }
    av::verify_splice(file, rendition.rate(), proof, depth, std::move(stop));
}

} // namespace longtake::stages
