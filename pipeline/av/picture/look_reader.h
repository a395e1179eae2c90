#pragma once

#include "pipeline/av/frame.h"
#include "pipeline/model/rate.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

namespace longtake::av {

/// Looks at a clip a few times a second, at little cost: to find out what it shows, not to show it. Decoding leaves out
/// what lies between the pictures it needs (see ReadFrom::sparse), so looks come where there is a picture, as a rule
/// within a tenth of a second. Fields are not taken apart, high dynamic range is not brought to standard, and damage is
/// passed over: whoever shows the clip sees to all that.
class LookReader {
public:
    struct Options {
        std::int64_t first = 0;      ///< frame looked at first
        std::int64_t frames = 0;     ///< > 0; nothing is looked at after so many
        std::optional<Rate> counted; ///< the rate they are counted at; empty: the clip's own
        double looks = 5;            ///< a second, at most
        int side = 800;              ///< pixels of a look's longer side; never enlarged
    };

    LookReader(const std::filesystem::path& file, const Options& options);
    ~LookReader();
    LookReader(LookReader&&) noexcept;
    LookReader& operator=(LookReader&&) noexcept;

    struct Look {
        std::int64_t frame = 0; ///< counted as `first` is
        Frame rgb;              ///< 8 bits, full range, interleaved in plane 0, upright, square pixels
        Size size;              ///< of the clip's picture, as displayed
    };

    /// The next look, or nullopt after the last.
    std::optional<Look> next();

    /// The rate frames are counted at.
    Rate rate() const noexcept;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
