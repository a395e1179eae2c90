#pragma once

#include "pipeline/app/session.h"

#include <string>

namespace longtake::app {

/// A page, by its file or its address, in whatever shows pages on this desktop, without waiting for it. Warns where
/// nothing does.
void open_in_browser(const std::string& page, Session& session);

} // namespace longtake::app
