#include "stages/deliver/sprites.h"

#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/av/picture/to_rgb.h"
#include "pipeline/base/error.h"
#include "pipeline/model/speech/caption.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstring>

namespace longtake::stages {
namespace {

constexpr const char* k_sprite_source = "yuv420p";

/// The largest size of a film's shape inside a box.
Size size_in(Size box, Size film)
{
    const double scale =
        std::min(static_cast<double>(box.width) / film.width, static_cast<double>(box.height) / film.height);
    const auto side = [&](int length) { return std::max(1, static_cast<int>(std::lround(length * scale))); };
    return {side(film.width), side(film.height)};
}

/// The same film with a frame for each picture of a sheet.
render::Rendition at_intervals(const render::Rendition& rendition, double interval)
{
    constexpr int k_milliseconds = 1000;
    const double lasts = rendition.rate().seconds(rendition.frames());
    const auto apart = static_cast<int>(std::lround(std::min(interval, lasts) * k_milliseconds));
    return {rendition.timeline(), rendition.canvas(), Rate{k_milliseconds, std::max(1, apart)}};
}

/// A sheet in the making: black where there is no picture.
av::Frame empty_sheet(Size tile, int columns, int rows)
{
    av::Frame sheet = av::Frame::rgb({tile.width * columns, tile.height * rows});
    std::memset(sheet.plane(0), 0, static_cast<std::size_t>(sheet.stride(0)) * sheet.size().height);
    return sheet;
}

void put(const av::Frame& picture, const Sprite& where, const av::Frame& sheet)
{
    const auto row_bytes = 3 * static_cast<std::size_t>(picture.size().width);
    for (int row = 0; row < picture.size().height; ++row) {
        std::memcpy(sheet.plane(0) + static_cast<std::ptrdiff_t>(where.y + row) * sheet.stride(0) + 3 * where.x,
                    picture.plane(0) + static_cast<std::ptrdiff_t>(row) * picture.stride(0), row_bytes);
    }
}

/// Where each of `count` pictures is and what it stands for.
std::vector<Sprite> places_of(const render::Rendition& pictures, const SpriteLayout& layout, Size tile)
{
    const auto on_sheet = static_cast<std::int64_t>(layout.columns) * layout.rows;
    const double end = pictures.timeline().rate.seconds(pictures.timeline().frames());
    std::vector<Sprite> places;
    for (std::int64_t k = 0; k < pictures.frames(); ++k) {
        const bool last = k + 1 == pictures.frames();
        const auto place = static_cast<int>(k % on_sheet);
        places.push_back({pictures.rate().seconds(k), last ? end : pictures.rate().seconds(k + 1),
                          static_cast<std::size_t>(k / on_sheet), place % layout.columns * tile.width,
                          place / layout.columns * tile.height});
    }
    return places;
}

/// A file's name as a reference to it (RFC 3986, section 2.3), with nothing that WebVTT would read otherwise.
std::string as_reference(const std::string& name)
{
    std::string reference;
    for (const char c : name) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = byte < 0x80 && (std::isalnum(byte) != 0 || std::strchr("-._~", c) != nullptr);
        reference += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
    }
    return reference;
}

} // namespace

Sprites sprites_of(const render::Rendition& rendition, const SpriteLayout& layout, std::stop_token stop)
{
    const render::Rendition pictures = at_intervals(rendition, layout.interval);
    Sprites sprites;
    sprites.tile = size_in(layout.tile, rendition.size());
    sprites.pictures = places_of(pictures, layout, sprites.tile);
    av::ToRgb shrink(av::Orientation{}, sprites.tile);
    auto frames = pictures.read(0, k_sprite_source);
    const std::size_t on_sheet = static_cast<std::size_t>(layout.columns) * layout.rows;
    for (std::size_t first = 0; first < sprites.pictures.size(); first += on_sheet) {
        const std::size_t count = std::min(on_sheet, sprites.pictures.size() - first);
        const int columns = std::min(layout.columns, static_cast<int>(count));
        const int rows = (static_cast<int>(count) + layout.columns - 1) / layout.columns;
        const av::Frame sheet = empty_sheet(sprites.tile, columns, rows);
        for (std::size_t i = first; i < first + count; ++i) {
            const auto frame = frames.next();
            if (stop.stop_requested() || !frame) {
                throw stop.stop_requested() ? Error(Errc::interrupted, "stopped")
                                            : Error(Errc::internal, "the film ends before its last small picture");
            }
            put(shrink.apply(*frame), sprites.pictures[i], sheet);
        }
        sprites.sheets.push_back(av::encode_jpeg(sheet, layout.quality));
    }
    return sprites;
}

std::string sprites_vtt(const Sprites& sprites, const std::vector<std::string>& names)
{
    std::vector<Caption> cues;
    for (const Sprite& sprite : sprites.pictures) {
        cues.push_back({sprite.from, sprite.to,
                        fmt::format("{}#xywh={},{},{},{}", as_reference(names.at(sprite.sheet)), sprite.x, sprite.y,
                                    sprites.tile.width, sprites.tile.height)});
    }
    return webvtt_text(cues);
}

} // namespace longtake::stages
