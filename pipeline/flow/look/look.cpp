#include "pipeline/flow/look/look.h"

#include "pipeline/av/picture/to_rgb.h"
#include "pipeline/base/parallel.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/canvases.h"
#include "pipeline/flow/look/sheet.h"
#include "pipeline/flow/look/source_picture.h"
#include "pipeline/flow/look/stand_ins.h"
#include "pipeline/flow/outputs.h"
#include "pipeline/render/rendition.h"
#include "stages/plan/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

namespace longtake {
namespace {

using look::Area;
using look::Sheet;

constexpr int k_short_side = 360; ///< of a canvas as it is drawn: letters can be made out
constexpr int k_label = 26;       ///< pixels
constexpr int k_gap = 10;
constexpr int k_source_width = 320;
constexpr std::size_t k_many_rows = 24; ///< from where on rows are half as high
constexpr Rgb k_safe_colour{255, 210, 74};
constexpr std::array<Rgb, 4> k_canvas_colours{{{94, 200, 255}, {255, 130, 200}, {150, 230, 110}, {255, 170, 90}}};

Size reduced(Size canvas)
{
    const double scale = static_cast<double>(k_short_side) / std::min(canvas.width, canvas.height);
    const auto even = [&](int side) { return std::max(2, static_cast<int>(std::lround(side * scale / 2)) * 2); };
    return {even(canvas.width), even(canvas.height)};
}

/// The films of the canvases that are looked at, as small as they are drawn. Each keeps the shape its pictures get.
std::vector<CanvasFilm> films_of(std::vector<CanvasFilm> films, const LookWish& wish)
{
    std::vector<std::string> known;
    for (CanvasFilm& film : films) {
        known.push_back(stages::exact_aspect(film.plan.size));
        film.plan.size = reduced(film.plan.size);
    }
    if (!wish.canvas) {
        return films;
    }
    const auto found = std::ranges::find(known, *wish.canvas);
    if (found == known.end()) {
        throw Error(Errc::usage, unknown_name("canvas", *wish.canvas, known));
    }
    return {films[static_cast<std::size_t>(found - known.begin())]};
}

std::vector<std::size_t> rows_of(const Plan& plan, const LookWish& wish)
{
    std::vector<std::size_t> rows;
    std::vector<std::string> known;
    for (std::size_t i = 0; i < plan.shots.size(); ++i) {
        known.push_back(plan.shots[i].shot.id);
        if (!wish.shot || *wish.shot == known.back()) {
            rows.push_back(i);
        }
    }
    if (rows.empty()) {
        throw Error(Errc::usage, unknown_name("shot", wish.shot.value_or(""), known));
    }
    return rows;
}

/// The shots, and those that are left for them.
std::set<std::size_t> with_those_before(const std::vector<std::size_t>& rows)
{
    std::set<std::size_t> shots(rows.begin(), rows.end());
    for (const std::size_t row : rows) {
        if (row > 0) {
            shots.insert(row - 1);
        }
    }
    return shots;
}

/// One canvas of the film as it is drawn.
struct Column {
    CanvasFilm film;
    look::StandIns stand_ins{};
    int x = 0; ///< of its first tile
    Size tile{};
};

struct Moments {
    std::optional<std::int64_t> join; ///< the middle of the way in; empty: there is none
    std::int64_t middle = 0;
};

Moments moments_of(const Timeline& timeline, std::size_t index)
{
    const Item& item = timeline.items[index];
    const TimelineTransition& into = item.transition;
    const std::int64_t begin = item.start + (into.held ? 0 : into.frames);
    const std::int64_t end =
        index + 1 < timeline.items.size()
            ? timeline.items[index + 1].start -
                  (timeline.items[index + 1].transition.held ? timeline.items[index + 1].transition.frames : 0)
            : item.start + item.frames;
    Moments moments{{}, begin + std::max<std::int64_t>(end - begin, 0) / 2};
    if (into.frames > 0) {
        moments.join = item.start - (into.held ? into.frames : 0) + into.frames / 2;
    }
    return moments;
}

std::string join_label(const ShotPlan& shot, Rate rate)
{
    return shot.transition_frames == 0
               ? std::string()
               : fmt::format("{} {:.3g} s", word(shot.transition), rate.seconds(shot.transition_frames));
}

/// Draws one film's sheet.
class Drawer {
public:
    Drawer(std::vector<Column>& columns, const std::vector<std::size_t>& rows)
        : columns_(columns), rows_(rows), row_height_(rows.size() > k_many_rows ? 120 : 240), sheet_(lay_out())
    {
    }

    Look draw()
    {
        Look look;
        for (const Column& column : columns_) {
            look.canvases.push_back(stages::exact_aspect(column.film.plan.size));
            draw_head(column);
            draw_column(column);
        }
        draw_sources();
        look.png = sheet_.png();
        look.size = sheet_.size();
        look.shots = rows_.size();
        return look;
    }

private:
    int row_top(std::size_t row) const
    {
        return k_label + k_gap + static_cast<int>(row) * (row_height_ + k_label + k_gap);
    }

    Size lay_out()
    {
        int x = k_gap + k_source_width + 2 * k_gap;
        for (Column& column : columns_) {
            column.x = x;
            column.tile = {static_cast<int>(std::lround(row_height_ * column.film.plan.size.aspect())), row_height_};
            x += 2 * (column.tile.width + k_gap) + k_gap;
        }
        return {x, row_top(rows_.size())};
    }

    void draw_head(const Column& column)
    {
        std::string names;
        for (const stages::OutputSpec& output : column.film.outputs) {
            names += (names.empty() ? "" : ", ") + output.preset.name;
        }
        sheet_.write({column.x, 2, 2 * column.tile.width + k_gap, k_label},
                     fmt::format("{}  {}", stages::exact_aspect(column.film.plan.size), names));
    }

    void draw_column(const Column& column)
    {
        const Timeline& timeline = column.stand_ins.timeline;
        const SafeBox box = safe_box(column.film.outputs, column.film.plan.size);
        const render::Rendition rendition(timeline, {column.film.plan.size, Fit::blur, box}, timeline.rate);
        std::vector<std::pair<std::size_t, std::int64_t>> wanted; ///< tile, frame
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            const Moments moments = moments_of(timeline, rows_[row]);
            if (moments.join) {
                wanted.emplace_back(2 * row, *moments.join);
            }
            wanted.emplace_back(2 * row + 1, moments.middle);
        }
        const auto tiles = parallel_map<std::optional<av::Frame>>(thread_count(0), wanted.size(), [&](std::size_t i) {
            const auto frame = rendition.read(wanted[i].second, "yuv420p").next();
            return frame ? std::optional(av::ToRgb(av::Orientation{}, column.tile).apply(*frame)) : std::nullopt;
        });
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            draw_tile(column, wanted[i].first, tiles[i], box);
        }
    }

    void draw_tile(const Column& column, std::size_t place, const std::optional<av::Frame>& picture, const SafeBox& box)
    {
        const bool middle = place % 2 == 1;
        const ShotPlan& shot = column.film.plan.shots[rows_[place / 2]];
        const int x = column.x + (middle ? column.tile.width + k_gap : 0);
        const int y = row_top(place / 2);
        if (picture) {
            sheet_.lay(*picture, x, y);
        }
        const auto along = [](double share, int length) { return static_cast<int>(std::lround(share * length)); };
        const int left = along(box.left, column.tile.width);
        const int top = along(box.top, column.tile.height);
        sheet_.outline({x + left, y + top, along(box.right, column.tile.width) - left,
                        along(box.bottom, column.tile.height) - top},
                       k_safe_colour);
        sheet_.write({x, y + row_height_ + 2, column.tile.width, k_label - 4},
                     middle ? shot.shot.id : join_label(shot, column.film.plan.rate));
    }

    /// What is there to be seen, and what of it each canvas shows.
    void draw_sources()
    {
        const std::vector<ShotPlan>& shots = columns_.front().film.plan.shots;
        const auto sources =
            parallel_map<std::optional<av::Frame>>(thread_count(0), rows_.size(), [&](std::size_t row) {
                return look::source_picture(shots[rows_[row]], {k_source_width, row_height_});
            });
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            const ShotPlan& shot = shots[rows_[row]];
            const std::optional<av::Frame>& source = sources[row];
            const int y = row_top(row);
            if (source) {
                const Size size = source->size();
                sheet_.lay(*source, k_gap, y);
                draw_framings(rows_[row], {k_gap, y, size.width, size.height});
            }
            sheet_.write(
                {k_gap, y + row_height_ + 2, k_source_width, k_label - 4},
                fmt::format("{}  {:.2f} s", shot.shot.id, columns_.front().film.plan.rate.seconds(shot.frames)));
        }
    }

    void draw_framings(std::size_t shot, const Area& source)
    {
        std::size_t colour = 0;
        for (const Column& column : columns_) {
            const PicturePart& part = column.stand_ins.seen[shot];
            const auto along = [](double share, int length) { return static_cast<int>(std::lround(share * length)); };
            sheet_.outline({source.x + along(part.x, source.width), source.y + along(part.y, source.height),
                            along(part.width, source.width), along(part.height, source.height)},
                           k_canvas_colours.at(colour++ % k_canvas_colours.size()));
        }
    }

    std::vector<Column>& columns_;
    const std::vector<std::size_t>& rows_;
    const int row_height_;
    Sheet sheet_;
};

} // namespace

Look look_at(const Storyboard& board, const Plan& plan, const FilmOptions& options, const Account& account,
             const Observer& observer, const LookWish& wish)
{
    const std::vector<std::size_t> rows = rows_of(plan, wish);
    const std::unique_ptr<Ledger> ledger = open_ledger(options.workdir.ledger(), Durability::ephemeral);
    FileHashes hashes(options.workdir.ledger(), Durability::ephemeral);
    const ImageRules& rules = account.catalog.provider(plan.provider).image;
    std::vector<Column> columns;
    for (CanvasFilm& film :
         films_of(canvas_films(plan, outputs_for(board, plan, options, account), options.native), wish)) {
        columns.push_back({std::move(film)});
    }
    auto films = parallel_map<look::StandIns>(thread_count(0), columns.size(), [&](std::size_t i) {
        const CanvasFilm& film = columns[i].film;
        Stills stills(film.plan, rules, safe_box(film.outputs, film.plan.size), *ledger, hashes,
                      options.workdir.stills(), Stills::Mode::make);
        look::StandInMaker maker(film.plan, stills, hashes, *ledger, observer,
                                 options.workdir.scratch() / std::to_string(i));
        return maker.make(with_those_before(rows));
    });
    for (std::size_t i = 0; i < columns.size(); ++i) {
        columns[i].stand_ins = std::move(films[i]);
    }
    return Drawer(columns, rows).draw();
}

} // namespace longtake
