#pragma once

#include "pipeline/av/text/even_lines.h"

#include <pango/pangocairo.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace longtake::av {

template <auto Free>
struct Released {
    template <class T>
    void operator()(T* p) const noexcept
    {
        Free(p);
    }
};

template <class T>
using Object = std::unique_ptr<T, Released<g_object_unref>>;
using Layout = Object<PangoLayout>;
using LayoutIter = std::unique_ptr<PangoLayoutIter, Released<pango_layout_iter_free>>;
using FontDescription = std::unique_ptr<PangoFontDescription, Released<pango_font_description_free>>;

/// Pango's objects may be used by one thread at a time, and a font map of its own would cost each thread its fonts
/// once more: there is one, behind this lock. Setting a card takes milliseconds.
std::mutex& pango_lock();

/// Tells it that fonts have come; hold the lock.
void fonts_have_come();

/// Pango set up with one font for one text; hold pango_lock() as long as it, and what it laid out, lives. Nothing is
/// hinted and nothing rounded, so that widths grow with the size.
class Typesetter {
public:
    /// `weight`: 400 or 700. `tracking`: put between letters, ems, if the text is of alphabets whose letters do not
    /// join.
    Typesetter(const std::string& text, const std::string& font, int weight = 400, double tracking = 0);

    /// `text` in lines as it has them, centred on each other, its letters of `em` pixels.
    Layout lay_out(const std::string& text, double em);

    /// Height of a line of the font itself, in ems.
    double line_height();

    /// A text as it comes, at a size to measure it at, and the widths and heights of its own lines in ems.
    struct Flat {
        Layout layout;
        std::vector<MeasuredLine> lines;
    };
    Flat measured(const std::string& text);

private:
    Object<PangoContext> context_;
    FontDescription font_;
    double tracking_;
};

} // namespace longtake::av
