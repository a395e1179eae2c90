#include "pipeline/av/bitstream/config_record.h"
#include "pipeline/av/bitstream/h264/parameter_sets.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <limits>
#include <string>

namespace longtake::av::h264 {

namespace {

constexpr std::size_t k_most_sps = 31; ///< 5 bits count them
constexpr std::size_t k_most_pps = 255;

[[noreturn]] void broken(const std::string& reason)
{
    throw Error(Errc::input, "H.264 decoder configuration: " + reason);
}

std::vector<Bytes> sets_of(ConfigRecord& record, unsigned count, NalType type)
{
    std::vector<Bytes> sets;
    for (unsigned i = 0; i < count; ++i) {
        const View nal = record.take(record.two_bytes());
        if (nal.empty() || type_of(nal) != type) {
            broken("holds something else in place of a parameter set");
        }
        sets.emplace_back(nal.begin(), nal.end());
    }
    return sets;
}

AvcConfig parse_avcc(View extradata)
{
    ConfigRecord record(extradata, "H.264");
    record.take(4); // version, and profile, compatibility and level, which the SPS says too
    AvcConfig config;
    config.length_size = 1 + static_cast<int>(record.byte() & 3U);
    if (config.length_size == 3) {
        broken("lengths of 3 bytes do not exist");
    }
    config.sps = sets_of(record, record.byte() & 31U, NalType::sps);
    config.pps = sets_of(record, record.byte(), NalType::pps);
    return config;
}

AvcConfig parse_annex_b(View extradata)
{
    AvcConfig config;
    config.length_size = 0;
    for (const View nal : split(extradata, 0)) {
        if (type_of(nal) == NalType::sps) {
            config.sps.emplace_back(nal.begin(), nal.end());
        } else if (type_of(nal) == NalType::pps) {
            config.pps.emplace_back(nal.begin(), nal.end());
        }
    }
    return config;
}

std::vector<Bytes> distinct(const std::vector<Bytes>& sets, std::size_t most, const char* name)
{
    std::vector<Bytes> kept;
    for (const Bytes& set : sets) {
        if (std::find(kept.begin(), kept.end(), set) == kept.end()) {
            kept.push_back(set);
        }
    }
    if (kept.empty() || kept.size() > most) {
        throw Error(Errc::internal, "H.264 decoder configuration: " + std::to_string(kept.size()) + " " + name);
    }
    return kept;
}

void append_sets(Bytes& record, const std::vector<Bytes>& sets)
{
    for (const Bytes& set : sets) {
        if (set.size() > std::numeric_limits<std::uint16_t>::max()) {
            broken("a parameter set is longer than 65535 bytes");
        }
        record.push_back(static_cast<std::uint8_t>(set.size() >> 8U));
        record.push_back(static_cast<std::uint8_t>(set.size()));
        record.insert(record.end(), set.begin(), set.end());
    }
}

/// The profiles whose records end in chroma format and bit depths: all that came after Extended.
bool has_tail(int profile) noexcept
{
    return profile != 66 && profile != 77 && profile != 88;
}

} // namespace

AvcConfig parse_config(View extradata)
{
    if (extradata.empty()) {
        broken("is missing");
    }
    return extradata.front() == 1 ? parse_avcc(extradata) : parse_annex_b(extradata);
}

Bytes build_config(const std::vector<Bytes>& sps, const std::vector<Bytes>& pps)
{
    const std::vector<Bytes> all_sps = distinct(sps, k_most_sps, "sequence parameter sets");
    const std::vector<Bytes> all_pps = distinct(pps, k_most_pps, "picture parameter sets");
    const Sps first = parse_sps(all_sps.front());
    int level = 0;
    for (const Bytes& set : all_sps) {
        level = std::max(level, parse_sps(set).level);
    }
    Bytes record{1, // configurationVersion
                 static_cast<std::uint8_t>(first.profile),
                 static_cast<std::uint8_t>(first.constraints),
                 static_cast<std::uint8_t>(level),
                 0xff, // 6 reserved bits, lengths of 4 bytes
                 static_cast<std::uint8_t>(0xe0U | all_sps.size())};
    append_sets(record, all_sps);
    record.push_back(static_cast<std::uint8_t>(all_pps.size()));
    append_sets(record, all_pps);
    if (has_tail(first.profile)) {
        record.push_back(static_cast<std::uint8_t>(0xfcU | static_cast<unsigned>(first.chroma_format)));
        record.push_back(static_cast<std::uint8_t>(0xf8U | static_cast<unsigned>(first.bit_depth_luma - 8)));
        record.push_back(static_cast<std::uint8_t>(0xf8U | static_cast<unsigned>(first.bit_depth_chroma - 8)));
        record.push_back(0); // no SPS extension
    }
    return record;
}

} // namespace longtake::av::h264
