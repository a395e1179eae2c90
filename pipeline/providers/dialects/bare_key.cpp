#include "pipeline/providers/dialects/bare_key.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>

namespace longtake::remote {
namespace {

bool is_plain(unsigned char c)
{
    return c >= 0x21 && c <= 0x7e;
}

/// "U+FEFF (a byte order mark)", or "the byte 0xE9" where it is no UTF-8.
std::string name_of_letter(const std::string& text, std::size_t at)
{
    static const std::map<std::uint32_t, const char*> k_names = {
        {0x09, "a tab"},
        {0x0a, "a line break"},
        {0x0d, "a line break"},
        {0x20, "a blank"},
        {0xa0, "a blank that does not break"},
        {0x200b, "a blank without width"},
        {0x2018, "a typographic quote"},
        {0x2019, "a typographic quote"},
        {0x201c, "a typographic quote"},
        {0x201d, "a typographic quote"},
        {0xfeff, "a byte order mark, which some programs put before a text"},
    };
    const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
    const unsigned first = byte(at);
    const std::size_t more = first < 0x80 ? 0 : first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 4;
    std::uint32_t letter = more == 0 ? first : first & (0x3fU >> more);
    bool sound = more < 4 && first < 0xf5;
    for (std::size_t i = 1; sound && i <= more; ++i) {
        sound = (byte(at + i) & 0xc0U) == 0x80U;
        letter = letter << 6U | (byte(at + i) & 0x3fU);
    }
    if (!sound) {
        return fmt::format("the byte 0x{:02X}", first);
    }
    const auto known = k_names.find(letter);
    return fmt::format("U+{:04X}{}", letter, known == k_names.end() ? "" : fmt::format(" ({})", known->second));
}

} // namespace

std::string bare_key(const std::string& variable, const std::string& text)
{
    const auto blank = [](unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
    const auto begin = std::find_if_not(text.begin(), text.end(), blank);
    const auto end = std::find_if_not(text.rbegin(), std::make_reverse_iterator(begin), blank).base();
    std::string key(begin, end);
    const auto other = std::find_if_not(key.begin(), key.end(), is_plain);
    if (other == key.end()) {
        return key;
    }
    const auto at = static_cast<std::size_t>(other - key.begin()); // all before it are single bytes
    throw Error(Errc::credentials, fmt::format("{}: its letter {} is {}, which no key has; set it to the bare key",
                                               variable, at + 1, name_of_letter(key, at)));
}

} // namespace longtake::remote
