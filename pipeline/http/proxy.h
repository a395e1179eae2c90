#pragma once

#include <string>

struct sockaddr;

namespace longtake::http {

/// "10.0.0.7", without the port.
std::string numeric(const sockaddr& address);

/// Whether a connection to this address is one to the proxy that the environment names for `scheme`, by curl's rules
/// (`http_proxy`, `https_proxy`, `all_proxy`). May look up the proxy's name.
bool is_proxy(const sockaddr& address, const std::string& scheme);

} // namespace longtake::http
