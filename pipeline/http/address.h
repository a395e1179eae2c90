#pragma once

#include <optional>
#include <string>

struct sockaddr;

namespace longtake::http {

/// How far a network address reaches.
enum class Reach {
    loopback,   ///< this machine: 127.0.0.0/8, ::1
    restricted, ///< private, link-local, shared, multicast, reserved: nothing a public address should lead to
    everywhere,
};

/// IPv4 inside IPv6 (6to4, NAT64) reaches as far as the IPv4 does, but is no way to loopback; IPv4-mapped is
/// restricted.
Reach reach(const sockaddr& address);

/// Of a host that is a literal address, without brackets; nothing for a name.
std::optional<Reach> reach_of_literal(const std::string& host);

} // namespace longtake::http
