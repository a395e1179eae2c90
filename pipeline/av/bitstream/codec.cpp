#include "pipeline/av/bitstream/codec.h"

#include "pipeline/av/bitstream/h264/codec.h"
#include "pipeline/av/bitstream/hevc/codec.h"
#include "pipeline/av/bitstream/uniform.h"

#include <algorithm>
#include <array>

namespace longtake::av {
namespace {

/// avcC counts up to 31 SPS; HEVC has 16 ids for them.
constexpr std::array k_codecs{
    SpliceableCodec{"h264", Origin::foreign, 31, h264::read_header, h264::make_splicer},
    SpliceableCodec{"hevc", Origin::foreign, 16, hevc::read_header, hevc::make_splicer},
    SpliceableCodec{"av1", Origin::own, 1, uniform::read_header, uniform::make_splicer},
    SpliceableCodec{"vp9", Origin::own, 1, uniform::read_header, uniform::make_splicer},
    SpliceableCodec{"prores", Origin::own, 1, uniform::read_header, uniform::make_splicer},
};

} // namespace

const SpliceableCodec* spliceable_codec(std::string_view name)
{
    const auto* const found = std::ranges::find(k_codecs, name, &SpliceableCodec::name);
    return found == k_codecs.end() ? nullptr : &*found;
}

} // namespace longtake::av
