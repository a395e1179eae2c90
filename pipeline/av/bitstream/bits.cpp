#include "pipeline/av/bitstream/bits.h"

#include "pipeline/base/error.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string>

namespace longtake::av {

namespace {

constexpr std::uint8_t k_prevention = 3; ///< emulation_prevention_three_byte

[[noreturn]] void damaged(std::string_view name, const std::string& reason)
{
    throw Error(Errc::input, std::string(name) + ": " + reason);
}

} // namespace

std::uint32_t in_range(const char* name, int value, int max)
{
    if (value < 0 || value > max) {
        throw Error(Errc::internal,
                    std::string(name) + ": " + std::to_string(value) + " is not in 0.." + std::to_string(max));
    }
    return static_cast<std::uint32_t>(value);
}

Bytes unescaped(View nal)
{
    Bytes rbsp;
    rbsp.reserve(nal.size());
    int zeros = 0;
    for (const std::uint8_t byte : nal) {
        if (zeros >= 2 && byte == k_prevention) {
            zeros = 0;
            continue;
        }
        rbsp.push_back(byte);
        zeros = byte == 0 ? zeros + 1 : 0;
    }
    return rbsp;
}

Bytes escaped(View rbsp)
{
    Bytes nal;
    nal.reserve(rbsp.size() + rbsp.size() / 64 + 1);
    int zeros = 0;
    for (const std::uint8_t byte : rbsp) {
        if (zeros >= 2 && byte <= k_prevention) {
            nal.push_back(k_prevention);
            zeros = 0;
        }
        nal.push_back(byte);
        zeros = byte == 0 ? zeros + 1 : 0;
    }
    if (zeros > 0) {
        nal.push_back(k_prevention);
    }
    return nal;
}

std::size_t stop_bit(View rbsp)
{
    std::size_t size = rbsp.size();
    while (size > 1 && rbsp[size - 1] == 0) {
        --size;
    }
    if (size <= 1) {
        damaged("rbsp_stop_one_bit", "missing");
    }
    return 8 * size - 1 - static_cast<std::size_t>(std::countr_zero(rbsp[size - 1]));
}

BitReader::BitReader(View rbsp, std::size_t end, std::size_t header_bytes)
    : rbsp_(rbsp), at_(8 * header_bytes), end_(std::min(end, 8 * rbsp.size()))
{
    if (end_ < at_) {
        damaged("nal_unit", "has no content");
    }
}

std::uint32_t BitReader::bits(int count, std::string_view name)
{
    if (static_cast<std::size_t>(count) > end_ - at_) {
        damaged(name, "the data ends before it");
    }
    std::uint64_t value = 0;
    for (int left = count; left > 0;) {
        const int here = static_cast<int>(8 - at_ % 8); // bits of this byte not yet read
        const int taken = std::min(left, here);
        const unsigned byte = rbsp_[at_ / 8];
        value = value << taken | ((byte >> (here - taken)) & ((1U << taken) - 1));
        at_ += static_cast<std::size_t>(taken);
        left -= taken;
    }
    return static_cast<std::uint32_t>(value);
}

std::uint32_t BitReader::code(std::string_view name)
{
    int zeros = 0;
    while (!flag(name)) {
        if (++zeros > 31) {
            damaged(name, "not a number that can be written");
        }
    }
    return (1U << zeros) - 1 + bits(zeros, name);
}

int BitReader::ue(std::string_view name, int max)
{
    const std::uint32_t value = code(name);
    if (value > static_cast<std::uint32_t>(max)) {
        damaged(name, std::to_string(value) + " is more than " + std::to_string(max));
    }
    return static_cast<int>(value);
}

int BitReader::se(std::string_view name, int min, int max)
{
    const std::int64_t number = code(name); // 1, -1, 2, -2, ... from 1 on: 9.1.1
    const std::int64_t value = number % 2 != 0 ? (number + 1) / 2 : -(number / 2);
    if (value < min || value > max) {
        damaged(name, std::to_string(value) + " is not in " + std::to_string(min) + ".." + std::to_string(max));
    }
    return static_cast<int>(value);
}

void BitWriter::bits(std::uint32_t value, int count)
{
    while (count > 0) {
        if (free_ == 0) {
            bytes_.push_back(0);
            free_ = 8;
        }
        const int taken = std::min(count, free_);
        const unsigned part = value >> (count - taken) & ((1U << taken) - 1);
        bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | part << (free_ - taken));
        free_ -= taken;
        count -= taken;
    }
}

void BitWriter::ue(std::uint32_t value)
{
    const int length = std::bit_width(value + 1);
    bits(0, length - 1);
    bits(value + 1, length);
}

void BitWriter::se(std::int32_t value)
{
    const std::int64_t twice = 2 * static_cast<std::int64_t>(value);
    ue(static_cast<std::uint32_t>(value > 0 ? twice - 1 : -twice));
}

void BitWriter::copy(View rbsp, std::size_t begin, std::size_t end)
{
    if (free_ == 0 && begin % 8 == 0) {
        const auto from = rbsp.begin() + static_cast<std::ptrdiff_t>(begin / 8);
        const auto to = rbsp.begin() + static_cast<std::ptrdiff_t>(end / 8);
        bytes_.insert(bytes_.end(), from, to);
        begin = end - end % 8;
    }
    while (begin < end) {
        const std::size_t count = std::min(end - begin, 8 - begin % 8);
        bits(rbsp[begin / 8] >> (8 - begin % 8 - count), static_cast<int>(count));
        begin += count;
    }
}

void BitWriter::align(bool ones)
{
    bits(ones ? std::numeric_limits<std::uint8_t>::max() : 0, free_);
}

void BitWriter::finish()
{
    flag(true);
    align(false);
}

} // namespace longtake::av
