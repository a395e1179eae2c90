#include "stages/deliver/splicer.h"

#include "pipeline/av/splice/segment.h"
#include "pipeline/av/splice/splice_writer.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace longtake::stages {
namespace {

/// Does what copying takes. What it finds wrong with a clip ends the copying, not the film.
template <class Work>
auto copying(Work&& work)
{
    return av::as_unverified("it cannot be copied: ", std::forward<Work>(work));
}

/// Frames of each set of parameters that a plan copies, and a clip that has it.
std::map<std::string, std::pair<std::int64_t, std::filesystem::path>> copied_sets(const SplicePlan& plan)
{
    std::map<std::string, std::pair<std::int64_t, std::filesystem::path>> sets;
    for (const PlannedSpan& span : plan.planned) {
        if (span.kind == Span::Kind::copy) {
            sets.try_emplace(span.parameters, 0, span.file).first->second.first += span.frames;
        }
    }
    return sets;
}

/// Gathers the parts of a film.
class Gathering {
public:
    Gathering(const ClipIndexes& indexes, Rate rate) : indexes_(indexes), rate_(rate) {}

    void copy(const PlannedSpan& span)
    {
        const auto [set, is_new] = sets_.try_emplace(span.parameters, film_.sources.size());
        if (is_new) {
            film_.sources.push_back({span.file, av::Origin::foreign});
        }
        const av::ClipIndex& clip = indexes_.at(span.file);
        film_.parts.push_back({span.file, span.run, set->second, run_bytes(clip, span.run)});
        film_.reorder = std::max(film_.reorder, clip.reorder);
    }

    void add(const StoredSegment& segment)
    {
        av::SegmentPackets packets = copying([&] { return av::packets_of(segment.file, segment.frames, rate_); });
        film_.reorder = std::max(film_.reorder, packets.reorder);
        own_.push_back(film_.parts.size());
        film_.parts.push_back({segment.file, {0, segment.frames, 0}, 0, std::move(packets.bytes)});
    }

    /// Our own parameter sets come after those of the clips.
    SplicedFilm film()
    {
        if (!own_.empty()) {
            for (const std::size_t part : own_) {
                film_.parts[part].source = film_.sources.size();
            }
            film_.sources.push_back({film_.parts[own_.front()].file, av::Origin::own});
        }
        return std::move(film_);
    }

private:
    const ClipIndexes& indexes_;
    const Rate rate_;
    SplicedFilm film_;
    std::map<std::string, std::size_t> sets_; ///< of the clips, to their source
    std::vector<std::size_t> own_;            ///< parts that are segments
};

} // namespace

const av::ClipIndex* leading_clip(const SplicePlan& plan, const ClipIndexes& indexes)
{
    const auto sets = copied_sets(plan);
    const auto most = std::ranges::max_element(sets, {}, [](const auto& set) { return set.second.first; });
    return most == sets.end() ? nullptr : &indexes.at(most->second.second);
}

SplicedFilm film_of(const std::vector<Piece>& pieces, const std::vector<std::string>& keys,
                    const std::map<std::string, StoredSegment>& segments, const ClipIndexes& indexes, Rate rate)
{
    Gathering gathering(indexes, rate);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        if (pieces[i].copy != nullptr) {
            gathering.copy(*pieces[i].copy);
        } else {
            gathering.add(segments.at(keys[i]));
        }
    }
    return gathering.film();
}

void splice(const std::filesystem::path& file, const SplicedFilm& film, const av::MediaSpec& media,
            av::SoundSource sound, const std::stop_token& stop)
{
    const av::SpliceSpec spec{media, film.sources, film.reorder};
    av::SpliceWriter writer = copying([&] { return av::SpliceWriter(file, spec, std::move(sound)); });
    for (const SplicedFilm::Part& part : film.parts) {
        if (stop.stop_requested()) {
            throw Error(Errc::interrupted, "stopped");
        }
        copying([&] { writer.copy(part.file, part.source, part.run); });
    }
    writer.finish();
}

std::vector<std::vector<std::int64_t>> bytes_of(const SplicedFilm& film)
{
    std::vector<std::vector<std::int64_t>> bytes;
    std::ranges::transform(film.parts, std::back_inserter(bytes), &SplicedFilm::Part::bytes);
    return bytes;
}

SplicedFilm::Part part_of(const StoredSegment& segment, Rate rate)
{
    av::SegmentPackets packets = copying([&] { return av::packets_of(segment.file, segment.frames, rate); });
    return {segment.file, {0, segment.frames, 0}, 0, std::move(packets.bytes)};
}

namespace {

/// Frames by which decoding may lead showing in any codec. Tracks of streams have decode times of their own.
constexpr int k_most_reorder = 16;

} // namespace

GrowingTrack::GrowingTrack(const std::filesystem::path& file, const av::MediaSpec& media,
                           std::vector<av::SpliceSource> sources)
    : writer_(copying([&] {
          return av::SpliceWriter(file, {media, std::move(sources), k_most_reorder});
      }))
{
}

void GrowingTrack::add(const SplicedFilm::Part& part, const std::stop_token& stop)
{
    if (stop.stop_requested()) {
        throw Error(Errc::interrupted, "stopped");
    }
    copying([&] { writer_.copy(part.file, part.source, part.run); });
}

void verify_film(const std::filesystem::path& file, const SplicedFilm& film, Rate rate, av::VerifyDepth depth,
                 std::stop_token stop)
{
    std::vector<av::VerifiedPart> parts;
    for (const SplicedFilm::Part& part : film.parts) {
        parts.push_back({part.file, part.run});
    }
    av::verify_splice(file, rate, parts, depth, std::move(stop));
}

} // namespace longtake::stages
