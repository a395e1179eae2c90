#pragma once

#include "pipeline/av/bitstream/codec.h"

#include <random>
#include <string>
#include <vector>

namespace longtake::test {

/// A NAL unit written as text, one character a bit, so that nothing of what is tested writes it; and the values in it.
class Draft {
public:
    /// An element of a fixed number of bits.
    struct Field {
        int width;
        unsigned value;
    };

    explicit Draft(const std::vector<Field>& header)
    {
        for (const Field& field : header) {
            u(field.width, field.value);
        }
    }

    void u(int width, unsigned value)
    {
        for (int i = width - 1; i >= 0; --i) {
            bits += (value >> i & 1U) != 0 ? '1' : '0';
        }
        values.push_back(static_cast<long>(value));
    }

    void ue(unsigned value)
    {
        code(value);
        values.push_back(static_cast<long>(value));
    }

    void se(int value)
    {
        code(value > 0 ? 2U * static_cast<unsigned>(value) - 1 : 2U * static_cast<unsigned>(-value));
        values.push_back(value);
    }

    void fill(char bit)
    {
        while (bits.size() % 8 != 0) {
            bits += bit;
        }
    }

    av::Bytes nal() const
    {
        av::Bytes nal;
        int zeros = 0;
        for (std::size_t i = 0; i < bits.size(); i += 8) {
            const auto byte = static_cast<std::uint8_t>(std::stoul(bits.substr(i, 8), nullptr, 2));
            if (zeros >= 2 && byte <= 3) {
                nal.push_back(3);
                zeros = 0;
            }
            nal.push_back(byte);
            zeros = byte == 0 ? zeros + 1 : 0;
        }
        if (nal.back() == 0) {
            nal.push_back(3);
        }
        return nal;
    }

    std::string bits;
    std::vector<long> values;
    std::size_t alignment = 0; ///< where that of the header begins
    std::size_t alignment_end = 0;

private:
    void code(unsigned value)
    {
        std::string digits;
        for (unsigned rest = value + 1; rest != 0; rest /= 2) {
            digits.insert(digits.begin(), rest % 2 != 0 ? '1' : '0');
        }
        bits += std::string(digits.size() - 1, '0') + digits;
    }
};

/// A number of the range, the same for the same seed everywhere.
class Dice {
public:
    explicit Dice(unsigned seed) : random_(seed) {}
    unsigned up_to(unsigned most) { return static_cast<unsigned>(random_() % (most + 1)); }
    int around_zero(unsigned most) { return static_cast<int>(up_to(2 * most)) - static_cast<int>(most); }
    bool coin() { return up_to(1) != 0; }

private:
    std::mt19937 random_;
};

} // namespace longtake::test
