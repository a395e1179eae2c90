#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>

namespace longtake::av {

/// What PQ pictures say of the screen they were made on (SMPTE ST 2086) and of their own light (CTA-861.3).
struct LightMetadata {
    struct Display {
        std::array<int, 2> red{}, green{}, blue{}, white{}; ///< x and y, in 1/50000
        int least = 0, most = 0;                            ///< in 1/10000 cd/m2

        friend bool operator==(const Display&, const Display&) = default;
    };
    std::optional<Display> display{};
    std::optional<std::array<int, 2>> content{}; ///< MaxCLL and MaxFALL, cd/m2

    friend bool operator==(const LightMetadata&, const LightMetadata&) = default;
};

/// What a file says of it, in its header or in its first picture. Throws Error(input).
LightMetadata light_metadata(const std::filesystem::path& file);

/// The same as libx265 takes it: "hdr10=1:master-display=...:max-cll=1000,400"; empty: nothing is known.
std::string x265_params(const LightMetadata& light);

} // namespace longtake::av
