#pragma once

#include <cstdint>
#include <optional>

namespace longtake::stages {

/// Finds the bit rate at which a file has just under so many bytes, from what earlier tries came to. What of a file is
/// not its pictures (sound, headers, indexes) is taken from the try before, to the byte.
class ByteFit {
public:
    /// `most`: bytes; `seconds`: the film's length; `sound`: bits/s, until a try has shown it.
    ByteFit(std::int64_t most, double seconds, std::int64_t sound);

    /// Bits/s of the pictures in the next try. Throws Error(usage) where nothing is left for them.
    std::int64_t bitrate() const;

    /// What the first pass came to, which is no try: how much of the file is not its pictures.
    void looked(std::int64_t file, std::int64_t pictures);

    /// What a try at bitrate() came to, in bytes; `pictures`: those of the file that are coded pictures. Whether it is
    /// to be kept: it fits, and either is full or nothing better can be hoped for.
    bool tried(std::int64_t file, std::int64_t pictures);

    /// Of the fullest file that fits, to be made again where the tries are over; empty: none.
    std::optional<std::int64_t> best() const noexcept { return best_; }

    bool over() const noexcept { return tries_ == k_most_tries; }

    static constexpr int k_most_tries = 5;
    static constexpr double k_full = 0.98; ///< share of the most from which a file is full

private:
    std::int64_t most_;
    double seconds_;
    std::int64_t rest_;  ///< bytes that are not pictures
    double per_bit_ = 1; ///< picture bits that a bit of the rate asked for came to
    int tries_ = 0;
    std::optional<std::int64_t> best_;
    std::int64_t best_bytes_ = 0;
    std::int64_t last_rate_ = 0, last_pictures_ = 0;
};

} // namespace longtake::stages
