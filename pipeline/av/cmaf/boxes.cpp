#include "pipeline/av/cmaf/boxes.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

namespace longtake::av::cmaf {

std::uint64_t BoxReader::number(int size)
{
    const auto count = static_cast<std::size_t>(size);
    if (bytes_.size() - at_ < count) {
        throw Error(Errc::unverified, "a box ends too early");
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        value = value << 8 | bytes_[at_++];
    }
    return value;
}

std::string BoxReader::four()
{
    std::string type;
    for (int i = 0; i < 4; ++i) {
        type += static_cast<char>(u8());
    }
    return type;
}

void BoxReader::skip(std::size_t count)
{
    if (bytes_.size() - at_ < count) {
        throw Error(Errc::unverified, "a box ends too early");
    }
    at_ += count;
}

BoxReader::Box BoxReader::box()
{
    std::uint64_t size = u32();
    Box box{four(), {}};
    std::uint64_t header = 8;
    if (size == 1) {
        size = u64();
        header = 16;
    }
    if (size < header || size - header > bytes_.size() - at_) {
        throw Error(Errc::unverified, fmt::format("box '{}' of {} bytes does not fit where it lies", box.type, size));
    }
    box.payload = bytes_.subspan(at_, size - header);
    at_ += size - header;
    return box;
}

std::span<const std::uint8_t> find_box(std::span<const std::uint8_t> bytes, std::string_view path)
{
    const std::string_view type = path.substr(0, path.find('/'));
    BoxReader reader(bytes);
    while (!reader.done()) {
        const BoxReader::Box box = reader.box();
        if (box.type == type) {
            return type.size() == path.size() ? box.payload : find_box(box.payload, path.substr(type.size() + 1));
        }
    }
    return {};
}

std::size_t count_boxes(std::span<const std::uint8_t> bytes, std::string_view type)
{
    std::size_t count = 0;
    BoxReader reader(bytes);
    while (!reader.done()) {
        count += reader.box().type == type ? 1 : 0;
    }
    return count;
}

void put(std::vector<std::uint8_t>& bytes, std::uint64_t number, int size)
{
    for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
        bytes.push_back(static_cast<std::uint8_t>(number >> shift));
    }
}

void put(std::vector<std::uint8_t>& bytes, std::string_view text)
{
    bytes.insert(bytes.end(), text.begin(), text.end());
}

} // namespace longtake::av::cmaf
