#pragma once

#include "pipeline/model/campaign/campaign.h"

#include <string>

namespace longtake::app {

/// A campaign for people: its variables, its shots as they follow each other, and the command to try it.
std::string campaign_text(const Campaign& campaign);

} // namespace longtake::app
