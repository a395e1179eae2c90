#include "pipeline/http/date.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace longtake::http {
namespace {

using std::chrono::milliseconds;

constexpr double k_longest_s = 3600;

} // namespace

std::optional<std::int64_t> seconds_of_date(const std::string& text)
{
    std::tm time{};
    std::istringstream in(text);
    in.imbue(std::locale::classic());
    in >> std::get_time(&time, "%a, %d %b %Y %H:%M:%S");
    return in ? std::optional<std::int64_t>(timegm(&time)) : std::nullopt;
}

milliseconds retry_after(const Response& response, std::int64_t now)
{
    const std::string text = response.header("retry-after");
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        const auto until = seconds_of_date(text);
        seconds = until ? double(*until - seconds_of_date(response.header("date")).value_or(now)) : 0;
    }
    const bool sensible = seconds > 0; // not so for what is no number either
    return milliseconds(sensible ? static_cast<std::int64_t>(std::min(seconds, k_longest_s) * 1000) : 0);
}

} // namespace longtake::http
