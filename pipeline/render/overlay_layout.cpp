#include "pipeline/render/overlay_layout.h"

#include "pipeline/av/text/font_files.h"
#include "pipeline/av/text/text.h"
#include "pipeline/base/error.h"
#include "pipeline/model/schema/schema.h"
#include "pipeline/render/caption_layout.h"
#include "pipeline/render/logo.h"
#include "pipeline/render/text_colours.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace longtake::render {
namespace {

// Shares of the picture's shorter side, unless another is named.
constexpr double k_gap_subtitle = 0.042;
constexpr double k_gap_body = 0.04;
constexpr double k_gap_price = 0.075;
constexpr double k_gap_button = 0.07;
constexpr double k_gap_logo = 0.08;
constexpr double k_gap_below = 0.2;   ///< of the capitals above
constexpr double k_bar_width = 0.007; ///< beside a lower third
constexpr double k_bar_gap = 0.022;

constexpr double k_button_height = 3.4; ///< capitals
constexpr double k_button_sides = 1.75; ///< capitals
constexpr double k_second_line = 0.72;  ///< of a lower third, of its first
constexpr double k_ideographs = 0.95;   ///< of the size of letters, which have room above and below
constexpr double k_longest_title = 15;  ///< ems in a line
constexpr double k_longest_text = 26;   ///< of other text: some 50 letters
constexpr double k_ideographs_in_line = 14;
constexpr double k_one_word = 0.6; ///< of the box: to it a title of one word grows,
constexpr double k_most_growth = 1.6;
constexpr double k_whole_words = 0.6; ///< of its size: down to it no word is broken
constexpr double k_least_scale = 0.3;
constexpr double k_shadow_radius = 0.22; ///< ems
constexpr double k_shadow = 0.45;
constexpr double k_scrim_reach = 0.16; ///< of the picture's height: how far a scrim goes beyond its text

/// Where the middle of a card's text stands, of the height: a little above the middle looks like it.
constexpr double k_middle = 0.46, k_middle_portrait = 0.43;

/// A text of an overlay, or one line of a lower third.
struct Entry {
    TextRole role = TextRole::title;
    RoleLook look;
    av::TextLines text;
    double em = 0;   ///< before the whole is shrunk
    double wide = 0; ///< of its longest line, ems
    double gap = 0;  ///< to what is above it, pixels
    bool button = false;
    bool third = false; ///< stands beside a bar
};

/// An entry's lines at the final size, their origins in pixels of the canvas.
struct Placed {
    const Entry* entry = nullptr;
    double em = 0;
    std::vector<av::TextLine> lines{};
    std::vector<double> baselines{};
    av::Box button{};
};

double gap_above(TextRole role)
{
    switch (role) {
    case TextRole::title: return k_gap_logo;
    case TextRole::subtitle: return k_gap_subtitle;
    case TextRole::price: return k_gap_price;
    case TextRole::call_to_action: return k_gap_button;
    default: return k_gap_body;
    }
}

class Setter {
public:
    Setter(const Overlay& overlay, const Canvas& canvas)
        : overlay_(overlay), style_(overlay.style), size_(canvas.size), side_(std::min(size_.width, size_.height)),
          colours_(text_colours(style_, overlay.card)), box_(box_of(canvas))
    {
    }

    OverlayLayout set()
    {
        out_.notes = colours_.notes;
        if (overlay_.logo) {
            out_.sprites.push_back(logo());
        }
        if (!overlay_.texts.empty()) {
            set_texts();
        }
        count_letters();
        return std::move(out_);
    }

private:
    /// The safe box; on a card inside the style's margins, too.
    av::Box box_of(const Canvas& canvas) const
    {
        const double margin = overlay_.card ? style_.margin : 0;
        const SafeBox safe = canvas.safe.within({margin, 1 - margin, margin, 1 - margin});
        return {safe.left * size_.width, safe.top * size_.height, safe.right * size_.width, safe.bottom * size_.height};
    }

    bool centred(const Entry& entry) const { return !entry.third && style_.alignment == Alignment::centre; }

    void add_entry(TextRole role, const std::string& text, RoleLook look, double scale)
    {
        const bool title = role == TextRole::title || role == TextRole::price;
        const bool third = role == TextRole::lower_third;
        const std::string& font = look.font == "heading" ? style_.heading : style_.body;
        const double cap = look.cap(size_) * style_.scale * scale;
        constexpr double k_usual_cap = 0.7; // ems
        const double whole = box_.width() / (k_whole_words * cap / k_usual_cap);
        av::TextLines lines(text, {font, look.weight, look.tracking}, whole);
        Entry entry{role, std::move(look), std::move(lines)};
        entry.em = cap / entry.text.cap() * (entry.text.ideographic() ? k_ideographs : 1);
        entry.wide = entry.text.ideographic() ? k_ideographs_in_line : title ? k_longest_title : k_longest_text;
        const bool below_logo = entries_.empty() && !out_.sprites.empty();
        entry.gap = below_logo ? k_gap_logo * side_ : entries_.empty() ? 0 : gap_above(role) * side_;
        if (!entries_.empty()) { // large letters need more room below them
            entry.gap += k_gap_below * entries_.back().text.cap() * entries_.back().em;
        }
        entry.button = role == TextRole::call_to_action;
        entry.third = third;
        const double room = box_.width() - (entry.button ? 2 * k_button_sides * cap : third ? bar() : 0);
        const double longest = std::max(entry.text.longest_part(), 0.01);
        if (role == TextRole::title && entry.text.width() <= longest) {
            entry.em = std::max(entry.em, std::min(k_most_growth * entry.em, k_one_word * box_.width() / longest));
        }
        entry.em = std::min(entry.em, room / longest);
        entry.em = spare_a_line(entry, room);
        out_.notes.insert(out_.notes.end(), entry.text.notes().begin(), entry.text.notes().end());
        entries_.push_back(std::move(entry));
    }

    /// How long its lines may be, pixels. What stands wider apart may take more room for as many letters.
    static double measure_of(const Entry& entry, double em, double room)
    {
        const double wide = entry.wide * (1 + 2 * std::max(0.0, entry.look.tracking));
        return std::min(room, std::max(wide, entry.text.longest_part()) * em);
    }

    /// A little smaller, if that makes a line less: a word alone on a line looks lost.
    static double spare_a_line(const Entry& entry, double room)
    {
        constexpr double k_least = 0.84;
        constexpr double k_step = 0.98;
        const auto lines = [&](double em) { return entry.text.line_count(em, measure_of(entry, em, room)); };
        const std::size_t before = lines(entry.em);
        for (double em = entry.em; before > 1 && em >= k_least * entry.em; em *= k_step) {
            if (lines(em) < before) {
                return em;
            }
        }
        return entry.em;
    }

    double bar() const { return (k_bar_width + k_bar_gap) * side_; }

    /// The first line of a lower third is a name, those below it say who that is.
    void add_lower_third(const std::string& text)
    {
        const std::size_t end = text.find('\n');
        const RoleLook look = style_.look(TextRole::lower_third);
        add_entry(TextRole::lower_third, text.substr(0, end), look, 1);
        if (end != std::string::npos && end + 1 < text.size()) {
            RoleLook second = look;
            second.font = "body";
            second.weight = 400;
            add_entry(TextRole::lower_third, text.substr(end + 1), second, k_second_line);
            entries_.back().gap = 0.5 * look.cap(size_) * style_.scale;
        }
    }

    void set_texts()
    {
        for (const RoleText& text : overlay_.texts) {
            if (text.role == TextRole::lower_third) {
                add_lower_third(text.text);
            } else {
                add_entry(text.role, text.text, style_.look(text.role), 1);
            }
        }
        double scale = 1;
        double height = 0;
        std::vector<Placed> placed;
        constexpr double k_step = 0.97;
        for (;; scale *= k_step) {
            placed = stacked(scale, height);
            if (height <= box_.height()) {
                break;
            }
            if (scale < k_least_scale) {
                throw Error(Errc::input, fmt::format("{} and what stands with it is too long for a picture of {}; "
                                                     "shorten it",
                                                     found_text(overlay_.texts.front().text), size_.text()));
            }
        }
        stand(placed, height);
        draw(placed);
    }

    /// All of it below each other from 0 on; `height`: of its ink.
    std::vector<Placed> stacked(double scale, double& height) const
    {
        std::vector<Placed> placed;
        double y = out_.sprites.empty() ? 0 : out_.sprites.front().ink.height();
        for (const Entry& entry : entries_) {
            Placed& one = placed.emplace_back();
            one.entry = &entry;
            one.em = entry.em * scale;
            const double cap = entry.text.cap() * one.em;
            const double room = box_.width() - (entry.button ? 2 * k_button_sides * cap : entry.third ? bar() : 0);
            one.lines = entry.text.lines(one.em, measure_of(entry, one.em, room));
            y += entry.gap * scale;
            y = entry.button ? stack_button(one, cap, y) : stack_lines(one, cap, y);
        }
        height = y;
        return placed;
    }

    static double stack_button(Placed& one, double cap, double y)
    {
        const double height = k_button_height * cap;
        one.button = {0, y, 0, y + height};
        one.baselines.assign(one.lines.size(), y + (height + cap) / 2); // it has one line
        return y + height;
    }

    /// Lines evenly apart, so far that none touches another. The first begins with its capitals, or above where its
    /// script or accents do.
    static double stack_lines(Placed& one, double cap, double y)
    {
        constexpr double k_clear = 0.08; // ems
        double pitch = one.entry->look.leading * one.em;
        for (std::size_t i = 1; i < one.lines.size(); ++i) {
            pitch = std::max(pitch, one.lines[i - 1].ink.bottom - one.lines[i].ink.top + k_clear * one.em);
        }
        double baseline = y + std::max(cap, -one.lines.front().ink.top);
        for (std::size_t i = 0; i < one.lines.size(); ++i) {
            one.baselines.push_back(baseline + static_cast<double>(i) * pitch);
        }
        return one.baselines.back() + std::max(0.0, one.lines.back().ink.bottom);
    }

    /// Moves what is stacked to its place on the canvas.
    void stand(std::vector<Placed>& placed, double height)
    {
        double top = box_.top;
        if (overlay_.card) {
            const bool portrait = size_.height > size_.width * 1.2;
            const double middle = portrait ? k_middle_portrait : k_middle;
            top = std::clamp(middle * size_.height - height / 2, box_.top, box_.bottom - height);
        } else if (overlay_.at == Place::centre) {
            top = box_.top + (box_.height() - height) / 2;
        } else if (overlay_.at == Place::lower) {
            top = box_.bottom - height;
        }
        for (Placed& one : placed) {
            for (double& baseline : one.baselines) {
                baseline += top;
            }
            one.button.top += top;
            one.button.bottom += top;
        }
        if (!out_.sprites.empty()) {
            Sprite& sign = out_.sprites.front();
            sign.raster.top = static_cast<int>(std::lround(top));
            sign.ink = {sign.ink.left, top, sign.ink.right, top + sign.ink.height()};
        }
        if (!overlay_.card) {
            out_.scrim = scrim_of(top, top + height);
        }
    }

    Scrim scrim_of(double top, double bottom) const
    {
        const double reach = k_scrim_reach * size_.height;
        Scrim scrim{top - reach, top, bottom, bottom + reach, k_scrim};
        if (overlay_.at == Place::lower) { // and on to the picture's edge
            scrim.deep = scrim.end = size_.height;
        } else if (overlay_.at == Place::upper) {
            scrim.begin = scrim.dark = 0;
        }
        return scrim;
    }

    void draw(const std::vector<Placed>& placed)
    {
        for (const Placed& one : placed) {
            if (one.em < av::k_legible * size_.height) {
                out_.notes.push_back(fmt::format("{} is set at {:.1f} % of the picture's height to fit, and below "
                                                 "{:.1f} % it is hard to read; shorten it",
                                                 found_text(overlay_.texts.front().text), 100 * one.em / size_.height,
                                                 100 * av::k_legible));
            }
            if (one.entry->button) {
                draw_button(one);
            } else {
                draw_lines(one);
            }
        }
        if (!placed.empty() && placed.front().entry->third) {
            draw_bar(placed);
        }
    }

    /// Where a line's origin is; what is seen of it is flush, or centred, not what it is said to take.
    double origin_of(const Entry& entry, const av::TextLine& line) const
    {
        if (centred(entry)) {
            return (box_.left + box_.right) / 2 - (line.ink.left + line.ink.right) / 2;
        }
        const double beside = entry.third ? bar() : 0;
        return entry.text.right_to_left() ? box_.right - beside - line.ink.right : box_.left + beside - line.ink.left;
    }

    void draw_lines(const Placed& one)
    {
        for (std::size_t i = 0; i < one.lines.size(); ++i) {
            const av::TextLine& line = one.lines[i];
            const double x = origin_of(*one.entry, line);
            const double y = one.baselines[i];
            Sprite sprite;
            sprite.ink = {x + line.ink.left, y + line.ink.top, x + line.ink.right, y + line.ink.bottom};
            const double around = overlay_.card ? 1 : 3 * k_shadow_radius * one.em;
            av::Drawing drawing({sprite.ink.left - around, sprite.ink.top - around, sprite.ink.right + around,
                                 sprite.ink.bottom + around});
            drawing.line(one.entry->text, line, one.em, x, y, colours_.named(one.entry->look.colour));
            if (!overlay_.card) {
                drawing.shadow(k_shadow_radius * one.em, k_shadow);
            }
            sprite.raster = drawing.take();
            for (const double stop : line.stops) {
                sprite.stops.push_back(x + stop);
            }
            add(std::move(sprite), one.entry->text.right_to_left());
        }
    }

    void draw_button(const Placed& one)
    {
        const av::TextLine& line = one.lines.front();
        const double cap = one.entry->text.cap() * one.em;
        const double width = line.ink.width() + 2 * k_button_sides * cap;
        const bool rtl = one.entry->text.right_to_left();
        const double left = centred(*one.entry) ? (box_.left + box_.right - width) / 2
                            : rtl               ? box_.right - width
                                                : box_.left;
        const av::Box box{left, one.button.top, left + width, one.button.bottom};
        Sprite sprite;
        sprite.ink = box;
        av::Drawing drawing({box.left - 1, box.top - 1, box.right + 1, box.bottom + 1});
        drawing.rounded_box(box, box.height() / 2, colours_.accent);
        // Letters without capitals, or with much below the line, are centred by what is seen of them.
        const bool by_ink = one.entry->text.ideographic() || -line.ink.top > 1.25 * cap || rtl;
        const double y = by_ink ? (box.top + box.bottom - line.ink.top - line.ink.bottom) / 2 : one.baselines.front();
        drawing.line(one.entry->text, line, one.em, left + k_button_sides * cap - line.ink.left, y, colours_.on_accent);
        sprite.raster = drawing.take();
        add(std::move(sprite), rtl);
    }

    void draw_bar(const std::vector<Placed>& placed)
    {
        const av::Box& first = out_.sprites.front().ink;
        const double top = first.top;
        const double bottom = out_.sprites.back().ink.bottom;
        const bool rtl = placed.front().entry->text.right_to_left();
        const double width = k_bar_width * side_;
        const double left = rtl ? box_.right - width : box_.left;
        Sprite sprite;
        sprite.ink = {left, top, left + width, bottom};
        av::Drawing drawing(sprite.ink);
        drawing.rounded_box(sprite.ink, width / 2, colours_.accent);
        sprite.raster = drawing.take();
        add(std::move(sprite), rtl);
        out_.sprites.back().part.order = 0;
    }

    void add(Sprite sprite, bool rtl)
    {
        sprite.part.order = static_cast<int>(out_.sprites.size());
        sprite.part.rtl = rtl;
        sprite.part.letters = static_cast<int>(sprite.stops.size());
        out_.sprites.push_back(std::move(sprite));
    }

    Sprite logo() const
    {
        const Logo& logo = *overlay_.logo;
        constexpr double k_corner = 0.09, k_end = 0.45, k_end_portrait = 0.62, k_end_height = 0.3,
                         k_corner_opacity = 0.8;
        const bool end = logo.at == Logo::At::end;
        const double usual = !end ? k_corner : size_.height > size_.width ? k_end_portrait : k_end;
        double width = (logo.width > 0 ? logo.width : usual) * size_.width;
        width = std::min(width, end ? box_.width() : static_cast<double>(size_.width));
        Sprite sprite;
        const auto pixels = [](double length) { return std::max(2, static_cast<int>(std::lround(length))); };
        sprite.raster = read_logo(logo.file, pixels(width));
        const double too_tall = sprite.raster.size.height / (k_end_height * size_.height);
        if (end && logo.width <= 0 && too_tall > 1) { // as wide as it is tall: it would leave no room for words
            sprite.raster = read_logo(logo.file, pixels(width / too_tall));
        }
        place_logo(sprite.raster, logo.at);
        fade_raster(sprite.raster, logo.opacity > 0 ? logo.opacity : end ? 1 : k_corner_opacity);
        const av::Raster& raster = sprite.raster;
        sprite.ink = {static_cast<double>(raster.left), static_cast<double>(raster.top),
                      static_cast<double>(raster.left + raster.size.width),
                      static_cast<double>(raster.top + raster.size.height)};
        sprite.part.logo = true;
        return sprite;
    }

    void place_logo(av::Raster& raster, Logo::At at) const
    {
        constexpr double k_margin = 0.04;
        const double margin = k_margin * side_;
        const bool usual = box_.left == SafeBox{}.left * size_.width && box_.bottom == SafeBox{}.bottom * size_.height;
        const av::Box box = usual ? av::Box{margin, margin, size_.width - margin, size_.height - margin} : box_;
        const bool left = at == Logo::At::top_left || at == Logo::At::bottom_left;
        const bool top = at == Logo::At::top_left || at == Logo::At::top_right;
        double x = left ? box.left : box.right - raster.size.width;
        double y = top ? box.top : box.bottom - raster.size.height;
        if (at == Logo::At::end) {
            const bool flush = !overlay_.texts.empty() && style_.alignment == Alignment::left;
            x = flush ? box_.left : (size_.width - raster.size.width) / 2.0;
            y = k_middle * size_.height - raster.size.height / 2.0;
        }
        raster.left = static_cast<int>(std::lround(x));
        raster.top = static_cast<int>(std::lround(y));
    }

    static void fade_raster(av::Raster& raster, double opacity)
    {
        for (std::uint8_t& value : raster.bgra) {
            value = static_cast<std::uint8_t>(std::lround(value * opacity));
        }
    }

    void count_letters()
    {
        int before = 0;
        for (Sprite& sprite : out_.sprites) {
            sprite.part.letters_before = before;
            before += sprite.part.letters;
        }
    }

    const Overlay& overlay_;
    const Style& style_;
    const Size size_;
    const double side_;
    const TextColours colours_;
    const av::Box box_;
    std::vector<Entry> entries_;
    OverlayLayout out_;
};

} // namespace

OverlayLayout lay_out(const Overlay& overlay, const Canvas& canvas)
{
    for (const StyleFile& font : overlay.style.fonts) { // of a timeline that was read back, nobody else has
        av::use_font_file(font.file);
    }
    if (overlay.curtain) {
        const double height = canvas.size.height;
        return {{}, Scrim{0, 0, height, height, 1}};
    }
    if (!overlay.texts.empty() && overlay.texts.front().role == TextRole::caption) {
        return lay_out_caption(overlay, canvas);
    }
    return Setter(overlay, canvas).set();
}

} // namespace longtake::render
