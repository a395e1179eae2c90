#include "stages/deliver/film_picture.h"

#include "pipeline/base/hash.h"
#include "stages/deliver/companions.h"
#include "stages/deliver/sprites.h"

#include <algorithm>

namespace longtake::stages {
namespace {

DeliveredFile listed(const std::filesystem::path& file, const std::string& bytes)
{
    return {file, sha256_of(bytes), static_cast<std::int64_t>(bytes.size())};
}

/// All of the film on one sheet.
Sprites one_sheet(const Preset::Sprites& wanted, const render::Rendition& rendition, const std::stop_token& stop)
{
    SpriteLayout layout;
    layout.tile = wanted.tile;
    layout.columns = wanted.columns;
    layout.rows = wanted.rows;
    const double seconds = rendition.rate().seconds(rendition.frames());
    layout.interval = std::max(wanted.interval, seconds / (layout.columns * layout.rows));
    return sprites_of(rendition, layout, stop);
}

} // namespace

bool is_picture(const Preset& preset)
{
    return preset.container == "jpeg";
}

Deliverable write_picture(const OutputSpec& spec, const render::Rendition& rendition, PartFile& part,
                          std::vector<PartFile>& beside, std::stop_token stop)
{
    Deliverable deliverable;
    deliverable.size = rendition.size();
    deliverable.rate = rendition.rate();
    deliverable.frames = 1;
    deliverable.video_codec = spec.preset.video.codec;
    std::string picture;
    std::vector<std::pair<std::filesystem::path, std::string>> others;
    if (spec.preset.sprites) {
        const Sprites sprites = one_sheet(*spec.preset.sprites, rendition, stop);
        deliverable.frames = std::ssize(sprites.pictures);
        deliverable.size = sprites.tile;
        picture = sprites.sheets.front();
        for (const std::filesystem::path& file : spec.beside) {
            others.emplace_back(file, sprites_vtt(sprites, {spec.file.filename().string()}));
        }
    } else {
        picture = poster(rendition);
    }
    part.write(picture);
    deliverable.files = {listed(spec.file, picture)};
    for (const auto& [file, bytes] : others) {
        sweep_parts(file.parent_path(), file.filename().string());
        beside.emplace_back(file).write(bytes);
        deliverable.files.push_back(listed(file, bytes));
    }
    return deliverable;
}

} // namespace longtake::stages
