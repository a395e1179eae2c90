#include "pipeline/model/schema/schema.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <set>

namespace longtake {
namespace {

using nlohmann::json;

/// Follows the parser through the text and knows where it is.
class DuplicateKeys {
public:
    explicit DuplicateKeys(Problems& problems) : problems_(problems) {}

    void see(json::parse_event_t event, const json& value)
    {
        switch (event) {
        case json::parse_event_t::object_start: enter(false); break;
        case json::parse_event_t::array_start: enter(true); break;
        case json::parse_event_t::object_end:
        case json::parse_event_t::array_end: open_.pop_back(); break;
        case json::parse_event_t::key: see_key(value.get<std::string>()); break;
        case json::parse_event_t::value: count_item(); break;
        }
    }

private:
    struct Level {
        bool is_array = false;
        std::size_t items = 0; ///< seen so far, the one being read included
        std::string key;       ///< being read
        std::set<std::string> keys;
    };

    void enter(bool is_array)
    {
        count_item();
        open_.push_back({.is_array = is_array, .key = {}, .keys = {}});
    }

    void count_item()
    {
        if (!open_.empty() && open_.back().is_array) {
            ++open_.back().items;
        }
    }

    void see_key(std::string key)
    {
        Level& level = open_.back();
        level.key = std::move(key);
        if (!level.keys.insert(level.key).second) {
            problems_.add(pointer(), "this key stands twice in one object; remove one");
        }
    }

    std::string pointer() const
    {
        std::string pointer;
        for (const Level& level : open_) {
            pointer = level.is_array ? pointer_to(pointer, level.items - 1) : pointer_to(pointer, level.key);
        }
        return pointer;
    }

    Problems& problems_;
    std::vector<Level> open_;
};

/// Bytes of the UTF-8 sequence at the start of `text`; 0 if it is none (overlong forms and surrogates are none).
std::size_t sequence_length(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) {
        return 1;
    }
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || length > text.size()) {
        return 0;
    }
    for (std::size_t i = 1; i < length; ++i) {
        if (byte(i) < 0x80 || byte(i) > 0xBF) {
            return 0;
        }
    }
    const bool overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
    const bool beyond = (lead == 0xED && byte(1) > 0x9F) || (lead == 0xF4 && byte(1) > 0x8F);
    return overlong || beyond ? 0 : length;
}

void check_utf8(std::string_view text, const std::string& origin)
{
    int line = 1;
    int column = 1;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = sequence_length(text.substr(i));
        if (length == 0) {
            throw Error(Errc::usage, fmt::format("{}: line {}, column {}: not UTF-8 (byte 0x{:02X}); save it as UTF-8",
                                                 origin, line, column, static_cast<unsigned char>(text[i])));
        }
        column = text[i] == '\n' ? 1 : column + 1;
        line += text[i] == '\n' ? 1 : 0;
        i += length;
    }
}

/// nlohmann's "[json.exception.parse_error.101] parse error at line 3, column 5: reason" without its own labels.
std::string reason(std::string_view what)
{
    if (const auto label = what.find("] "); what.starts_with("[json.") && label != std::string_view::npos) {
        what.remove_prefix(label + 2);
    }
    constexpr std::string_view k_at = "parse error at ";
    if (what.starts_with(k_at)) {
        what.remove_prefix(k_at.size());
    }
    return std::string(what);
}

} // namespace

nlohmann::json parse_json(std::string_view text, const std::string& origin)
{
    check_utf8(text, origin);
    Problems problems(origin);
    DuplicateKeys duplicates(problems);
    const auto watch = [&](int /*depth*/, json::parse_event_t event, const json& value) {
        duplicates.see(event, value);
        return true;
    };
    try {
        constexpr bool k_throw = true;
        constexpr bool k_comments = true;
        json parsed = json::parse(text, watch, k_throw, k_comments);
        problems.check();
        return parsed;
    } catch (const json::exception& problem) {
        throw Error(Errc::usage, fmt::format("{}: {}", origin, reason(problem.what())));
    }
}

nlohmann::json read_json(const std::filesystem::path& file, Pipes pipes)
{
    return parse_json(read_text(file, pipes), file.string());
}

} // namespace longtake
