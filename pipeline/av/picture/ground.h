#pragma once

#include "pipeline/av/frame.h"

#include <memory>
#include <string>

namespace longtake::av {

/// Whether a picture's format has an alpha channel.
bool is_transparent(const Frame& frame);

/// Lays pictures with straight alpha over one colour. The filters are made once for pictures of a kind.
class Ground {
public:
    /// `colour`: "#rrggbb"; empty, or no colour: black.
    explicit Ground(const std::string& colour);
    ~Ground();
    Ground(Ground&&) noexcept;
    Ground& operator=(Ground&&) noexcept;

    /// 8-bit 4:4:4, BT.709 limited.
    Frame apply(const Frame& frame);

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace longtake::av
