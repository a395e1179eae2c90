#pragma once

#include <string>

namespace longtake::http {

/// The parts of an http(s) address.
struct Url {
    std::string scheme; ///< lower case
    std::string host;   ///< lower case, without the brackets of IPv6
    int port = 0;       ///< the scheme's own where none is named
    std::string path;   ///< with a leading slash; with query
};

/// Throws Error(usage) if it is no http(s) address, or has a user name in it.
Url parse_url(const std::string& text);

/// Whether two addresses name the same scheme, host and port.
bool same_origin(const Url& one, const Url& other);

/// The address as it may be shown: scheme, host and path; a query may be a signature, a user name a password.
std::string shown(const std::string& url);

/// Whether a host is loopback by its name or literal address ("localhost", 127.0.0.0/8, ::1, with or without brackets).
/// Any other name is not, wherever it leads.
bool is_loopback(const std::string& host);

/// A base address as users may give it: no trailing slash; https, or plain http to loopback.
/// Throws Error(usage) naming what is wrong; a query has no place in it.
std::string checked_base(const std::string& text);

/// In ASCII's lower case: names of hosts and headers.
std::string lower(std::string text);

/// Percent-encodes what is not unreserved.
std::string encode(const std::string& text);

} // namespace longtake::http
