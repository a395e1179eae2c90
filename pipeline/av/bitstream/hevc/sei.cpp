#include "pipeline/av/bitstream/hevc/sei.h"

#include "pipeline/av/bitstream/bits.h"
#include "pipeline/base/error.h"

#include <algorithm>
#include <array>
#include <optional>

namespace longtake::av::hevc {
namespace {

/// buffering_period, active_parameter_sets, decoding_unit_info (table D.1). pic_timing stays: where there is no buffer
/// model, it says no more than whether a picture is a frame.
constexpr std::array<std::size_t, 3> k_of_their_stream{0, 129, 130};

/// A message's place in an unescaped NAL unit, in bytes.
struct Message {
    std::size_t type = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
};

/// A number as bytes of 255 and a last one below: payload type or size. Empty: the data ends in it.
std::optional<std::size_t> read_number(View rbsp, std::size_t& at, std::size_t end)
{
    std::size_t value = 0;
    while (at < end) {
        const std::uint8_t byte = rbsp[at++];
        value += byte;
        if (byte != 0xff) {
            return value;
        }
    }
    return std::nullopt;
}

std::optional<Message> read_message(View rbsp, std::size_t at, std::size_t end)
{
    Message message;
    message.begin = at;
    const auto type = read_number(rbsp, at, end);
    const auto size = read_number(rbsp, at, end);
    if (!type || !size || *size > end - at) {
        return std::nullopt;
    }
    message.type = *type;
    message.end = at + *size;
    return message;
}

} // namespace

Bytes transferable(View sei)
{
    const Bytes rbsp = unescaped(sei);
    const auto last = std::find_if(rbsp.rbegin(), rbsp.rend(), [](std::uint8_t byte) { return byte != 0; });
    const auto end = static_cast<std::size_t>(rbsp.rend() - last) - (last != rbsp.rend() ? 1 : 0); // rbsp_trailing_bits
    if (last == rbsp.rend() || *last != 0x80 || end <= k_header_bytes) {
        return {};
    }
    Bytes kept(rbsp.begin(), rbsp.begin() + k_header_bytes);
    for (std::size_t at = k_header_bytes; at < end;) {
        const auto message = read_message(rbsp, at, end);
        if (!message) {
            return {};
        }
        if (std::ranges::find(k_of_their_stream, message->type) == k_of_their_stream.end()) {
            kept.insert(kept.end(), rbsp.begin() + static_cast<std::ptrdiff_t>(message->begin),
                        rbsp.begin() + static_cast<std::ptrdiff_t>(message->end));
        }
        at = message->end;
    }
    if (kept.size() == k_header_bytes) {
        return {};
    }
    kept.push_back(0x80);
    return escaped(kept);
}

} // namespace longtake::av::hevc
