#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::av::cmaf {

/// Reads numbers and boxes (ISO/IEC 14496-12, 4.2) of bytes in memory. Whatever lies beyond them throws
/// Error(unverified).
class BoxReader {
public:
    explicit BoxReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    std::uint64_t number(int size);
    std::uint32_t u8() { return static_cast<std::uint32_t>(number(1)); }
    std::uint32_t u16() { return static_cast<std::uint32_t>(number(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
    std::uint64_t u64() { return number(8); }
    std::string four();
    void skip(std::size_t count);

    bool done() const noexcept { return at_ == bytes_.size(); }
    std::span<const std::uint8_t> rest() const noexcept { return bytes_.subspan(at_); }

    struct Box {
        std::string type;
        std::span<const std::uint8_t> payload;
    };

    /// The next box, which lies within.
    Box box();

private:
    std::span<const std::uint8_t> bytes_;
    std::size_t at_ = 0;
};

/// The payload of the box at a path of nested boxes; empty if there is none. Throws Error(unverified) for a box that is
/// longer than what it lies in.
std::span<const std::uint8_t> find_box(std::span<const std::uint8_t> bytes, std::string_view path);

/// How many boxes of a type lie directly in it.
std::size_t count_boxes(std::span<const std::uint8_t> bytes, std::string_view type);

/// Numbers as boxes hold them, most significant byte first.
void put(std::vector<std::uint8_t>& bytes, std::uint64_t number, int size);
void put(std::vector<std::uint8_t>& bytes, std::string_view text);

} // namespace longtake::av::cmaf
