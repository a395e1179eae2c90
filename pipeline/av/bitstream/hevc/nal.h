#pragma once

#include "pipeline/av/bitstream/nal_units.h"

#include <cstddef>
#include <cstdint>

namespace longtake::av::hevc {

constexpr std::size_t k_header_bytes = 2; ///< of a NAL unit

/// NAL unit types of ITU-T H.265, table 7-1, as far as they are told apart here.
enum class NalType : std::uint8_t {
    radl_n = 6, ///< leading: shown before the entry it follows, and decodable with it alone
    radl_r = 7,
    rasl_n = 8, ///< leading, and refers to what is before the entry it follows
    rasl_r = 9,
    bla_w_lp = 16, ///< like a CRA picture; what is before it is not what it was encoded after
    bla_w_radl = 17,
    bla_n_lp = 18, ///< without leading pictures
    idr_w_radl = 19,
    idr_n_lp = 20,
    cra = 21, ///< an entry whose RASL pictures refer to before it
    vps = 32,
    sps = 33,
    pps = 34,
    delimiter = 35,
    end_of_sequence = 36,
    end_of_stream = 37,
    filler = 38,
    prefix_sei = 39,
    suffix_sei = 40,
};

/// Of a NAL unit that begins with its header; `nal` must not be empty.
inline NalType type_of(View nal) noexcept
{
    return static_cast<NalType>(nal.front() >> 1U & 0x3fU);
}

/// nuh_layer_id: 0 in what everybody decodes. `nal` must have its header.
inline int layer_of(View nal) noexcept
{
    return static_cast<int>((nal[0] & 1U) << 5U | nal[1] >> 3U);
}

constexpr bool is_leading(NalType type) noexcept
{
    return type >= NalType::radl_n && type <= NalType::rasl_r;
}

constexpr bool is_idr(NalType type) noexcept
{
    return type == NalType::idr_w_radl || type == NalType::idr_n_lp;
}

constexpr bool is_bla(NalType type) noexcept
{
    return type >= NalType::bla_w_lp && type <= NalType::bla_n_lp;
}

/// An intra random access point: decoding may begin here.
constexpr bool is_entry(NalType type) noexcept
{
    return is_idr(type) || is_bla(type) || type == NalType::cra;
}

/// A slice segment of a kind the standard has given a meaning.
constexpr bool is_slice(NalType type) noexcept
{
    return type <= NalType::rasl_r || is_entry(type);
}

} // namespace longtake::av::hevc
