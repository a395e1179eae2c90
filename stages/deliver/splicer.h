#pragma once

#include "pipeline/av/media_writer.h"
#include "pipeline/av/splice/splice_proof.h"
#include "stages/deliver/splice_plan.h"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <vector>

namespace longtake::stages {

/// A piece of the finished file, in order: packets copied from a clip, or one segment encoded on its own.
struct SplicePiece {
    std::int64_t at = 0; ///< first frame of the film
    std::int64_t frames = 0;
    const PlannedSpan* copy = nullptr; ///< empty: encoded
};

/// The pieces a plan comes to: neighbouring spans that are encoded become one segment, long ones several of about
/// four to ten seconds, cut where a shot has just begun and little has to be decoded to get there. Does not depend on
/// the machine: the same film gives the same file. The pieces point into `plan`.
std::vector<SplicePiece> pieces_of(const SplicePlan& plan, const render::Rendition& rendition);

struct SpliceSettings {
    av::MediaSpec media; ///< size and rate are the rendition's; H.264 by libx264 with constant quality
    int jobs = 0;        ///< segments encoded at once; 0: one per core
    std::function<void(std::int64_t done)> progress; ///< frames; called from worker threads
    std::stop_token stop;
};

/// Writes the film into `file`: copies what the plan copies, composes and encodes the rest on several threads. Memory
/// grows with the number of jobs, not with the film. Throws Error(interrupted) when stopped, Error(unverified) where a
/// clip cannot be copied as planned.
void splice(const std::filesystem::path& file, const render::Rendition& rendition, const SplicePlan& plan,
            const ClipIndexes& indexes, const SpliceSettings& settings, av::SoundSource sound);

/// Holds a file against the plan it was spliced by (see av::verify_splice). Throws Error(unverified).
void verify_plan(const std::filesystem::path& file, const render::Rendition& rendition, const SplicePlan& plan,
                 av::VerifyDepth depth, std::stop_token stop = {});

} // namespace longtake::stages
