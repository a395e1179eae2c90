#pragma once

namespace longtake::image {

/// A rectangle in pixels, origin top-left.
struct Box {
    int x = 0, y = 0, width = 0, height = 0;

    friend bool operator==(const Box&, const Box&) = default;
};

} // namespace longtake::image
