#pragma once

#include "pipeline/av/splice/clip_index.h"
#include "pipeline/model/span.h"
#include "pipeline/model/timeline.h"
#include "pipeline/render/rendition.h"
#include "stages/deliver/copy_terms.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace longtake::stages {

/// Frames of the film that are made in one way, with what copying them takes.
struct PlannedSpan : Span {
    av::PacketRun run{};      ///< copied: its packets
    std::string parameters{}; ///< copied: names the parameter sets it needs
};

/// How a join is made, by what lies around it: only copies; some of both; nothing copied of either shot.
enum class JoinMode { copy, partial, full };

struct JoinPlan {
    std::string shot;    ///< joined to the one before
    std::int64_t at = 0; ///< frame of the film it begins at
    JoinMode mode = JoinMode::full;
};

/// Which frames of a film are copied from its clips and which are encoded: no gaps, in order.
struct SplicePlan {
    std::vector<PlannedSpan> planned;
    std::vector<JoinPlan> joins;

    std::int64_t frames() const noexcept;
    std::int64_t copied() const noexcept;

    /// What of it a finished file's record keeps.
    std::vector<Span> spans() const;
};

/// What is known of the clips a timeline shows, by file.
using ClipIndexes = std::map<std::filesystem::path, av::ClipIndex>;

/// Copies every frame that no transition, grade, overlay or conversion touches and that can be reached from a picture
/// decoding can begin at; all others are encoded, with the reason. Pure. Clips that are not in `indexes` are encoded.
SplicePlan plan_splice(const render::Rendition& rendition, const ClipIndexes& indexes, const CopyTerms& terms = {});

/// The bytes of a run's frames, in decode order.
std::vector<std::int64_t> run_bytes(const av::ClipIndex& clip, const av::PacketRun& run);

using Indexer = std::function<av::ClipIndex(const Range&)>;

/// Indexes every clip of a timeline, each file once, several at a time. `index`: how, for whoever keeps what is known
/// of a clip; it is called from several threads.
ClipIndexes index_clips(const Timeline& timeline, const Indexer& index = {});

std::string word(JoinMode mode);

void to_json(nlohmann::json& json, const JoinPlan& join);

} // namespace longtake::stages
