#include "pipeline/model/transition.h"

#include "pipeline/model/words.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace longtake {
namespace {

using Type = TransitionType;

constexpr std::array<TransitionTraits, 12> k_kinds = {{
    {.type = Type::cut, .name = "cut"},
    {.type = Type::dissolve, .name = "dissolve", .mixes_whole_pictures = true},
    {.type = Type::fade_black, .name = "fade_black", .mixes_whole_pictures = true, .through_silence = true},
    {.type = Type::fade_white, .name = "fade_white", .mixes_whole_pictures = true, .through_silence = true},
    {.type = Type::wipe_left, .name = "wipe_left", .eases = true},
    {.type = Type::wipe_right, .name = "wipe_right", .eases = true},
    {.type = Type::wipe_up, .name = "wipe_up", .eases = true},
    {.type = Type::wipe_down, .name = "wipe_down", .eases = true},
    {.type = Type::slide_left, .name = "slide_left", .eases = true},
    {.type = Type::slide_right, .name = "slide_right", .eases = true},
    {.type = Type::iris, .name = "iris", .eases = true},
    {.type = Type::morph, .name = "morph", .always_holds = true, .needs_motion = true},
}};

constexpr bool in_order()
{
    for (std::size_t i = 0; i < k_kinds.size(); ++i) {
        if (static_cast<std::size_t>(k_kinds[i].type) != i) {
            return false;
        }
    }
    return true;
}
static_assert(in_order(), "the rows stand in the order of the enum");

constexpr Words<Timing, 3> k_timings = {
    {{Timing::automatic, "auto"}, {Timing::hold, "hold"}, {Timing::overlap, "overlap"}}};

constexpr double k_default_seconds = 0.5;
constexpr double k_most_seconds = 3600;

double transition_seconds(std::string_view whole, std::string_view text)
{
    double seconds = 0;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
    if (problem != std::errc{} || end != text.data() + text.size() || !(seconds > 0) || seconds > k_most_seconds) {
        throw Error(
            Errc::usage,
            fmt::format("transition '{}': '{}' must be a number of seconds > 0, as in dissolve:0.5", whole, text));
    }
    return seconds;
}

} // namespace

std::span<const TransitionTraits> transition_kinds() noexcept
{
    return k_kinds;
}

const TransitionTraits& traits_of(TransitionType type) noexcept
{
    return k_kinds[static_cast<std::size_t>(type)];
}

std::string word(TransitionType type)
{
    return traits_of(type).name;
}

std::string word(Timing timing)
{
    return name_in(k_timings, timing);
}

TransitionType parse_transition_type(std::string_view text)
{
    std::vector<std::string> known;
    for (const TransitionTraits& kind : k_kinds) {
        if (text == kind.name) {
            return kind.type;
        }
        known.emplace_back(kind.name);
    }
    throw Error(Errc::usage, unknown_name("transition", text, known));
}

Transition parse_transition(std::string_view text)
{
    const auto colon = text.find(':');
    Transition transition{.type = parse_transition_type(text.substr(0, colon))};
    if (transition.type == TransitionType::cut) {
        if (colon != std::string_view::npos) {
            throw Error(Errc::usage, fmt::format("transition '{}': a cut has no length; write cut", text));
        }
        return transition;
    }
    transition.seconds =
        colon == std::string_view::npos ? k_default_seconds : transition_seconds(text, text.substr(colon + 1));
    return transition;
}

Timing parse_timing(std::string_view text)
{
    return value_in(k_timings, "timing", text);
}

} // namespace longtake
