#pragma once

#include "pipeline/av/input.h"
#include "pipeline/av/splice/clip_index.h"

#include <memory>

namespace longtake::av {

/// Reads the packets of a run. Holds libav types, so it is included from sources only.
class PacketRunReader {
public:
    /// `rate`: the clip's, which is constant. Throws Error(input) if the file cannot be read.
    PacketRunReader(const std::filesystem::path& file, const PacketRun& run, Rate rate);

    /// The next packet, or null after the last; valid until the next call. Throws Error(input) if the file ends before
    /// the run does, or has changed since it was indexed.
    const AVPacket* next();

    /// The place of the last packet's picture in the order of showing, counted from the run's first.
    std::int64_t shown() const noexcept { return shown_; }

    const AVStream* stream() const noexcept { return input_.stream; }

    /// How its packets are read. Throws Error(input) if the header is damaged.
    std::unique_ptr<StreamHeader> header(const SpliceableCodec& codec) const { return header_of(input_, codec); }

private:
    bool seek();
    [[noreturn]] void changed() const;

    InputStream input_;
    PacketRun run_;
    Rate rate_;
    PacketPtr packet_{av_packet_alloc()};
    bool waiting_ = false; ///< `packet_` was read and not yet given
    std::int64_t given_ = 0;
    std::int64_t shown_ = 0;
};

} // namespace longtake::av
