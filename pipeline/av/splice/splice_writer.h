#pragma once

#include "pipeline/av/bitstream/codec.h"
#include "pipeline/av/media_writer.h"
#include "pipeline/av/splice/clip_index.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

namespace longtake::av {

/// One set of parameters that is copied from, in a file that has it.
struct SpliceSource {
    std::filesystem::path file;
    Origin origin = Origin::foreign;
};

/// What goes into a file that is spliced from clips and from pieces that were encoded for it.
struct SpliceSpec {
    MediaSpec media;
    std::vector<SpliceSource> sources;
    int reorder = 0; ///< the most frames by which decoding leads showing in any part
};

/// The same spec with the encoder told to use no more reordering, references or level than the clip beside it: decoders
/// size their buffers by these. Up to the preset medium it does not look for B-macroblocks in quarters either.
MediaSpec beside_copies(MediaSpec media, const ClipIndex& clip);

/// Writes a stream made of several sources into one MP4, MOV or Matroska file without re-encoding what is copied: one
/// header with every source's parameter sets under ids of their own (ISO/IEC 14496-15 allows several), slices
/// renumbered to match, timestamps from the frame count alone.
class SpliceWriter {
public:
    SpliceWriter(const std::filesystem::path& part, const SpliceSpec& spec, SoundSource sound = {});
    ~SpliceWriter();
    SpliceWriter(SpliceWriter&&) noexcept;
    SpliceWriter& operator=(SpliceWriter&&) noexcept;

    /// Copies packets of a file whose parameter sets are those of `sources[source]`.
    void copy(const std::filesystem::path& file, std::size_t source, const PacketRun& run);

    /// The trailer; a full disk is reported here at the latest.
    void finish();

    std::int64_t frames() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
