#pragma once

#include "pipeline/render/rendition.h"

#include <cstddef>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake::stages {

/// How small pictures of a film are laid out on sheets, for players that show where their pointer stands.
struct SpriteLayout {
    double interval = 2; ///< seconds from one picture to the next, > 0
    Size tile{320, 180}; ///< box that a picture fills on one side at least, in the film's own shape
    int columns = 5;     ///< of a sheet, > 0
    int rows = 5;        ///< of a full sheet, > 0; the last sheet has as many as it needs
    int quality = 4;     ///< of the JPEG, libavcodec's quantiser, 1 (best) to 31
};

/// One small picture: what is seen at `from`, and stands for the film until `to`.
struct Sprite {
    double from = 0, to = 0; ///< seconds of the film
    std::size_t sheet = 0;   ///< on which it is
    int x = 0, y = 0;        ///< its left upper corner there, in pixels
};

struct Sprites {
    Size tile;                       ///< of every picture, in pixels
    std::vector<std::string> sheets; ///< each a JPEG
    std::vector<Sprite> pictures;    ///< in order, without gaps, to the film's end
};

/// A rendition's pictures at equal intervals, with what lies over them. A rest of less than half an interval belongs to
/// the picture before it; there is one picture at least. Composes the whole film once, but keeps one sheet in memory.
/// Throws Error(interrupted), and as Rendition::Reader::next().
Sprites sprites_of(const render::Rendition& rendition, const SpriteLayout& layout, std::stop_token stop = {});

/// A WebVTT file that tells players where each picture is: "sheet.jpg#xywh=160,90,160,90" (Media Fragments URI 1.0,
/// section 4.2.2). `names`: of the sheets' files, beside which it is to stand.
std::string sprites_vtt(const Sprites& sprites, const std::vector<std::string>& names);

} // namespace longtake::stages
