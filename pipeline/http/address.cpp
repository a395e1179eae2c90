#include "pipeline/http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace longtake::http {
namespace {

using Bytes4 = std::array<std::uint8_t, 4>;
using Bytes16 = std::array<std::uint8_t, 16>;

template <class Bytes>
struct Block {
    Bytes network;
    unsigned bits;
};

/// Not globally reachable by the registries of special-purpose addresses (RFC 6890), and multicast.
constexpr std::array<Block<Bytes4>, 15> k_restricted4{{
    {{0, 0, 0, 0}, 8},       // this network
    {{10, 0, 0, 0}, 8},      // private
    {{100, 64, 0, 0}, 10},   // shared by a provider's customers
    {{127, 0, 0, 0}, 8},     // loopback
    {{169, 254, 0, 0}, 16},  // link-local, and where clouds answer about themselves
    {{172, 16, 0, 0}, 12},   // private
    {{192, 0, 0, 0}, 24},    // protocol assignments
    {{192, 0, 2, 0}, 24},    // documentation
    {{192, 88, 99, 0}, 24},  // 6to4 relays, gone
    {{192, 168, 0, 0}, 16},  // private
    {{198, 18, 0, 0}, 15},   // benchmarks
    {{198, 51, 100, 0}, 24}, // documentation
    {{203, 0, 113, 0}, 24},  // documentation
    {{224, 0, 0, 0}, 4},     // multicast
    {{240, 0, 0, 0}, 4},     // reserved, broadcast
}};

constexpr Block<Bytes16> k_global6{{0x20}, 3};
constexpr std::array<Block<Bytes16>, 3> k_restricted_global6{{
    {{0x20, 0x01, 0x00, 0x00}, 23}, // protocol assignments, Teredo
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, // documentation
    {{0x3f, 0xff, 0x00}, 20},       // documentation
}};
constexpr Block<Bytes16> k_6to4{{0x20, 0x02}, 16};
constexpr Block<Bytes16> k_nat64{{0x00, 0x64, 0xff, 0x9b}, 96};
constexpr Bytes16 k_loopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

template <class Bytes>
bool within(const Bytes& address, const Block<Bytes>& block)
{
    for (unsigned bit = 0; bit < block.bits; ++bit) {
        const unsigned mask = 0x80U >> (bit % 8);
        if ((address[bit / 8] & mask) != (block.network[bit / 8] & mask)) {
            return false;
        }
    }
    return true;
}

template <class Bytes, std::size_t Count>
bool within_any(const Bytes& address, const std::array<Block<Bytes>, Count>& blocks)
{
    return std::any_of(blocks.begin(), blocks.end(), [&](const auto& block) { return within(address, block); });
}

Reach reach4(const Bytes4& address)
{
    if (address[0] == 127) {
        return Reach::loopback;
    }
    return within_any(address, k_restricted4) ? Reach::restricted : Reach::everywhere;
}

/// Of the IPv4 address that stands in an IPv6 one from byte `at` on. A detour to loopback is no way to loopback.
Reach reach_inside(const Bytes16& address, std::size_t at)
{
    const Bytes4 inner{address[at], address[at + 1], address[at + 2], address[at + 3]};
    return within_any(inner, k_restricted4) ? Reach::restricted : Reach::everywhere;
}

Reach reach6(const Bytes16& address)
{
    if (address == k_loopback6) {
        return Reach::loopback;
    }
    if (within(address, k_6to4)) {
        return reach_inside(address, 2);
    }
    if (within(address, k_nat64)) {
        return reach_inside(address, 12);
    }
    // IPv4-mapped addresses, too, are refused as a whole: no resolver hands them out for a public name.
    const bool global = within(address, k_global6) && !within_any(address, k_restricted_global6);
    return global ? Reach::everywhere : Reach::restricted;
}

} // namespace

Reach reach(const sockaddr& address)
{
    if (address.sa_family == AF_INET) {
        sockaddr_in known{};
        std::memcpy(&known, &address, sizeof known);
        Bytes4 bytes{};
        std::memcpy(bytes.data(), &known.sin_addr, bytes.size());
        return reach4(bytes);
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 known{};
        std::memcpy(&known, &address, sizeof known);
        Bytes16 bytes{};
        std::memcpy(bytes.data(), &known.sin6_addr, bytes.size());
        return reach6(bytes);
    }
    return Reach::restricted;
}

std::optional<Reach> reach_of_literal(const std::string& host)
{
    Bytes4 four{};
    if (inet_pton(AF_INET, host.c_str(), four.data()) == 1) {
        return reach4(four);
    }
    Bytes16 sixteen{};
    const std::string without_zone = host.substr(0, host.find('%'));
    if (inet_pton(AF_INET6, without_zone.c_str(), sixteen.data()) == 1) {
        return reach6(sixteen);
    }
    return std::nullopt;
}

} // namespace longtake::http
