#include "pipeline/av/bitstream/codec.h"

#include "pipeline/av/bitstream/av1/codec.h"
#include "pipeline/av/bitstream/h264/codec.h"
#include "pipeline/av/bitstream/hevc/codec.h"
#include "pipeline/av/bitstream/uniform.h"

#include <algorithm>
#include <array>
#include <limits>

namespace longtake::av {
namespace {

constexpr std::size_t k_any = std::numeric_limits<std::size_t>::max();

/// avcC counts up to 31 SPS; HEVC has 16 ids for them; AV1 has its header in the stream.
constexpr std::array k_codecs{
    SpliceableCodec{"h264", "H.264", "IDR picture", Origin::foreign, 31, h264::read_header, h264::make_splicer},
    SpliceableCodec{"hevc", "HEVC", "IDR or CRA picture", Origin::foreign, 16, hevc::read_header, hevc::make_splicer},
    SpliceableCodec{"av1", "AV1", "key frame", Origin::foreign, k_any, av1::read_header, av1::make_splicer},
    SpliceableCodec{"vp9", "VP9", "key frame", Origin::own, 1, uniform::read_header, uniform::make_splicer},
    SpliceableCodec{"prores", "ProRes", "picture", Origin::own, 1, uniform::read_header, uniform::make_splicer},
};

} // namespace

const SpliceableCodec* spliceable_codec(std::string_view name)
{
    const auto* const found = std::ranges::find(k_codecs, name, &SpliceableCodec::name);
    return found == k_codecs.end() ? nullptr : &*found;
}

} // namespace longtake::av
