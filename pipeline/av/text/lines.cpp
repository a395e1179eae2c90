#include "pipeline/av/text/lines.h"

#include "pipeline/av/text/font_notes.h"
#include "pipeline/av/text/fonts.h"
#include "pipeline/av/text/glyphs.h"
#include "pipeline/av/text/letters.h"
#include "pipeline/base/error.h"

#include <unicode/uscript.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

namespace longtake::av {
namespace {

double pixels_of(int units)
{
    return static_cast<double>(units) / PANGO_SCALE;
}

Box rect_of(const PangoRectangle& rectangle)
{
    return {pixels_of(rectangle.x), pixels_of(rectangle.y), pixels_of(rectangle.x + rectangle.width),
            pixels_of(rectangle.y + rectangle.height)};
}

/// Whether at least half of the letters are Han, kana or Hangul.
bool mostly_ideographic(const std::string& text)
{
    int ideographs = 0;
    int letters = 0;
    each_letter(text, 0, text.size(), [&](UChar32 letter, std::size_t) {
        UErrorCode error = U_ZERO_ERROR;
        const UScriptCode script = uscript_getScript(letter, &error);
        const bool counts = script != USCRIPT_COMMON && script != USCRIPT_INHERITED;
        letters += counts ? 1 : 0;
        ideographs += script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
                              script == USCRIPT_HANGUL
                          ? 1
                          : 0;
    });
    return 2 * ideographs > letters;
}

/// Where a line's letters begin and end, in the order they are read.
void add_stops(PangoLayout* layout, TextLine& line)
{
    std::vector<std::pair<int, double>> ends; // by byte
    const LayoutIter clusters(pango_layout_get_iter(layout));
    do {
        PangoRectangle logical;
        pango_layout_iter_get_cluster_extents(clusters.get(), nullptr, &logical);
        const int at = pango_layout_iter_get_index(clusters.get());
        const bool rtl = pango_layout_get_direction(layout, at) == PANGO_DIRECTION_RTL;
        ends.emplace_back(at, pixels_of(rtl ? logical.x : logical.x + logical.width));
    } while (pango_layout_iter_next_cluster(clusters.get()));
    std::sort(ends.begin(), ends.end());
    for (const auto& [at, x] : ends) {
        if (at < static_cast<int>(line.text.size())) {
            line.starts.push_back(static_cast<std::size_t>(at));
            line.stops.push_back(x);
        }
    }
}

} // namespace

struct TextLines::Impl {
    std::string text;
    LineStyle style;
    double cap = 0;
    double longest = 0, width = 0;
    bool rtl = false;
    bool ideographic = false;
    std::unique_ptr<Paragraph> paragraph{};
    std::vector<std::string> notes{};

    /// One line set at a size. Hold pango_lock() as long as it lives.
    Layout set(const std::string& line, double em) const
    {
        Typesetter setter(text, style.font, style.weight, style.tracking);
        Layout layout = setter.lay_out(line, em);
        pango_layout_set_alignment(layout.get(), PANGO_ALIGN_LEFT);
        pango_layout_set_auto_dir(layout.get(), FALSE);
        pango_context_set_base_dir(pango_layout_get_context(layout.get()),
                                   rtl ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR);
        pango_layout_context_changed(layout.get());
        return layout;
    }
};

TextLines::TextLines(const std::string& text, LineStyle style, double longest)
    : impl_(std::make_unique<Impl>(Impl{settable(text), std::move(style)}))
{
    Impl& mine = *impl_;
    if (family_for(mine.style.font).empty()) { // Pango cannot do without any
        throw Error(Errc::input, "no font is installed; install fonts-noto-core");
    }
    const std::lock_guard lock(pango_lock());
    Typesetter setter(mine.text, mine.style.font, mine.style.weight, mine.style.tracking);
    Typesetter::Flat flat = setter.measured(mine.text);
    mine.notes = font_notes(mine.text, mine.style.font, flat.layout.get());
    mine.rtl = pango_layout_get_line_readonly(flat.layout.get(), 0)->resolved_dir == PANGO_DIRECTION_RTL;
    mine.ideographic = mostly_ideographic(mine.text);
    constexpr double k_em = 100;
    PangoRectangle ink;
    pango_layout_get_extents(setter.lay_out("H", k_em).get(), &ink, nullptr);
    mine.cap = pixels_of(ink.height) / k_em;
    const std::vector<LineBreak> breaks = line_breaks(mine.text);
    for (const MeasuredLine& line : flat.lines) {
        mine.width = std::max(mine.width, line.at.back());
        std::size_t begin = line.begin;
        for (const std::size_t end : unbroken_parts(mine.text, breaks, line, longest)) {
            const std::size_t last = without_blanks(mine.text, begin, end);
            mine.longest = std::max(mine.longest, line.at[last - line.begin] - line.at[begin - line.begin]);
            begin = end;
        }
    }
    mine.paragraph = std::make_unique<Paragraph>(mine.text, std::move(flat.lines), longest);
}

TextLines::~TextLines() = default;
TextLines::TextLines(TextLines&&) noexcept = default;

double TextLines::cap() const noexcept
{
    return impl_->cap;
}

bool TextLines::right_to_left() const noexcept
{
    return impl_->rtl;
}

bool TextLines::ideographic() const noexcept
{
    return impl_->ideographic;
}

double TextLines::longest_part() const noexcept
{
    return impl_->longest;
}

double TextLines::width() const noexcept
{
    return impl_->width;
}

const std::vector<std::string>& TextLines::notes() const noexcept
{
    return impl_->notes;
}

std::vector<TextLine> TextLines::lines(double em, double width) const
{
    std::vector<TextLine> lines;
    const std::lock_guard lock(pango_lock());
    for (std::string& text : impl_->paragraph->broken(width / em)) {
        const Layout layout = impl_->set(text, em);
        PangoRectangle ink, logical;
        pango_layout_get_extents(layout.get(), &ink, &logical);
        TextLine line{std::move(text), pixels_of(logical.width), rect_of(ink), {}};
        const double baseline = pixels_of(pango_layout_get_baseline(layout.get()));
        line.ink.top -= baseline;
        line.ink.bottom -= baseline;
        add_stops(layout.get(), line);
        lines.push_back(std::move(line));
    }
    return lines;
}

std::size_t TextLines::line_count(double em, double width) const
{
    return impl_->paragraph->broken(width / em).size();
}

struct Drawing::Impl {
    int left = 0, top = 0, width = 0, height = 0;
    Surface surface{};
    Cairo cairo{};

    std::vector<std::uint8_t> coverage() const
    {
        cairo_surface_flush(surface.get());
        const unsigned char* rows = cairo_image_surface_get_data(surface.get());
        const std::ptrdiff_t stride = cairo_image_surface_get_stride(surface.get());
        std::vector<std::uint8_t> alpha(static_cast<std::size_t>(width) * height);
        for (int y = 0; y < height; ++y) {
            const auto* row = reinterpret_cast<const std::uint32_t*>(rows + y * stride);
            std::transform(row, row + width, alpha.begin() + static_cast<std::ptrdiff_t>(y) * width,
                           [](std::uint32_t word) { return static_cast<std::uint8_t>(word >> 24); });
        }
        return alpha;
    }
};

namespace {

/// A running mean over 2 * radius + 1 values, `step` apart; what lies outside is empty.
void mean_along(std::uint8_t* values, int count, std::ptrdiff_t step, int radius, std::vector<std::uint8_t>& line)
{
    line.resize(static_cast<std::size_t>(count));
    int sum = 0;
    for (int i = -radius; i < count; ++i) {
        sum += i + radius < count ? values[(i + radius) * step] : 0;
        if (i >= 0) {
            line[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>((sum + radius) / (2 * radius + 1));
            sum -= i - radius >= 0 ? values[(i - radius) * step] : 0;
        }
    }
    for (int i = 0; i < count; ++i) {
        values[i * step] = line[static_cast<std::size_t>(i)];
    }
}

/// Three running means are about a Gaussian (W. M. Wells, "Efficient synthesis of Gaussian filters", 1986).
void blur(std::vector<std::uint8_t>& alpha, int width, int height, int radius)
{
    std::vector<std::uint8_t> line;
    for (int pass = 0; pass < 3; ++pass) {
        for (int y = 0; y < height; ++y) {
            mean_along(alpha.data() + static_cast<std::ptrdiff_t>(y) * width, width, 1, radius, line);
        }
        for (int x = 0; x < width; ++x) {
            mean_along(alpha.data() + x, height, width, radius, line);
        }
    }
}

void set_colour(cairo_t* cairo, const Rgb& colour)
{
    cairo_set_source_rgb(cairo, colour.r / 255.0, colour.g / 255.0, colour.b / 255.0);
}

} // namespace

Drawing::Drawing(const Box& bounds) : impl_(std::make_unique<Impl>())
{
    impl_->left = static_cast<int>(std::floor(bounds.left));
    impl_->top = static_cast<int>(std::floor(bounds.top));
    impl_->width = std::max(1, static_cast<int>(std::ceil(bounds.right)) - impl_->left);
    impl_->height = std::max(1, static_cast<int>(std::ceil(bounds.bottom)) - impl_->top);
    impl_->surface = transparent_surface({impl_->width, impl_->height});
    impl_->cairo.reset(cairo_create(impl_->surface.get()));
    cairo_translate(impl_->cairo.get(), -impl_->left, -impl_->top);
}

Drawing::~Drawing() = default;

void Drawing::rounded_box(const Box& box, double radius, const Rgb& colour)
{
    constexpr double k_quarter = 1.5707963267948966;
    cairo_t* cairo = impl_->cairo.get();
    cairo_new_sub_path(cairo);
    cairo_arc(cairo, box.right - radius, box.top + radius, radius, -k_quarter, 0);
    cairo_arc(cairo, box.right - radius, box.bottom - radius, radius, 0, k_quarter);
    cairo_arc(cairo, box.left + radius, box.bottom - radius, radius, k_quarter, 2 * k_quarter);
    cairo_arc(cairo, box.left + radius, box.top + radius, radius, 2 * k_quarter, 3 * k_quarter);
    cairo_close_path(cairo);
    set_colour(cairo, colour);
    cairo_fill(cairo);
}

void Drawing::line(const TextLines& text, const TextLine& line, double em, double x, double y, const Rgb& colour)
{
    const std::lock_guard lock(pango_lock());
    const Layout layout = text.impl_->set(line.text, em);
    set_colour(impl_->cairo.get(), colour);
    draw_layout(impl_->cairo.get(), layout.get(), x, y - pixels_of(pango_layout_get_baseline(layout.get())));
}

void Drawing::shadow(double radius, double opacity)
{
    std::vector<std::uint8_t> alpha = impl_->coverage();
    blur(alpha, impl_->width, impl_->height, std::max(1, static_cast<int>(radius / 2)));
    unsigned char* rows = cairo_image_surface_get_data(impl_->surface.get());
    const std::ptrdiff_t stride = cairo_image_surface_get_stride(impl_->surface.get());
    for (int y = 0; y < impl_->height; ++y) {
        auto* row = reinterpret_cast<std::uint32_t*>(rows + y * stride);
        for (int x = 0; x < impl_->width; ++x) {
            const double drawn = (row[x] >> 24) / 255.0;
            const double under = alpha[static_cast<std::size_t>(y) * impl_->width + x] / 255.0;
            const double more =
                (1 - drawn) * std::min(1.0, 2 * under) * opacity; // twice: a thin stroke's halo is faint
            row[x] = (row[x] & 0x00ffffffU) | static_cast<std::uint32_t>(std::lround(255 * (drawn + more))) << 24;
        }
    }
    cairo_surface_mark_dirty(impl_->surface.get());
}

Raster Drawing::take()
{
    return raster_of(impl_->surface.get(), impl_->left, impl_->top);
}

} // namespace longtake::av
