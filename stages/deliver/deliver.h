#pragma once

#include "pipeline/base/files.h"
#include "pipeline/model/deliverable.h"
#include "pipeline/model/preset.h"
#include "pipeline/model/timeline.h"
#include "stages/deliver/splice_plan.h"

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace longtake::stages {

/// One file to make.
struct Order {
    Preset preset;
    std::filesystem::path file; ///< gets its name only when complete and checked
    Existing existing = Existing::replace;
};

struct DeliverSettings {
    std::filesystem::path scratch; ///< folder for the mix; emptied afterwards
    ClipIndexes indexes;           ///< of the clips that may be copied from
    int jobs = 0;                  ///< segments of one film encoded at once; 0: one per core
    bool prove_all = false;        ///< decode what was copied, too, besides comparing its bytes
    std::string title;             ///< container metadata
    bool chapters = false;         ///< a chapter for each shot, in containers that have them
    std::function<void(const Order&, std::int64_t done, std::int64_t total)> progress; ///< called from worker threads
    std::function<void(const Deliverable&)> made;                                      ///< before a file gets its name
    std::function<void(const Order&, const Deliverable&)> delivered;                   ///< as each file gets its name
    std::stop_token stop;
};

/// Decodes and composes the timeline once and feeds every encoder. Each file is decoded to its end, counted and
/// measured before it gets its name. Throws Error(unverified) if a file is not what was ordered.
std::vector<Deliverable> deliver(const Timeline& timeline, const std::vector<Order>& orders,
                                 const DeliverSettings& settings);

/// Size and rate an order's file will have.
Size size_of(const Preset& preset, const Timeline& timeline);
Rate rate_of(const Preset& preset, const Timeline& timeline);

} // namespace longtake::stages
