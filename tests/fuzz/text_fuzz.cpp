// libFuzzer over the setting and drawing of text: the first four bytes choose the picture, the box and the size; then
// comes the font's name in a line of its own, if so chosen, and the text.
#include "pipeline/av/text/text.h"
#include "tests/fuzz/memory_file.h"

#include <array>
#include <cstdlib>
#include <string>

namespace longtake::fuzz {
namespace {

constexpr std::size_t k_choices = 4; // bytes

av::TextStyle style_of(const std::uint8_t* choices)
{
    const auto part = [](std::uint8_t share) { return (share & 15U) / 16.0; };
    av::TextStyle style;
    style.left = part(choices[0]);
    style.right = style.left + (1 - style.left) * (1 + part(choices[0] >> 4)) / 2;
    style.top = part(choices[1]);
    style.bottom = style.top + (1 - style.top) * (1 + part(choices[1] >> 4)) / 2;
    style.height = 0.01 + choices[2] / 512.0;
    return style;
}

} // namespace
} // namespace longtake::fuzz

// NOLINTBEGIN: libFuzzer's names
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length)
{
    using namespace longtake;
    using namespace longtake::fuzz;
    if (length <= k_choices) {
        return 0;
    }
    constexpr std::array k_pictures{Size{320, 180}, Size{90, 160}, Size{1280, 720}, Size{64, 64}};
    std::string text(data + k_choices, data + length);
    av::TextStyle style = style_of(data);
    const std::size_t line = text.find('\n');
    if ((data[3] & 4U) != 0 && line != std::string::npos) {
        style.font = text.substr(0, line);
        text.erase(0, line + 1);
    }
    av::Picture picture = av::plain_picture(k_pictures[data[3] & 3U], "#20140c");
    answered([&] {
        const av::SetText set = av::set_text(picture.size, text, style);
        if (set.notes != av::draw_text(picture, text, style)) {
            std::abort();
        }
    });
    return 0;
}
// NOLINTEND
