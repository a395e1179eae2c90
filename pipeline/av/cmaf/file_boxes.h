#pragma once

#include "pipeline/av/cmaf/track_index.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace longtake::av::cmaf {

/// The boxes that a file consists of, one after the other. Throws Error(unverified) for one that does not fit into the
/// file.
class FileBoxes {
public:
    explicit FileBoxes(const std::filesystem::path& file);

    struct Box {
        std::string type;
        ByteRange where;
        std::int64_t header = 8; ///< bytes before its payload
    };

    /// False at the end of the file.
    bool next(Box& box);

    /// Of a box of at most 64 MB.
    std::vector<std::uint8_t> payload(const Box& box);

private:
    std::vector<std::uint8_t> read(ByteRange range);

    std::ifstream stream_;
    std::int64_t at_ = 0, end_ = 0;
};

} // namespace longtake::av::cmaf
