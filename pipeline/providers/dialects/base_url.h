#pragma once

#include "pipeline/providers/catalog.h"

#include <optional>
#include <string>
#include <vector>

namespace longtake::remote {

/// A path that a dialect adds to the base address, and that users copy into it all the same.
struct CallPath {
    std::string path;    ///< "/kling/v1"
    bool certain = true; ///< a gateway cannot well live under a path that ends so
};

/// The base address of a provider, and what is wrong with it if something seems to be.
struct BaseUrl {
    std::string address;
    std::string hint; ///< it ends with a path of the calls, which may be a gateway's own; empty: it does not
};

/// The configured address, else the catalog's; offline without either, one that leads nowhere. `calls` are the
/// dialect's paths, the longest first. Throws Error(usage) without a usable address, or where it certainly has one of
/// them in it: at the vendor's own host, or a path that no gateway has.
BaseUrl base_url_of(const std::string& provider, const ProviderSettings& settings, const std::vector<CallPath>& calls);

} // namespace longtake::remote
