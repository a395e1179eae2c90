#include "pipeline/av/text.h"

#include "pipeline/base/error.h"

#include <ass/ass.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace longtake::av {
namespace {

struct Colour {
    std::uint8_t r = 0, g = 0, b = 0;
};

Colour parse_colour(const std::string& text)
{
    const auto digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
    if (text.size() != 7 || text[0] != '#' || !std::all_of(text.begin() + 1, text.end(), digit)) {
        throw Error(Errc::usage, "'" + text + "' is no colour; write it like #20140c");
    }
    const unsigned long rgb = std::stoul(text.substr(1), nullptr, 16);
    return {static_cast<std::uint8_t>(rgb >> 16), static_cast<std::uint8_t>(rgb >> 8), static_cast<std::uint8_t>(rgb)};
}

/// The length of the well-formed UTF-8 sequence at the front, or 0.
std::size_t sequence_length(std::string_view text)
{
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t length = lead < 0x80 ? 1 : lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 ? 3 : 2;
    if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) {
            return 0;
        }
    }
    return length;
}

/// The text in ASS's spelling, so that all of it is shown and none obeyed: "\{" is a brace, "\N" a line break; a
/// backslash that is meant is kept from its neighbour by a word joiner (U+2060), which has no ink.
std::string escaped(std::string_view text)
{
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t length = sequence_length(text.substr(at));
        const std::string_view letter = text.substr(at, std::max<std::size_t>(length, 1));
        at += letter.size();
        if (length == 0) {
            out += "\uFFFD";
        } else if (letter == "\\") {
            out += "\\\u2060";
        } else if (letter == "{" || letter == "}") {
            out += "\\";
            out += letter;
        } else if (letter == "\n") {
            out += out.empty() || out.ends_with("\\N") ? "\\h\\N" : "\\N"; // an empty line is as high as the others
        } else if (letter == "\t") {
            out += "    ";
        } else if (static_cast<unsigned char>(letter[0]) >= ' ' && letter[0] != 127) {
            out += letter;
        }
    }
    return out;
}

/// A rectangle of pixels; empty if nothing was drawn.
struct Bounds {
    int left = 1 << 30, top = 1 << 30, right = 0, bottom = 0;

    bool empty() const { return right <= left; }
    bool inside(const Bounds& outer) const
    {
        return empty() || (left >= outer.left && top >= outer.top && right <= outer.right && bottom <= outer.bottom);
    }
};

/// The rows and columns of an image that hold ink; libass pads its bitmaps.
void add_ink(const ASS_Image& image, Bounds& bounds)
{
    for (int y = 0; y < image.h; ++y) {
        const unsigned char* row = image.bitmap + static_cast<std::ptrdiff_t>(y) * image.stride;
        for (int x = 0; x < image.w; ++x) {
            if (row[x] != 0) {
                bounds.left = std::min(bounds.left, image.dst_x + x);
                bounds.right = std::max(bounds.right, image.dst_x + x + 1);
                bounds.top = std::min(bounds.top, image.dst_y + y);
                bounds.bottom = std::max(bounds.bottom, image.dst_y + y + 1);
            }
        }
    }
}

template <auto Free>
struct Done {
    template <class T>
    void operator()(T* p) const noexcept
    {
        Free(p);
    }
};

/// libass set up with one paragraph, at any size asked for. The frame is three times as wide and high as the box, which
/// is its middle ninth: libass clips what leaves the frame, so that overflow shows only if there is room for it.
class Paragraph {
public:
    Paragraph(Size box, const std::string& text, const TextStyle& style, std::vector<std::string>& notes);

    /// Lays the text out with this line height in pixels. The images live until the next call.
    const ASS_Image* render(double line_height);

    Bounds box() const { return {box_.width, box_.height, 2 * box_.width, 2 * box_.height}; }

private:
    static void note(int level, const char* format, va_list arguments, void* notes);

    Size box_;
    std::unique_ptr<ASS_Library, Done<ass_library_done>> library_{ass_library_init()};
    std::unique_ptr<ASS_Renderer, Done<ass_renderer_done>> renderer_;
    std::unique_ptr<ASS_Track, Done<ass_free_track>> track_;
};

/// libass says only in a warning which letters no font has. It calls back from C, so nothing may throw.
void Paragraph::note(int, const char* format, va_list arguments, void* notes)
{
    std::array<char, 256> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    const char* missing = std::strstr(text.data(), "failed to find any fallback with glyph ");
    unsigned letter = 0;
    if (missing == nullptr || std::sscanf(missing, "failed to find any fallback with glyph 0x%X", &letter) != 1) {
        return;
    }
    try {
        std::array<char, 64> words{};
        std::snprintf(words.data(), words.size(), "no installed font has the letter U+%04X", letter);
        auto& list = *static_cast<std::vector<std::string>*>(notes);
        if (std::find(list.begin(), list.end(), words.data()) == list.end()) {
            list.emplace_back(words.data());
        }
    } catch (...) {
        return;
    }
}

Paragraph::Paragraph(Size box, const std::string& text, const TextStyle& style, std::vector<std::string>& notes)
    : box_(box)
{
    if (library_) {
        ass_set_message_cb(library_.get(), note, &notes);
        renderer_.reset(ass_renderer_init(library_.get()));
        track_.reset(ass_new_track(library_.get()));
    }
    if (!renderer_ || !track_) {
        throw Error(Errc::internal, "libass cannot be set up to draw text");
    }
    ass_set_frame_size(renderer_.get(), 3 * box.width, 3 * box.height);
    ass_set_shaper(renderer_.get(), ASS_SHAPING_COMPLEX);
    ass_set_fonts(renderer_.get(), nullptr, style.font.c_str(), ASS_FONTPROVIDER_AUTODETECT, nullptr, 1);

    ASS_Track* track = track_.get();
    track->track_type = ASS_Track::TRACK_TYPE_ASS;
    track->PlayResX = 3 * box.width;
    track->PlayResY = 3 * box.height;
    track->WrapStyle = 0; // lines of even length
    track->Kerning = 1;
    track->ScaledBorderAndShadow = 1;
    ass_track_set_feature(track, ASS_FEATURE_BIDI_BRACKETS, 1);
    ass_track_set_feature(track, ASS_FEATURE_WHOLE_TEXT_LAYOUT, 1);
    ass_track_set_feature(track, ASS_FEATURE_WRAP_UNICODE, 1); // break lines of Chinese and Thai, too

    const Colour colour = parse_colour(style.colour);
    track->default_style = ass_alloc_style(track); // moves track->styles
    ASS_Style& look = track->styles[track->default_style];
    look.Name = strdup("Default"); // freed by libass
    look.FontName = strdup(style.font.c_str());
    look.PrimaryColour = static_cast<std::uint32_t>(colour.r) << 24 | static_cast<std::uint32_t>(colour.g) << 16 |
                         static_cast<std::uint32_t>(colour.b) << 8; // the last byte: 0 is opaque
    look.ScaleX = look.ScaleY = 1;
    look.BorderStyle = 1;
    look.Alignment = VALIGN_CENTER | HALIGN_CENTER;
    look.MarginL = look.MarginR = box.width;
    look.Encoding = -1; // the first strong letter decides whether a line runs to the left or to the right

    const int first = ass_alloc_event(track);
    ASS_Event& event = track->events[first];
    event.Start = 0;
    event.Duration = 1000;
    event.Style = track->default_style;
    event.Text = strdup(escaped(text).c_str());
}

const ASS_Image* Paragraph::render(double line_height)
{
    track_->styles[track_->default_style].FontSize = line_height;
    return ass_render_frame(renderer_.get(), track_.get(), 0, nullptr);
}

Bounds ink(const ASS_Image* image)
{
    Bounds bounds;
    for (; image != nullptr; image = image->next) {
        add_ink(*image, bounds);
    }
    return bounds;
}

/// The largest line height from `least` to `wanted` with which the ink stays in the box, to a quarter of a pixel.
double fitting_height(Paragraph& paragraph, double wanted, double least)
{
    const auto fits = [&](double height) { return ink(paragraph.render(height)).inside(paragraph.box()); };
    if (fits(wanted)) {
        return wanted;
    }
    if (least >= wanted || !fits(least)) {
        throw Error(Errc::input, "the text is too long for its place even at 2 % of the picture's height; shorten it");
    }
    double small = least;
    double large = wanted;
    while (large - small > 0.25) {
        const double middle = (small + large) / 2;
        (fits(middle) ? small : large) = middle;
    }
    return small;
}

/// Lays one image of libass on the picture, moved by (dx, dy); ink never leaves the picture.
void blend(const ASS_Image& image, int dx, int dy, Picture& picture)
{
    const std::array<int, 3> colour{static_cast<int>(image.color >> 24), static_cast<int>(image.color >> 16 & 0xFF),
                                    static_cast<int>(image.color >> 8 & 0xFF)};
    const int opacity = 255 - static_cast<int>(image.color & 0xFF);
    for (int y = 0; y < image.h; ++y) {
        const int row = image.dst_y + y + dy;
        if (row < 0 || row >= picture.size.height) {
            continue;
        }
        for (int x = 0; x < image.w; ++x) {
            const int column = image.dst_x + x + dx;
            const int alpha = image.bitmap[static_cast<std::ptrdiff_t>(y) * image.stride + x] * opacity;
            if (alpha == 0 || column < 0 || column >= picture.size.width) {
                continue;
            }
            std::uint8_t* out = &picture.rgb[3 * (static_cast<std::size_t>(row) * picture.size.width + column)];
            for (std::size_t c = 0; c < 3; ++c) {
                constexpr int k_full = 255 * 255;
                out[c] =
                    static_cast<std::uint8_t>((out[c] * (k_full - alpha) + colour[c] * alpha + k_full / 2) / k_full);
            }
        }
    }
}

} // namespace

std::vector<std::string> draw_text(Picture& picture, const std::string& text, const TextStyle& style)
{
    const auto along = [](double part, int side) { return static_cast<int>(std::lround(part * side)); };
    const Bounds box{along(style.left, picture.size.width), along(style.top, picture.size.height),
                     along(style.right, picture.size.width), along(style.bottom, picture.size.height)};
    if (box.left < 0 || box.top < 0 || box.right > picture.size.width || box.bottom > picture.size.height ||
        box.empty() || box.bottom <= box.top) {
        throw Error(Errc::usage, "the box for the text is empty or leaves the picture");
    }
    std::vector<std::string> notes;
    Paragraph paragraph({box.right - box.left, box.bottom - box.top}, text, style, notes);
    const int side = std::min(picture.size.width, picture.size.height);
    const double height = fitting_height(paragraph, style.height * side, 0.02 * side);
    const Bounds drawn = paragraph.box();
    for (const ASS_Image* image = paragraph.render(height); image != nullptr; image = image->next) {
        blend(*image, box.left - drawn.left, box.top - drawn.top, picture);
    }
    return notes;
}

Picture plain_picture(Size size, const std::string& colour)
{
    const Colour c = parse_colour(colour);
    Picture picture{size, std::vector<std::uint8_t>(static_cast<std::size_t>(size.width) * size.height * 3)};
    for (std::size_t i = 0; i < picture.rgb.size(); i += 3) {
        picture.rgb[i] = c.r;
        picture.rgb[i + 1] = c.g;
        picture.rgb[i + 2] = c.b;
    }
    return picture;
}

} // namespace longtake::av
