#pragma once

#include "pipeline/av/bitstream/codec.h"
#include "pipeline/base/error.h"

#include <cstddef>
#include <string>

namespace longtake::av {

/// Takes a decoder configuration (avcC, hvcC: ISO/IEC 14496-15) apart from its front, never past its end.
class ConfigRecord {
public:
    /// `codec`: its name in messages.
    ConfigRecord(View bytes, const char* codec) : left_(bytes), codec_(codec) {}

    /// Throws Error(input) where there are fewer bytes.
    View take(std::size_t count)
    {
        if (left_.size() < count) {
            throw Error(Errc::input, std::string(codec_) + " decoder configuration: ends too early");
        }
        const View taken = left_.first(count);
        left_ = left_.subspan(count);
        return taken;
    }

    unsigned byte() { return take(1).front(); }

    unsigned two_bytes()
    {
        const unsigned high = byte();
        return high << 8U | byte();
    }

private:
    View left_;
    const char* codec_;
};

} // namespace longtake::av
