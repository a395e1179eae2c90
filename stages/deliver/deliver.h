#pragma once

#include "pipeline/model/deliverable.h"
#include "pipeline/model/timeline.h"
#include "stages/deliver/output_spec.h"
#include "stages/deliver/segment_share.h"
#include "stages/deliver/segment_store.h"
#include "stages/deliver/splice_plan.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake::stages {

struct DeliverSettings {
    std::filesystem::path scratch; ///< folder for the mix; emptied afterwards
    ClipIndexes indexes;           ///< of the clips that may be copied from
    /// Where encoded pieces are kept and found again; null: they are gone with the delivery.
    std::shared_ptr<SegmentStore> segments;
    std::shared_ptr<SegmentShare> share; ///< others who make segments of this film; null: there are none
    int jobs = 0;                        ///< segments encoded at once; 0: one per core
    std::int64_t memory = 0;             ///< bytes that their encoders may take; 0: half of what is free
    bool verify_all = false;             ///< decode what was copied, too, besides comparing its bytes
    std::string title;                   ///< container metadata
    bool chapters = false;               ///< a chapter for each shot, in containers that have them
    std::function<void(const OutputSpec&, std::int64_t done, std::int64_t total)>
        progress;                                                         ///< called from worker threads
    std::function<void(const Deliverable&)> made;                         ///< before a file gets its name
    std::function<void(const OutputSpec&, const Deliverable&)> delivered; ///< as each file gets its name
    std::stop_token stop;
    std::function<void()> pause{}; ///< returns once the next frame may be encoded, or all is stopped; empty: always
};

/// Makes every output of pieces: those that are kept from before, those that can be copied from clips, and those that
/// are encoded now, for all outputs together (see SegmentMaker). Each file is counted, measured and held against its
/// pieces, which were decoded when they were made, before it gets its name. Throws Error(unverified) if a file is not
/// what was asked for. A helper (see SegmentShare) makes segments alone, and nothing is delivered.
std::vector<Deliverable> deliver(const Timeline& timeline, const std::vector<OutputSpec>& specs,
                                 const DeliverSettings& settings);

} // namespace longtake::stages
