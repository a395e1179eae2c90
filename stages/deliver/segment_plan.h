#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/render/rendition.h"
#include "stages/deliver/splice_plan.h"

#include <cstdint>
#include <string>
#include <vector>

namespace longtake::stages {

/// A piece of the finished file, in order: packets copied from a clip, or a segment that is encoded on its own.
struct Piece {
    std::int64_t at = 0; ///< first frame of the output
    std::int64_t frames = 0;
    const PlannedSpan* copy = nullptr; ///< into the plan; empty: encoded
    bool goes_on = false;              ///< what it shows last is shown on after it, by whatever comes next
};

/// Cuts what a plan encodes into segments: at the borders of shots, transitions and overlays, and long shots into
/// pieces of a few seconds, counted from the shot's own start in whole GOPs of `gop_seconds` (a GOP of more than eight
/// seconds is halved): moving a shot moves no cut inside it. Does not depend on the machine. The pieces point into
/// `plan`.
/// `first_soon`: the first piece is of one GOP, for who waits for it.
std::vector<Piece> cut_into_pieces(const SplicePlan& plan, const render::Rendition& rendition, double gop_seconds,
                                   bool first_soon = false);

/// How a piece of an output of this spec is encoded: finer towards its end where libx264 cannot look far enough ahead,
/// and with the blends that lie in it.
av::MediaSpec segment_media(const av::MediaSpec& output, const Piece& piece);

/// How full the bucket of its rate limit is taken to be where a segment begins, 0..1 in tenths, least k_least_start;
/// and the same segment with less in it. libx264 alone.
constexpr double k_least_start = 0.1;
double start_of(const av::MediaSpec& segment);
av::MediaSpec with_start(av::MediaSpec segment, double start);

/// A segment's name in every film it is part of: the SHA-256 of its recipe, which is what is seen in it and how that is
/// encoded. `media`: of the piece.
std::string segment_key(const render::Rendition& rendition, const Piece& piece, const av::MediaSpec& media);

} // namespace longtake::stages
