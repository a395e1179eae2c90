#include "pipeline/http/proxy.h"

#include "pipeline/http/handle.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <initializer_list>

namespace longtake::http {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

std::string first_set(std::initializer_list<const char*> variables)
{
    for (const char* name : variables) {
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') {
            return value;
        }
    }
    return {};
}

std::string proxy_for(const std::string& scheme)
{
    // HTTP_PROXY in capitals is what a web server would call a visitor's "Proxy:" header; curl does not read it.
    return scheme == "http" ? first_set({"http_proxy", "all_proxy", "ALL_PROXY"})
                            : first_set({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"});
}

std::string port_of(const sockaddr& address)
{
    std::uint16_t port = 0; // at the same place in sockaddr_in and sockaddr_in6
    static_assert(offsetof(sockaddr_in, sin_port) == offsetof(sockaddr_in6, sin6_port));
    std::memcpy(&port, reinterpret_cast<const char*>(&address) + offsetof(sockaddr_in, sin_port), sizeof port);
    return std::to_string(ntohs(port));
}

AddressList addresses_of(const std::string& host)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    return {getaddrinfo(host.c_str(), nullptr, &hints, &found) == 0 ? found : nullptr, &freeaddrinfo};
}

} // namespace

std::string numeric(const sockaddr& address)
{
    std::array<char, NI_MAXHOST> text{};
    const socklen_t size = address.sa_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
    const int failed = getnameinfo(&address, size, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    return failed != 0 ? "an unknown address" : text.data();
}

bool is_proxy(const sockaddr& address, const std::string& scheme)
{
    const UrlPtr url(curl_url());
    if (const std::string named = proxy_for(scheme);
        named.empty() || curl_url_set(url.get(), CURLUPART_URL, named.c_str(),
                                      CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME) != CURLUE_OK) {
        return false;
    }
    std::string host = url_part(url.get(), CURLUPART_HOST);
    if (host.size() > 2 && host.front() == '[') {
        host = host.substr(1, host.size() - 2);
    }
    std::string port = url_part(url.get(), CURLUPART_PORT);
    if (port.empty()) {
        port = url_part(url.get(), CURLUPART_SCHEME) == "https" ? "443" : "1080"; // curl's defaults for proxies
    }
    if (port != port_of(address)) {
        return false;
    }
    const AddressList known = addresses_of(host);
    for (const addrinfo* one = known.get(); one != nullptr; one = one->ai_next) {
        if (numeric(*one->ai_addr) == numeric(address)) {
            return true;
        }
    }
    return false;
}

} // namespace longtake::http
