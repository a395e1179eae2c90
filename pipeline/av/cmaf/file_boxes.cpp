#include "pipeline/av/cmaf/file_boxes.h"

#include "pipeline/av/cmaf/boxes.h"
#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::av::cmaf {

FileBoxes::FileBoxes(const std::filesystem::path& file) : stream_(file, std::ios::binary)
{
    stream_.seekg(0, std::ios::end);
    end_ = stream_.tellg();
    if (!stream_) {
        throw Error(Errc::unverified, "cannot be read");
    }
}

bool FileBoxes::next(Box& box)
{
    if (at_ == end_) {
        return false;
    }
    const std::vector<std::uint8_t> head = read({at_, std::min<std::int64_t>(16, end_ - at_)});
    BoxReader reader(head);
    auto size = static_cast<std::int64_t>(reader.u32());
    box = {reader.four(), {at_, size}};
    if (size == 1) {
        box.where.bytes = size = static_cast<std::int64_t>(reader.u64());
        box.header = 16;
    } else if (size == 0) { // to the end of the file
        box.where.bytes = size = end_ - at_;
    }
    if (size < box.header || size > end_ - at_) {
        throw Error(Errc::unverified, fmt::format("box '{}' at {} does not fit into the file", box.type, at_));
    }
    at_ += size;
    return true;
}

std::vector<std::uint8_t> FileBoxes::payload(const Box& box)
{
    constexpr std::int64_t k_most = 64 << 20;
    if (box.where.bytes > k_most) {
        throw Error(Errc::unverified, fmt::format("box '{}' is of {} bytes", box.type, box.where.bytes));
    }
    return read({box.where.at + box.header, box.where.bytes - box.header});
}

std::vector<std::uint8_t> FileBoxes::read(ByteRange range)
{
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(range.bytes));
    stream_.seekg(range.at);
    stream_.read(reinterpret_cast<char*>(bytes.data()), range.bytes);
    if (!stream_) {
        throw Error(Errc::unverified, "cannot be read");
    }
    return bytes;
}

} // namespace longtake::av::cmaf
