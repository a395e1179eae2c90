#include "pipeline/av/speech/caption_markup.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

namespace longtake::av {
namespace {

/// Text in the order it comes, cut where the time of what follows is said.
class TimedText {
public:
    TimedText(double from, double to) : from_(from), to_(to) {}

    void add(std::string_view text) { pieces_.back().text += text; }

    /// What follows is spoken from `time` on.
    void at(double time)
    {
        pieces_.push_back({"", std::clamp(time, from_, to_)});
        timed_ = true;
    }

    Caption caption()
    {
        Caption caption{from_, to_};
        std::string text;
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
            text += pieces_[i].text;
            const double end = i + 1 < pieces_.size() ? pieces_[i + 1].from.value_or(to_) : to_;
            const double from = pieces_[i].from.value_or(from_);
            if (std::string word = tidied(pieces_[i].text); timed_ && !word.empty()) {
                caption.words.push_back({std::move(word), from, std::max(from, end)});
            }
        }
        caption.text = tidied(text);
        return caption;
    }

private:
    struct Piece {
        std::string text;
        std::optional<double> from{};
    };

    double from_, to_;
    bool timed_ = false;
    std::vector<Piece> pieces_ = std::vector<Piece>(1);
};

/// A whole number at the start of a text; empty: there is none.
std::optional<int> number_at(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && value >= 0 ? std::optional(value) : std::nullopt;
}

/// Seconds of the first karaoke tag of an override block, whose syllable lasts so long.
std::optional<double> karaoke_seconds(std::string_view block)
{
    for (std::size_t at = block.find('\\'); at != std::string_view::npos; at = block.find('\\', at + 1)) {
        std::string_view tag = block.substr(at + 1);
        if (!tag.starts_with('k') && !tag.starts_with('K')) {
            continue;
        }
        tag.remove_prefix(1);
        if (tag.starts_with('f') || tag.starts_with('o')) {
            tag.remove_prefix(1);
        }
        if (const auto hundredths = number_at(tag)) {
            return *hundredths / 100.0;
        }
    }
    return std::nullopt;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> k_references = {
    {{"amp", "&"}, {"lt", "<"}, {"gt", ">"}, {"nbsp", "\u00a0"}, {"lrm", "\u200e"}, {"rlm", "\u200f"}, {"quot", "\""}}};

/// The letter of a character reference at the start of a text, and how long that is; a lone & stays one.
std::pair<std::string_view, std::size_t> reference_at(std::string_view text)
{
    const std::size_t end = text.find(';');
    const std::string_view name = text.substr(1, end == std::string_view::npos ? 0 : end - 1);
    for (const auto& [known, letter] : k_references) {
        if (name == known) {
            return {letter, end + 1};
        }
    }
    return {text.substr(0, 1), 1};
}

/// The time a WebVTT tag says ("00:01.500", "01:00:01.500"); empty: it says something else.
std::optional<double> time_of(std::string_view tag)
{
    double seconds = 0;
    for (int part = 0; part < 3; ++part) {
        const std::size_t colon = tag.find(':');
        if (colon == std::string_view::npos) {
            double rest = 0;
            const auto [end, error] =
                std::from_chars(tag.data(), tag.data() + tag.size(), rest, std::chars_format::fixed);
            const bool whole = error == std::errc() && end == tag.data() + tag.size() && part > 0;
            return whole ? std::optional(seconds * 60 + rest) : std::nullopt;
        }
        const auto number = number_at(tag.substr(0, colon));
        if (!number) {
            return std::nullopt;
        }
        seconds = seconds * 60 + *number;
        tag.remove_prefix(colon + 1);
    }
    return std::nullopt;
}

} // namespace

Caption caption_of_ass(std::string_view text, double from, double to)
{
    TimedText timed(from, to);
    double spoken = from;
    while (!text.empty()) {
        if (text.front() == '{' && text.find('}') != std::string_view::npos) {
            const std::size_t end = text.find('}');
            if (const auto seconds = karaoke_seconds(text.substr(1, end - 1))) {
                timed.at(spoken);
                spoken += *seconds;
            }
            text.remove_prefix(end + 1);
        } else if (text.front() == '\\' && text.size() > 1 && std::string_view("Nnh").find(text[1]) < 3) {
            timed.add(text[1] == 'h' ? " " : "\n");
            text.remove_prefix(2);
        } else {
            timed.add(text.substr(0, 1));
            text.remove_prefix(1);
        }
    }
    return timed.caption();
}

Caption caption_of_webvtt(std::string_view text, double from, double to)
{
    TimedText timed(from, to);
    while (!text.empty()) {
        const std::size_t end = text.find('>');
        if (text.front() == '<' && end != std::string_view::npos) {
            if (const auto time = time_of(text.substr(1, end - 1))) {
                timed.at(*time);
            }
            text.remove_prefix(end + 1);
            continue;
        }
        const auto [letter, length] =
            text.front() == '&' ? reference_at(text) : std::pair(text.substr(0, 1), std::size_t{1});
        timed.add(letter);
        text.remove_prefix(length);
    }
    return timed.caption();
}

std::string webvtt_without_styles(std::string_view file)
{
    std::string out;
    bool begins = true; // a block
    bool skipped = false;
    while (!file.empty()) {
        const std::size_t end = std::min(file.find('\n'), file.size());
        std::string_view line = file.substr(0, end);
        file.remove_prefix(std::min(end + 1, file.size()));
        line = line.substr(0, line.find_last_not_of("\r \t") + 1);
        if (begins) {
            skipped = line == "STYLE" || line == "REGION";
        }
        begins = line.empty();
        skipped = skipped && !begins;
        if (!skipped) {
            out.append(line).append("\n");
        }
    }
    return out;
}

std::string tidied(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\r') {
            continue;
        }
        const bool blank = c == ' ' || c == '\t';
        const bool after_blank = out.empty() || out.back() == ' ' || out.back() == '\n';
        if (blank && after_blank) {
            continue;
        }
        if (c == '\n') {
            while (!out.empty() && out.back() == ' ') {
                out.pop_back();
            }
            if (out.empty() || out.back() == '\n') {
                continue;
            }
        }
        out += blank ? ' ' : c;
    }
    while (!out.empty() && (out.back() == ' ' || out.back() == '\n')) {
        out.pop_back();
    }
    return out;
}

} // namespace longtake::av
