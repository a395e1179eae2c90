#include "pipeline/flow/preview/storyboard_sheet.h"

#include "pipeline/av/picture/to_rgb.h"
#include "pipeline/base/parallel.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/look/sheet.h"
#include "pipeline/flow/preview/pdf.h"
#include "pipeline/flow/preview/previewed.h"
#include "pipeline/render/rendition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace longtake {
namespace {

using look::Sheet;

constexpr Size k_page{2340, 1654}; ///< A4 across at 200 dots an inch
constexpr int k_page_margin = 80, k_page_gap = 50;
constexpr int k_head = 90, k_line = 56, k_text = 120; ///< pixels: the film's line, a shot's facts, its prompt
constexpr int k_columns = 3, k_rows_a_page = 2;
constexpr int k_drawn_side = 540; ///< pixels, of a shot's picture
constexpr int k_jpeg_scale = 3;
const look::SheetColours k_paper{"#ffffff", "#202024"};

/// The middle of a shot, where nothing of its neighbours is seen.
std::int64_t middle_of(const Timeline& timeline, std::size_t index)
{
    const Item& item = timeline.items[index];
    const std::int64_t begin = item.start + (item.transition.held ? 0 : item.transition.frames);
    const bool last = index + 1 == timeline.items.size();
    const std::int64_t end = last ? item.start + item.frames : timeline.items[index + 1].start;
    return std::clamp((begin + end) / 2, item.start, item.start + item.frames - 1);
}

std::string film_line(const Storyboard& board, const Plan& plan)
{
    std::string text =
        fmt::format("{}   {}   {} shots", board.title, clock_text(plan.rate.seconds(plan.frames)), plan.shots.size());
    if (!plan.paid) {
        return text;
    }
    return text + (plan.cost ? fmt::format("   ${:.2f} by the prices of {}", *plan.cost, plan.priced_on)
                             : std::string("   some price is unknown"));
}

/// Draws pages or one long sheet of shots.
class SheetDrawer {
public:
    SheetDrawer(const Storyboard& board, const preview::Previewed& film)
        : board_(board), film_(film),
          cell_width_((k_page.width - 2 * k_page_margin - (k_columns - 1) * k_page_gap) / k_columns)
    {
        const Size size = film.plan.size;
        const double scale =
            std::min(static_cast<double>(cell_width_) / size.width, static_cast<double>(picture_room()) / size.height);
        const auto even = [&](int side) { return std::max(2, static_cast<int>(std::lround(side * scale / 2)) * 2); };
        tile_ = {even(size.width), even(size.height)};
        draw_pictures();
    }

    std::string png() const
    {
        const std::size_t rows = (film_.plan.shots.size() + k_columns - 1) / k_columns;
        const int height =
            k_page_margin + k_head + static_cast<int>(rows) * (cell_height() + k_page_gap) + k_page_margin;
        return drawn({k_page.width, height / 2 * 2}, 0, film_.plan.shots.size(), "").png();
    }

    std::string pdf() const
    {
        constexpr std::size_t k_a_page = std::size_t{k_columns} * k_rows_a_page;
        const std::size_t count = (film_.plan.shots.size() + k_a_page - 1) / k_a_page;
        std::vector<preview::PdfPage> pages;
        for (std::size_t i = 0; i < count; ++i) {
            const std::string page = count > 1 ? fmt::format("   page {} of {}", i + 1, count) : "";
            pages.push_back({drawn(k_page, i * k_a_page, (i + 1) * k_a_page, page).jpeg(k_jpeg_scale), k_page});
        }
        return preview::pdf_of(pages, board_.title);
    }

private:
    /// What a page leaves for a shot's picture.
    static int picture_room()
    {
        return (k_page.height - 2 * k_page_margin - k_head - (k_rows_a_page - 1) * k_page_gap) / k_rows_a_page -
               k_line - k_text;
    }

    int cell_height() const { return tile_.height + k_line + k_text; }

    void draw_pictures()
    {
        const Timeline& timeline = film_.timeline;
        const render::Rendition rendition(timeline, {film_.plan.size, Fit::blur, film_.safe}, timeline.rate);
        pictures_ = parallel_map<std::optional<av::Frame>>(thread_count(0), timeline.items.size(), [&](std::size_t i) {
            const auto frame = rendition.read(middle_of(timeline, i), "yuv420p").next();
            return frame ? std::optional(av::ToRgb(av::Orientation{}, tile_).apply(*frame)) : std::nullopt;
        });
    }

    Sheet drawn(Size size, std::size_t from, std::size_t to, const std::string& page) const
    {
        Sheet sheet(size, k_paper);
        sheet.write({k_page_margin, k_page_margin - 20, size.width - 2 * k_page_margin, k_head - 30},
                    film_line(board_, film_.plan) + page);
        for (std::size_t i = from; i < std::min(to, film_.plan.shots.size()); ++i) {
            const auto place = static_cast<int>(i - from);
            const int x = k_page_margin + place % k_columns * (cell_width_ + k_page_gap);
            const int y = k_page_margin + k_head + place / k_columns * (cell_height() + k_page_gap);
            draw_cell(sheet, i, x, y);
        }
        return sheet;
    }

    void draw_cell(Sheet& sheet, std::size_t index, int x, int y) const
    {
        const ShotPlan& shot = film_.plan.shots[index];
        if (pictures_[index]) {
            sheet.lay(*pictures_[index], x + (cell_width_ - tile_.width) / 2, y);
        }
        sheet.write({x, y + tile_.height + 8, cell_width_, k_line - 8},
                    fmt::format("{}  {}", index + 1, preview::facts_of(shot, film_.plan.rate)));
        sheet.paragraph({x, y + tile_.height + k_line, cell_width_, k_text}, preview::words_of(shot), 0.22);
    }

    const Storyboard& board_;
    const preview::Previewed& film_;
    const int cell_width_;
    Size tile_;
    std::vector<std::optional<av::Frame>> pictures_;
};

} // namespace

std::string storyboard_sheet(const Storyboard& board, const Plan& plan, const FilmOptions& options,
                             const Account& account, const Observer& observer, SheetForm form)
{
    const preview::Previewed film = preview::previewed(board, plan, options, account, observer, k_drawn_side);
    const SheetDrawer drawer(board, film);
    return form == SheetForm::png ? drawer.png() : drawer.pdf();
}

} // namespace longtake
