#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/av/splice/splice_proof.h"
#include "pipeline/av/splice/splice_writer.h"
#include "stages/deliver/segment_plan.h"
#include "stages/deliver/segment_store.h"

#include <filesystem>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake::stages {

/// What a finished file is put together from, in order: packets of clips and of segments.
struct SplicedFilm {
    struct Part {
        std::filesystem::path file;
        av::PacketRun run;
        std::size_t source = 0;            ///< index into `sources`
        std::vector<std::int64_t> bytes{}; ///< of its frames, in decode order
    };
    std::vector<av::SpliceSource> sources; ///< one file for each set of parameters
    std::vector<Part> parts;
    int reorder = 0; ///< the most frames by which decoding leads showing in any part
};

/// The clip most frames of a plan are copied from, which what is encoded beside it has to resemble; null: none.
const av::ClipIndex* leading_clip(const SplicePlan& plan, const ClipIndexes& indexes);

/// Where the packets of each piece lie. `keys`: of the pieces, empty for those that are copied from clips; `rate`: the
/// output's. Throws Error(unverified) for a segment that is not what its record says.
SplicedFilm film_of(const std::vector<Piece>& pieces, const std::vector<std::string>& keys,
                    const std::map<std::string, StoredSegment>& segments, const ClipIndexes& indexes, Rate rate);

/// Writes the film into `file` without encoding any picture. Throws Error(interrupted) when stopped, Error(unverified)
/// where a clip cannot be copied as planned.
void splice(const std::filesystem::path& file, const SplicedFilm& film, const av::MediaSpec& media,
            av::SoundSource sound, const std::stop_token& stop);

/// Where the packets of a segment lie. Throws as film_of().
SplicedFilm::Part part_of(const StoredSegment& segment, Rate rate);

/// The bytes of the frames of each part, in decode order.
std::vector<std::vector<std::int64_t>> bytes_of(const SplicedFilm& film);

/// A track of a stream ("cmaf") while its segments are made: what was added is on disk, whole fragments of it.
class GrowingTrack {
public:
    /// `sources`: one, with the parameter sets that all its parts share.
    GrowingTrack(const std::filesystem::path& file, const av::MediaSpec& media, std::vector<av::SpliceSource> sources);

    /// Throws Error(interrupted) when stopped, Error(unverified) where the part is not what it is said to be.
    void add(const SplicedFilm::Part& part, const std::stop_token& stop);

    /// The rest, and the index of its media segments.
    void finish() { writer_.finish(); }

private:
    av::SpliceWriter writer_;
};

/// Holds a file against what it was put together from (see av::verify_splice). Throws Error(unverified).
void verify_film(const std::filesystem::path& file, const SplicedFilm& film, Rate rate, av::VerifyDepth depth,
                 std::stop_token stop = {});

} // namespace longtake::stages
