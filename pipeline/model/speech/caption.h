#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace longtake {

/// A word and when it is spoken, in seconds of what its caption's times count in.
struct TimedWord {
    std::string text;
    double from = 0, to = 0;

    friend bool operator==(const TimedWord&, const TimedWord&) = default;
};

/// A piece of speech as it is read: at most a few lines, seen for a few seconds.
struct Caption {
    double from = 0, to = 0;        ///< seconds; to > from
    std::string text{};             ///< UTF-8; line feeds break lines
    std::vector<TimedWord> words{}; ///< of `text`, in order; empty: their times are not known

    friend bool operator==(const Caption&, const Caption&) = default;
};

/// How captions leave with a film. burned: drawn on its pictures; soft: a track of the file that players show on
/// demand; side_car: files beside it, SRT and WebVTT.
enum class CaptionForm { burned, soft, side_car };

/// What an author says of a film's captions.
struct CaptionSettings {
    std::optional<std::filesystem::path> file{}; ///< SRT, WebVTT, ASS or JSON; absolute once loaded
    std::vector<CaptionForm> as = {CaptionForm::burned};
    std::string language{};      ///< BCP 47, "en" or "pt-BR"; empty: not said
    bool highlight_words = true; ///< where their times are known

    bool has(CaptionForm form) const noexcept;
};

/// A film's captions in order, in seconds of the film.
struct Captions {
    std::vector<Caption> list;
    std::vector<CaptionForm> as;
    std::string language{};

    bool has(CaptionForm form) const noexcept;
};

/// Letters a second at which adults read what is shown over pictures. The BBC's subtitle guidelines ask for 160 to 180
/// words a minute (https://www.bbc.co.uk/accessibility/forproducts/guides/subtitles/): 15 letters a second where a word
/// has five with its space. What is written without spaces between words is denser: Netflix asks for 9 a second of
/// Chinese (Simplified Chinese Timed Text Style Guide).
constexpr double k_letters_read = 15, k_dense_letters_read = 9;

/// Seconds it takes to read a text once at these speeds, spaces counted, line breaks not.
double reading_seconds(std::string_view text);

/// Letters a second it has to be read at, line breaks left out.
double reading_speed(const Caption& caption);

/// A text that WebVTT shows as it is (section 6.4): &, < and > as character references.
std::string webvtt_escaped(const std::string& text);

/// The whole of them as a SubRip or a WebVTT file (https://www.w3.org/TR/webvtt1/), times in milliseconds; word times
/// become WebVTT's timestamps.
std::string srt_text(const std::vector<Caption>& captions);
std::string webvtt_text(const std::vector<Caption>& captions);

/// A language as its own speakers write it ("Deutsch" for "de-AT"), as players list it; "Captions" where it is not
/// said.
std::string language_name(const std::string& language);

std::string word(CaptionForm form);
CaptionForm parse_caption_form(std::string_view text);

void to_json(nlohmann::json& json, const TimedWord& word);
void from_json(const nlohmann::json& json, TimedWord& word);
void to_json(nlohmann::json& json, const Caption& caption);
void from_json(const nlohmann::json& json, Caption& caption);
void to_json(nlohmann::json& json, const Captions& captions);
void from_json(const nlohmann::json& json, Captions& captions);

} // namespace longtake
