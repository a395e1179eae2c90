#pragma once

namespace longtake {

/// How light is coded: BT.709's standard dynamic range, or one of the two high ones of ITU-R BT.2100, with BT.2020's
/// primaries and 10 bits.
enum class DynamicRange { sdr, hlg, pq };

} // namespace longtake
