#include "pipeline/av/bitstream/av1/obu.h"

#include "pipeline/base/error.h"

namespace longtake::av::av1 {
namespace {

constexpr unsigned k_has_size = 2;
constexpr unsigned k_has_extension = 4;
constexpr int k_most_size_bytes = 8; ///< of leb128, 4.10.5

/// Takes leb128() from the front.
std::size_t take_size(View& left)
{
    std::uint64_t value = 0;
    for (int i = 0; i < k_most_size_bytes && !left.empty(); ++i) {
        const unsigned byte = left.front();
        left = left.subspan(1);
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << 7 * i;
        if ((byte & 0x80U) == 0) {
            return value;
        }
    }
    throw Error(Errc::input, "obu_size: not a number, or the data ends in it");
}

} // namespace

std::vector<Obu> split_obus(View unit)
{
    std::vector<Obu> obus;
    while (!unit.empty()) {
        const unsigned header = unit.front();
        const bool layered = (header & k_has_extension) != 0;
        if ((header & 0x80U) != 0 || unit.size() < 1U + (layered ? 1 : 0)) {
            throw Error(Errc::input, "obu_header: damaged");
        }
        View left = unit.subspan(layered ? 2 : 1);
        const std::size_t size = (header & k_has_size) != 0 ? take_size(left) : left.size();
        if (size > left.size()) {
            throw Error(Errc::input, "obu_size: reaches beyond the end of the data");
        }
        const std::size_t whole = unit.size() - left.size() + size;
        obus.push_back({static_cast<ObuType>(header >> 3U & 15U), layered, unit.first(whole), left.first(size)});
        unit = unit.subspan(whole);
    }
    return obus;
}

bool is_left_out(ObuType type) noexcept
{
    return type == ObuType::temporal_delimiter || type == ObuType::padding || type == ObuType::redundant_frame_header;
}

void append_obu(Bytes& unit, ObuType type, View payload)
{
    unit.push_back(static_cast<std::uint8_t>(static_cast<unsigned>(type) << 3U | k_has_size));
    for (std::size_t left = payload.size(); true; left >>= 7U) {
        const bool last = left < 0x80;
        unit.push_back(static_cast<std::uint8_t>((left & 0x7fU) | (last ? 0U : 0x80U)));
        if (last) {
            break;
        }
    }
    unit.insert(unit.end(), payload.begin(), payload.end());
}

} // namespace longtake::av::av1
