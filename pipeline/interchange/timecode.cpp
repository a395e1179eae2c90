#include "pipeline/interchange/timecode.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace longtake::interchange {
namespace {

/// ST 12-1, 5.2.2: at 30 a second two numbers, in every minute that is no multiple of ten; at 60 four.
int dropped_a_minute(const TimecodeBase& base)
{
    return base.drop ? base.nominal / 15 : 0;
}

[[noreturn]] void refuse(std::string_view text, const char* why)
{
    throw Error(Errc::input, fmt::format("'{}' is no timecode: {}", text, why));
}

std::array<int, 4> fields_of(std::string_view text)
{
    std::array<int, 4> fields{};
    constexpr std::size_t k_width = 3; ///< two digits and a separator
    if (text.size() < 4 * k_width - 1) {
        refuse(text, "it reads HH:MM:SS:FF");
    }
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const char* const from = text.data() + i * k_width;
        const char* const to = i == 3 ? text.data() + text.size() : from + 2;
        const auto [end, broken] = std::from_chars(from, to, fields[i]);
        const bool separated = i == 3 || *end == ':' || (i == 2 && (*end == ';' || *end == '.' || *end == ','));
        if (broken != std::errc() || end != to || *from == '-' || !separated) {
            refuse(text, "it reads HH:MM:SS:FF");
        }
    }
    return fields;
}

} // namespace

TimecodeBase timecode_base(const Rate& rate)
{
    if (rate.num % rate.den == 0) {
        return {rate.num / rate.den, false};
    }
    const std::int64_t thousands = std::int64_t{rate.num} * 1001; // of a rate N * 1000/1001: N * 1000 * den
    if (thousands % (std::int64_t{rate.den} * 1000) == 0) {
        const auto nominal = static_cast<int>(thousands / (std::int64_t{rate.den} * 1000));
        return {nominal, nominal % 30 == 0};
    }
    throw Error(Errc::usage, fmt::format("{} frames a second cannot be counted in timecode; make the film at a rate "
                                         "that can, as 24, 25, 29.97 or 30 (\"fps\")",
                                         rate.text()));
}

std::string timecode(std::int64_t frame, const Rate& rate)
{
    const TimecodeBase base = timecode_base(rate);
    const std::int64_t dropped = dropped_a_minute(base);
    const std::int64_t minute = 60 * std::int64_t{base.nominal} - dropped; // of those that drop
    const std::int64_t ten = 10 * minute + dropped;                        // the first of ten drops nothing
    frame %= 24 * 6 * ten;
    const std::int64_t within = frame % ten;
    const std::int64_t later = within < minute + dropped ? 0 : (within - dropped) / minute;
    std::int64_t number = frame + dropped * (9 * (frame / ten) + later);
    const auto frames = number % base.nominal;
    number /= base.nominal;
    return fmt::format("{:02}:{:02}:{:02}{}{:02}", number / 3600, number / 60 % 60, number % 60, base.drop ? ';' : ':',
                       frames);
}

std::int64_t frame_at(std::string_view text, const Rate& rate)
{
    return frame_at(text, timecode_base(rate));
}

std::int64_t frame_at(std::string_view text, const TimecodeBase& base)
{
    const auto [hours, minutes, seconds, frames] = fields_of(text);
    if (hours > 23 || minutes > 59 || seconds > 59 || frames >= base.nominal) {
        refuse(text, "a field is beyond its range");
    }
    const std::int64_t dropped = dropped_a_minute(base);
    if (seconds == 0 && minutes % 10 != 0 && frames < dropped) {
        refuse(text, "drop frame has no such number");
    }
    const std::int64_t minute = std::int64_t{hours} * 60 + minutes;
    return (minute * 60 + seconds) * base.nominal + frames - dropped * (minute - minute / 10);
}

} // namespace longtake::interchange
