#pragma once

#include "pipeline/av/bitstream/codec.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace longtake::av {

/// A value that is written into a field of a bitstream. Throws Error(internal) naming the field unless it is in 0..max.
std::uint32_t in_range(const char* name, int value, int max);

/// A NAL unit, header first, without its emulation prevention bytes (ITU-T H.264, 7.3.1; H.265, 7.3.1.1): bit positions
/// in it count from the header's first bit.
Bytes unescaped(View nal);

/// The reverse: a NAL unit in which no start code can be seen. Ends in 3 when `rbsp` ends in 0 (7.4.1), which it does
/// only after cabac_zero_words: zeros in pairs.
Bytes escaped(View rbsp);

/// Where the rbsp_stop_one_bit is, the last bit that is set. Throws Error(input) when there is none after the header.
std::size_t stop_bit(View rbsp);

/// Reads the syntax elements of an unescaped NAL unit. Every read is checked against `end` and against the range
/// the element may have, and throws Error(input) with the element's `name` otherwise.
class BitReader {
public:
    /// Begins after the NAL unit's header: a byte in H.264, two in HEVC. `end`: the first bit not to be read; at most
    /// 8 * rbsp.size().
    /// Of an OBU of AV1 the payload is read, which has none.
    BitReader(View rbsp, std::size_t end, std::size_t header_bytes = 1);

    /// u(count), `count` 0..32.
    std::uint32_t bits(int count, std::string_view name);
    bool flag(std::string_view name) { return bits(1, name) != 0; }

    /// ue(v) of 0..max.
    int ue(std::string_view name, int max);
    void skip_ue(std::string_view name) { code(name); }

    /// se(v) of min..max.
    int se(std::string_view name, int min, int max);
    void skip_se(std::string_view name) { code(name); }

    std::size_t position() const noexcept { return at_; }
    bool at_end() const noexcept { return at_ == end_; }

private:
    /// Exp-Golomb, 9.1: at most 2^32 - 2, whose 31 leading zeros are the most there are.
    std::uint32_t code(std::string_view name);

    View rbsp_;
    std::size_t at_;
    std::size_t end_;
};

/// Writes an unescaped NAL unit, or the payload of an OBU of AV1, which has no header and no emulation prevention.
class BitWriter {
public:
    BitWriter() = default;

    /// `header`: the NAL unit's first byte.
    explicit BitWriter(std::uint8_t header) : bytes_{header} {}

    /// u(count), `count` 0..32.
    void bits(std::uint32_t value, int count);
    void flag(bool value) { bits(value ? 1 : 0, 1); }

    /// ue(v); at most 2^32 - 2.
    void ue(std::uint32_t value);
    /// se(v); more than -2^31.
    void se(std::int32_t value);

    /// Bits [begin, end) of another RBSP.
    void copy(View rbsp, std::size_t begin, std::size_t end);

    /// Ones or zeros up to the next byte; nothing when one begins here.
    void align(bool ones);

    /// rbsp_trailing_bits.
    void finish();

    /// With emulation prevention; call once all bytes are whole.
    Bytes nal() const { return escaped(bytes_); }

    /// The same without.
    const Bytes& bytes() const noexcept { return bytes_; }

private:
    Bytes bytes_;
    int free_ = 0; ///< bits of the last byte not yet written
};

} // namespace longtake::av
