#pragma once

#include "pipeline/app/session.h"
#include "pipeline/model/campaign/campaign.h"

#include <string>
#include <vector>

namespace longtake::app {

/// What a check of a campaign came to.
struct CampaignCheck {
    double seconds = 0; ///< of its demo
    std::vector<std::string> problems;
};

/// Plans a campaign's films without making them: of its examples, of what has to be given alone, and with every text as
/// long as it may be. Problems are what breaks the storyboard's rules, platforms that do not take its length, and
/// notes on texts that will not stand as they were meant.
CampaignCheck check_campaign(const Campaign& campaign, Session& session);

} // namespace longtake::app
