#pragma once

#include "pipeline/av/splice/clip_index.h"
#include "pipeline/model/timeline.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace longtake::stages {

/// A stretch of the film that is made in one way.
struct Stretch {
    enum class Kind { copy, encode };
    Kind kind = Kind::encode;
    std::int64_t at = 0;        ///< first frame of the film
    std::int64_t frames = 0;    ///< > 0
    std::string shot;           ///< it lies in; of a transition, the one it leads into
    std::filesystem::path file; ///< copied from
    std::int64_t source = 0;    ///< copied: the file's first frame
    av::PacketRun run;          ///< copied: its packets
    std::string parameters;     ///< copied: names the parameter sets it needs
    std::string reason;         ///< encoded: why
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
    std::vector<Stretch> stretches;
    std::vector<JoinPlan> joins;

    std::int64_t frames() const noexcept;
    std::int64_t copied() const noexcept;
};

/// What is known of the clips a timeline shows, by file.
using ClipIndexes = std::map<std::filesystem::path, av::ClipIndex>;

/// Copies every frame that no transition, grade or conversion touches and that can be reached from an IDR picture; all
/// others are encoded, with the reason. Pure. Clips that are not in `indexes` are encoded.
SplicePlan plan_splice(const Timeline& timeline, const ClipIndexes& indexes);

using Indexer = std::function<av::ClipIndex(const Range&)>;

/// Indexes every clip of a timeline, each file once, several at a time. `index`: how, for whoever keeps what is known
/// of a clip; it is called from several threads.
ClipIndexes index_clips(const Timeline& timeline, const Indexer& index = {});

std::string word(Stretch::Kind kind);
std::string word(JoinMode mode);

void to_json(nlohmann::json& json, const Stretch& stretch);
void to_json(nlohmann::json& json, const JoinPlan& join);

} // namespace longtake::stages
