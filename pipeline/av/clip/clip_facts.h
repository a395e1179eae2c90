#pragma once

#include "pipeline/av/clip/damage.h"
#include "pipeline/model/plan.h"

#include <filesystem>

namespace longtake::av {

/// What planning needs to know of a clip: size as displayed, rate, its length counted from its packets, which is exact
/// where headers round, and notes of what a film changes of it or leaves out. Reads the file once; decodes no more than
/// it has to in order to know where it begins and whether it is interlaced, unless damage is to be passed over: then
/// everything, to say where it is. Throws Error(input) "file: reason" for what cannot be shown.
InputInfo clip_facts(const std::filesystem::path& file, Damage damage = Damage::refused);

} // namespace longtake::av
