#include "pipeline/av/bitstream/colour.h"

#include <algorithm>

namespace longtake::av {
namespace {

bool is_bt709(int code_point, bool untagged)
{
    return code_point == 1 || (untagged && code_point == 2);
}

} // namespace

std::string colour_blocker(const Colour& colour, Size size)
{
    if (colour.full_range) {
        return "its colours are full range";
    }
    if (!is_bt709(colour.matrix, std::max(size.width, size.height) >= 1000)) {
        return colour.matrix == 2 ? "its colours are untagged, BT.601 at this size" : "its matrix is not BT.709";
    }
    if (!is_bt709(colour.primaries, true) || !is_bt709(colour.transfer, true)) {
        return "its colour primaries or transfer are not BT.709";
    }
    return {};
}

} // namespace longtake::av
