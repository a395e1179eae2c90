#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/av/splice/clip_index.h"
#include "pipeline/av/splice/segment_encoder.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace longtake::av {

/// What goes into a file that is spliced from copied packets and encoded segments.
struct SpliceSpec {
    MediaSpec media;
    std::vector<std::filesystem::path> sources; ///< one clip for each set of parameters that is copied from
    int reorder = 0;                            ///< the most frames by which decoding leads showing in any part
    /// The encoder's extradata, its SPS and PPS under id `encoder_id()`; empty: everything is copied.
    std::vector<std::uint8_t> encoder_parameters;

    /// The id that keeps the encoder's parameter sets apart from those of the sources, which take 0, 1, ...
    int encoder_id() const noexcept { return static_cast<int>(sources.size()); }
};

/// The same spec with the encoder told to use an id of its own and no more reordering, references or level than the
/// clip beside it: decoders size their buffers by these. Up to the preset medium it does not look for B-macroblocks in
/// quarters either.
MediaSpec beside_copies(MediaSpec media, const ClipIndex& clip, int encoder_id);

/// Writes a stream made of several sources into one MP4, MOV or Matroska file without re-encoding what is copied: one
/// header with every source's parameter sets under ids of their own (ISO/IEC 14496-15 allows several), slices
/// renumbered to match, timestamps from the frame count alone.
class SpliceWriter {
public:
    SpliceWriter(const std::filesystem::path& part, const SpliceSpec& spec, SoundSource sound = {});
    ~SpliceWriter();
    SpliceWriter(SpliceWriter&&) noexcept;
    SpliceWriter& operator=(SpliceWriter&&) noexcept;

    /// Copies packets of a clip whose parameter sets are those of `sources[source]`.
    void copy(const std::filesystem::path& file, std::size_t source, const PacketRun& run);

    /// Throws Error(internal) if its parameter sets are not the spec's.
    void write(const EncodedSegment& segment);

    /// The trailer; a full disk is reported here at the latest.
    void finish();

    std::int64_t frames() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
