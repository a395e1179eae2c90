#include "pipeline/av/bitstream/hevc/config.h"
#include "pipeline/av/bitstream/config_record.h"

#include "pipeline/base/error.h"

#include <algorithm>
#include <limits>
#include <string>

namespace longtake::av::hevc {
namespace {

constexpr std::size_t k_most_sets = 16; ///< VPS and SPS: their ids are 0..15
constexpr std::size_t k_most_picture_sets = 64;

[[noreturn]] void broken(const std::string& reason)
{
    throw Error(Errc::input, "HEVC decoder configuration: " + reason);
}

/// Parameter sets of one kind, and nothing that is of another.
void keep(HevcConfig& config, View nal)
{
    if (nal.size() <= k_header_bytes) {
        broken("holds an empty parameter set");
    }
    switch (type_of(nal)) {
    case NalType::vps: config.vps.emplace_back(nal.begin(), nal.end()); break;
    case NalType::sps: config.sps.emplace_back(nal.begin(), nal.end()); break;
    case NalType::pps: config.pps.emplace_back(nal.begin(), nal.end()); break;
    default: break;
    }
}

HevcConfig parse_hvcc(View extradata)
{
    ConfigRecord record(extradata, "HEVC");
    record.take(21); // version, and what the SPS says too
    HevcConfig config;
    config.length_size = 1 + static_cast<int>(record.byte() & 3U);
    if (config.length_size == 3) {
        broken("lengths of 3 bytes do not exist");
    }
    for (unsigned arrays = record.byte(); arrays > 0; --arrays) {
        const auto type = static_cast<NalType>(record.byte() & 63U);
        for (unsigned count = record.two_bytes(); count > 0; --count) {
            const View nal = record.take(record.two_bytes());
            if (nal.empty() || type_of(nal) != type) {
                broken("holds something else in place of a parameter set");
            }
            keep(config, nal);
        }
    }
    return config;
}

HevcConfig parse_start_codes(View extradata)
{
    HevcConfig config;
    config.length_size = 0;
    for (const View nal : split(extradata, 0)) {
        keep(config, nal);
    }
    return config;
}

void append_array(Bytes& record, NalType type, const std::vector<Bytes>& sets, std::size_t most)
{
    std::vector<Bytes> kept;
    for (const Bytes& set : sets) {
        if (std::ranges::find(kept, set) == kept.end()) {
            kept.push_back(set);
        }
    }
    if (kept.empty() || kept.size() > most) {
        throw Error(Errc::internal, "HEVC decoder configuration: " + std::to_string(kept.size()) +
                                        " parameter sets of type " + std::to_string(static_cast<int>(type)));
    }
    const auto put_two = [&](std::size_t value) {
        record.push_back(static_cast<std::uint8_t>(value >> 8U));
        record.push_back(static_cast<std::uint8_t>(value));
    };
    record.push_back(static_cast<std::uint8_t>(0x80U | static_cast<unsigned>(type))); // array_completeness
    put_two(kept.size());
    for (const Bytes& set : kept) {
        if (set.size() > std::numeric_limits<std::uint16_t>::max()) {
            broken("a parameter set is longer than 65535 bytes");
        }
        put_two(set.size());
        record.insert(record.end(), set.begin(), set.end());
    }
}

/// One that all of them conform to: the higher profile, which decodes the lower (A.3.3), the highest tier and level,
/// and of compatibility and constraints what holds for all.
Profile profile_of(const std::vector<Sps>& all)
{
    Profile profile = all.front().profile;
    for (const Sps& sps : all) {
        const Profile& other = sps.profile;
        if (other.idc() > profile.idc()) {
            profile.bytes[0] = static_cast<std::uint8_t>((profile.bytes[0] & 0xe0) | other.idc());
        }
        profile.bytes[0] = static_cast<std::uint8_t>(profile.bytes[0] | (other.bytes[0] & 0x20));
        for (std::size_t i = 1; i < 11; ++i) {
            profile.bytes[i] = static_cast<std::uint8_t>(profile.bytes[i] & other.bytes[i]);
        }
        profile.bytes[11] = std::max(profile.bytes[11], other.bytes[11]);
    }
    return profile;
}

} // namespace

HevcConfig parse_config(View extradata)
{
    if (extradata.empty()) {
        broken("is missing");
    }
    return extradata.front() == 1 ? parse_hvcc(extradata) : parse_start_codes(extradata);
}

Bytes build_config(const std::vector<Bytes>& vps, const std::vector<Bytes>& sps, const std::vector<Bytes>& pps)
{
    std::vector<Sps> all;
    std::ranges::transform(sps, std::back_inserter(all), [](const Bytes& set) { return parse_sps(set); });
    const auto unlike = [&](const Sps& one) {
        return one.chroma_format != all.front().chroma_format || one.bit_depth_luma != all.front().bit_depth_luma ||
               one.bit_depth_chroma != all.front().bit_depth_chroma;
    };
    if (all.empty() || std::ranges::any_of(all, unlike)) {
        throw Error(Errc::internal, "HEVC decoder configuration: no SPS, or pictures of several kinds");
    }
    const Sps& first = all.front();
    Bytes record{1}; // configurationVersion
    const Profile profile = profile_of(all);
    record.insert(record.end(), profile.bytes.begin(), profile.bytes.end());
    const int sub_layers = std::ranges::max(all, {}, &Sps::sub_layers).sub_layers;
    const bool nested = std::ranges::all_of(all, &Sps::temporal_nesting);
    const Bytes kind{0xf0, // min_spatial_segmentation_idc: 0, nothing is promised
                     0,
                     0xfc, // parallelismType: 0, unknown
                     static_cast<std::uint8_t>(0xfcU | static_cast<unsigned>(first.chroma_format)),
                     static_cast<std::uint8_t>(0xf8U | static_cast<unsigned>(first.bit_depth_luma - 8)),
                     static_cast<std::uint8_t>(0xf8U | static_cast<unsigned>(first.bit_depth_chroma - 8)),
                     0, // avgFrameRate: not said
                     0,
                     static_cast<std::uint8_t>(static_cast<unsigned>(sub_layers) << 3U | (nested ? 4U : 0U) | 3U),
                     3}; // arrays
    record.insert(record.end(), kind.begin(), kind.end());
    append_array(record, NalType::vps, vps, k_most_sets);
    append_array(record, NalType::sps, sps, k_most_sets);
    append_array(record, NalType::pps, pps, k_most_picture_sets);
    return record;
}

} // namespace longtake::av::hevc
