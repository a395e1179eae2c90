#pragma once

namespace longtake::av {

/// What becomes of a clip that is damaged.
enum class Damage {
    refused,     ///< an Error(input) that says where
    passed_over, ///< shown as decoders show it
};

} // namespace longtake::av
