#include "pipeline/render/caption_layout.h"

#include "pipeline/av/text/text.h"
#include "pipeline/base/error.h"
#include "pipeline/model/schema/schema.h"
#include "pipeline/render/text_colours.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace longtake::render {
namespace {

constexpr std::size_t k_caption_lines = 2;
constexpr double k_caption_measure = 23; ///< ems: 42 letters, the longest line subtitlers set
constexpr double k_smaller = 0.8;        ///< of its size: as small as it gets to be two lines,
constexpr double k_smallest = 0.5;       ///< and to fit at all
constexpr double k_caption_step = 0.96;
constexpr double k_plate = 0.72;      ///< opacity: over white, white text on it has 8:1
constexpr double k_dark = 0.05;       ///< luminance of a ground that is a plate
constexpr double k_plate_sides = 0.5; ///< ems around the text, and above and below
constexpr double k_plate_ends = 0.28;
constexpr double k_plate_radius = 0.28;
constexpr double k_ascent = 0.82, k_descent = 0.26; ///< ems of a line above and below its baseline
constexpr double k_word_sides = 0.12, k_word_radius = 0.16;

/// Of a caption on a canvas.
class CaptionSetter {
public:
    CaptionSetter(const Overlay& overlay, const Canvas& canvas)
        : overlay_(overlay), size_(canvas.size),
          colours_(text_colours(overlay.style, false)), box_{canvas.safe.left * size_.width,
                                                             canvas.safe.top * size_.height,
                                                             canvas.safe.right * size_.width,
                                                             canvas.safe.bottom * size_.height},
          look_(overlay.style.look(TextRole::caption)), text_(text_lines())
    {
    }

    OverlayLayout set()
    {
        out_.notes = text_.notes();
        const double em = fitting_em();
        const std::vector<av::TextLine> lines = text_.lines(em, measure(em));
        place(lines, em);
        draw_plate(lines, em);
        for (std::size_t i = 0; i < lines.size(); ++i) {
            draw_line(lines[i], em, baselines_[i]);
        }
        std::size_t word = 0;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            word = highlight(lines[i], em, baselines_[i], word);
        }
        return std::move(out_);
    }

private:
    av::TextLines text_lines() const
    {
        const Style& style = overlay_.style;
        const std::string& font = look_.font == "heading" ? style.heading : style.body;
        return {overlay_.texts.front().text, {font, look_.weight, look_.tracking}, k_caption_measure};
    }

    double measure(double em) const { return std::min(k_caption_measure * em, box_.width() - 2 * k_plate_sides * em); }

    double height(std::size_t lines, double em) const
    {
        return (static_cast<double>(lines - 1) * look_.leading + k_ascent + k_descent + 2 * k_plate_ends) * em;
    }

    double fitting_em()
    {
        const double whole = look_.cap(size_) * overlay_.style.scale / text_.cap();
        const auto lines_at = [&](double em) { return text_.line_count(em, measure(em)); };
        const auto fits = [&](double em) {
            return text_.longest_part() * em <= measure(em) * 1.001 && height(lines_at(em), em) <= box_.height();
        };
        double em = whole;
        while (em > k_smaller * whole && !(fits(em) && lines_at(em) <= k_caption_lines)) {
            em *= k_caption_step;
        }
        if (!fits(em) || lines_at(em) > k_caption_lines) {
            em = whole;
        }
        while (em > k_smallest * whole && !fits(em)) {
            em *= k_caption_step;
        }
        const std::string& text = overlay_.texts.front().text;
        if (!fits(em)) {
            throw Error(Errc::input,
                        fmt::format("the caption {} does not fit into the safe box; split it, or shorten it",
                                    found_text(text)));
        }
        if (lines_at(em) > k_caption_lines) {
            out_.notes.push_back(fmt::format("the caption {} takes {} lines; two are read at a glance: split it",
                                             found_text(text), lines_at(em)));
        }
        return em;
    }

    void place(const std::vector<av::TextLine>& lines, double em)
    {
        const double tall = height(lines.size(), em);
        double top = box_.bottom - tall;
        if (overlay_.at == Place::upper) {
            top = box_.top;
        } else if (overlay_.at == Place::centre) {
            top = (box_.top + box_.bottom - tall) / 2;
        }
        for (std::size_t i = 0; i < lines.size(); ++i) {
            baselines_.push_back(top + (k_plate_ends + k_ascent + static_cast<double>(i) * look_.leading) * em);
        }
    }

    double middle() const { return (box_.left + box_.right) / 2; }

    double origin(const av::TextLine& line) const { return middle() - (line.ink.left + line.ink.right) / 2; }

    void draw_plate(const std::vector<av::TextLine>& lines, double em)
    {
        double wide = 0;
        for (const av::TextLine& line : lines) {
            wide = std::max(wide, line.ink.width());
        }
        const double half = wide / 2 + k_plate_sides * em;
        const av::Box box{middle() - half, baselines_.front() - (k_ascent + k_plate_ends) * em, middle() + half,
                          baselines_.back() + (k_descent + k_plate_ends) * em};
        const Rgb ground = rgb_of(overlay_.style.ground).value_or(Rgb{});
        av::Drawing drawing(box);
        drawing.rounded_box(box, k_plate_radius * em, relative_luminance(ground) <= k_dark ? ground : Rgb{});
        Sprite sprite = taken(drawing, box);
        for (std::uint8_t& value : sprite.raster.bgra) {
            value = static_cast<std::uint8_t>(std::lround(value * k_plate));
        }
        out_.sprites.push_back(std::move(sprite));
    }

    void draw_line(const av::TextLine& line, double em, double y)
    {
        const double x = origin(line);
        const av::Box ink{x + line.ink.left, y + line.ink.top, x + line.ink.right, y + line.ink.bottom};
        av::Drawing drawing({ink.left - 1, ink.top - 1, ink.right + 1, ink.bottom + 1});
        drawing.line(text_, line, em, x, y, colours_.named(look_.colour));
        out_.sprites.push_back(taken(drawing, ink));
    }

    static Sprite taken(av::Drawing& drawing, const av::Box& ink)
    {
        Sprite sprite;
        sprite.raster = drawing.take();
        sprite.ink = ink;
        return sprite;
    }

    /// The words from `first` on that stand in this line, each when it is spoken. Which comes next.
    std::size_t highlight(const av::TextLine& line, double em, double y, std::size_t first)
    {
        std::size_t at = 0;
        std::size_t word = first;
        for (; word < overlay_.words.size(); ++word) {
            const std::string& text = overlay_.words[word].text;
            const std::size_t found = line.text.find(text, at);
            if (found == std::string::npos) {
                break;
            }
            at = found + text.size();
            draw_word(line, found, at, em, y, word);
        }
        return word;
    }

    /// Bytes [begin, end) of a line.
    void draw_word(const av::TextLine& line, std::size_t begin, std::size_t end, double em, double y, std::size_t word)
    {
        double left = 1e9;
        double right = -1e9;
        double edge = text_.right_to_left() ? line.width : 0; // where the letter before it ends
        for (std::size_t i = 0; i < line.starts.size(); ++i) {
            if (line.starts[i] >= begin && line.starts[i] < end) {
                left = std::min({left, edge, line.stops[i]});
                right = std::max({right, edge, line.stops[i]});
            }
            edge = line.stops[i];
        }
        if (left > right) {
            return;
        }
        const double x = origin(line);
        const av::Box box{x + left - k_word_sides * em, y - k_ascent * em, x + right + k_word_sides * em,
                          y + k_descent * em};
        av::Drawing drawing(box);
        drawing.rounded_box(box, k_word_radius * em, colours_.accent);
        drawing.line(text_, line, em, x, y, colours_.on_accent); // what of it lies outside is cut off
        Sprite sprite = taken(drawing, box);
        sprite.part.from = overlay_.words[word].from;
        sprite.part.to = word + 1 < overlay_.words.size() ? overlay_.words[word + 1].from : sprite.part.to;
        out_.sprites.push_back(std::move(sprite));
    }

    const Overlay& overlay_;
    const Size size_;
    const TextColours colours_;
    const av::Box box_;
    const RoleLook look_;
    const av::TextLines text_;
    std::vector<double> baselines_;
    OverlayLayout out_;
};

} // namespace

OverlayLayout lay_out_caption(const Overlay& overlay, const Canvas& canvas)
{
    return CaptionSetter(overlay, canvas).set();
}

} // namespace longtake::render
