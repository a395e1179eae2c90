#include "pipeline/http/reply.h"

#include "pipeline/http/url.h"

#include <charconv>

namespace longtake::http {
namespace {

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    const auto last = text.find_last_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view{} : text.substr(first, last - first + 1);
}

int status_in(std::string_view line) // "HTTP/1.1 200 OK", "HTTP/2 200"
{
    int status = 0;
    const std::string_view rest = trimmed(line.substr(std::min(line.find(' '), line.size())));
    std::from_chars(rest.data(), rest.data() + rest.size(), status);
    return status;
}

} // namespace

void take_header_line(Response& response, std::string_view line)
{
    if (line.starts_with("HTTP/")) {
        response.headers.clear();
        response.status = status_in(line);
        return;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
        return;
    }
    std::string& kept = response.headers[lower(std::string(trimmed(line.substr(0, colon))))];
    kept += (kept.empty() ? "" : ", ") + std::string(trimmed(line.substr(colon + 1)));
}

bool ends_head(const Response& response, std::string_view line)
{
    return trimmed(line).empty() && response.status >= 200;
}

} // namespace longtake::http
