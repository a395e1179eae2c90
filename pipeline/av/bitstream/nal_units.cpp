#include "pipeline/av/bitstream/nal_units.h"

#include "pipeline/base/error.h"

#include <algorithm>
#include <array>
#include <string>

namespace longtake::av {

namespace {

constexpr std::array<std::uint8_t, 3> k_start_code{0, 0, 1};

/// Where the next start code begins, its optional fourth byte not counted; the size when there is none.
std::size_t start_code(View packet, std::size_t from)
{
    const auto begin = packet.begin() + static_cast<std::ptrdiff_t>(from);
    const auto found = std::search(begin, packet.end(), k_start_code.begin(), k_start_code.end());
    return static_cast<std::size_t>(found - packet.begin());
}

/// Zeros after a NAL unit are not part of it (annex B: trailing_zero_8bits, or a start code's fourth byte).
View without_zeros(View nal)
{
    while (!nal.empty() && nal.back() == 0) {
        nal = nal.first(nal.size() - 1);
    }
    return nal;
}

std::vector<View> split_at_start_codes(View packet)
{
    std::vector<View> nals;
    std::size_t code = start_code(packet, 0);
    if (!without_zeros(packet.first(code)).empty()) {
        throw Error(Errc::input, "packet: does not begin with a start code");
    }
    while (code < packet.size()) {
        const std::size_t begin = code + k_start_code.size();
        code = start_code(packet, begin);
        if (const View nal = without_zeros(packet.subspan(begin, code - begin)); !nal.empty()) {
            nals.push_back(nal);
        }
    }
    return nals;
}

} // namespace

std::vector<View> split(View packet, int length_size)
{
    if (length_size == 0) {
        return split_at_start_codes(packet);
    }
    const auto prefix = static_cast<std::size_t>(length_size);
    std::vector<View> nals;
    while (!packet.empty()) {
        std::size_t size = 0;
        for (const std::uint8_t byte : packet.first(std::min(prefix, packet.size()))) {
            size = size << 8U | byte;
        }
        if (packet.size() < prefix || packet.size() - prefix < size) {
            throw Error(Errc::input, "packet: a NAL unit of " + std::to_string(size) + " bytes does not fit in " +
                                         std::to_string(packet.size()));
        }
        if (size > 0) {
            nals.push_back(packet.subspan(prefix, size));
        }
        packet = packet.subspan(prefix + size);
    }
    return nals;
}

void append(Bytes& sample, View nal)
{
    for (const unsigned shift : {24U, 16U, 8U, 0U}) {
        sample.push_back(static_cast<std::uint8_t>(nal.size() >> shift));
    }
    sample.insert(sample.end(), nal.begin(), nal.end());
}

} // namespace longtake::av
