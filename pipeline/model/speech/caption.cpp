#include "pipeline/model/speech/caption.h"

#include "pipeline/base/text.h"
#include "pipeline/model/words.h"

#include <fmt/format.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <utility>

namespace longtake {
namespace {

constexpr Words<CaptionForm, 3> k_forms = {
    {{CaptionForm::burned, "burned"}, {CaptionForm::soft, "soft"}, {CaptionForm::side_car, "side-car"}}};

bool contains(const std::vector<CaptionForm>& forms, CaptionForm form) noexcept
{
    return std::find(forms.begin(), forms.end(), form) != forms.end();
}

/// Hours to milliseconds; SubRip writes the fraction after a comma, WebVTT after a point.
std::string time_text(double seconds, char point)
{
    const std::int64_t all = std::llround(std::max(0.0, seconds) * 1000);
    return fmt::format("{:02}:{:02}:{:02}{}{:03}", all / 3'600'000, all / 60'000 % 60, all / 1000 % 60, point,
                       all % 1000);
}

/// A blank line would end the caption.
std::string without_blank_lines(const std::string& text)
{
    std::string out;
    for (const char c : text) {
        if (c != '\n' || (!out.empty() && out.back() != '\n')) {
            out += c;
        }
    }
    return out;
}

/// The text with a timestamp before each word but the first.
std::string webvtt_words(const Caption& caption)
{
    std::string out;
    std::size_t at = 0;
    for (const TimedWord& word : caption.words) {
        const std::size_t found = caption.text.find(word.text, at);
        if (found == std::string::npos) {
            continue;
        }
        out += webvtt_escaped(caption.text.substr(at, found - at));
        if (word.from > caption.from) {
            out += '<' + time_text(word.from, '.') + '>';
        }
        at = found;
    }
    return without_blank_lines(out + webvtt_escaped(caption.text.substr(at)));
}

/// The Unicode code points of UTF-8 that is in order.
std::vector<std::uint32_t> letters_of(std::string_view text)
{
    std::vector<std::uint32_t> letters;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xC0) == 0x80 && !letters.empty()) {
            letters.back() = letters.back() << 6 | (byte & 0x3FU);
        } else {
            letters.push_back(byte < 0x80 ? byte : byte < 0xE0 ? byte & 0x1FU : byte < 0xF0 ? byte & 0x0FU : byte & 7U);
        }
    }
    return letters;
}

/// Kana, Chinese characters and their punctuation: scripts that have no spaces between words, and say much with a
/// letter.
bool is_dense(std::uint32_t letter)
{
    constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 5> k_dense = {
        {{0x2E80, 0x9FFF}, {0xF900, 0xFAFF}, {0xFF00, 0xFF9F}, {0x1B000, 0x1B16F}, {0x20000, 0x3FFFF}}};
    return std::any_of(k_dense.begin(), k_dense.end(),
                       [&](const auto& range) { return letter >= range.first && letter <= range.second; });
}

} // namespace

bool CaptionSettings::has(CaptionForm form) const noexcept
{
    return contains(as, form);
}

bool Captions::has(CaptionForm form) const noexcept
{
    return contains(as, form);
}

double reading_seconds(std::string_view text)
{
    double seconds = 0;
    for (const std::uint32_t letter : letters_of(text)) {
        seconds += letter == '\n' ? 0 : 1 / (is_dense(letter) ? k_dense_letters_read : k_letters_read);
    }
    return seconds;
}

double reading_speed(const Caption& caption)
{
    std::size_t letters = 0;
    for (const char c : caption.text) {
        const bool begins = (static_cast<unsigned char>(c) & 0xC0) != 0x80; // a letter of UTF-8
        letters += begins && c != '\n' ? 1 : 0;
    }
    return static_cast<double>(letters) / std::max(caption.to - caption.from, 1e-3);
}

std::string webvtt_escaped(const std::string& text)
{
    std::string out;
    for (const char c : text) {
        out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : std::string(1, c);
    }
    return out;
}

std::string srt_text(const std::vector<Caption>& captions)
{
    std::string out;
    int number = 0;
    for (const Caption& caption : captions) {
        out += fmt::format("{}\n{} --> {}\n{}\n\n", ++number, time_text(caption.from, ','), time_text(caption.to, ','),
                           without_blank_lines(caption.text));
    }
    return out;
}

std::string webvtt_text(const std::vector<Caption>& captions)
{
    std::string out = "WEBVTT\n\n";
    for (const Caption& caption : captions) {
        out += fmt::format("{} --> {}\n{}\n\n", time_text(caption.from, '.'), time_text(caption.to, '.'),
                           webvtt_words(caption));
    }
    return out;
}

std::string language_name(const std::string& language)
{
    const icu::Locale locale(language.c_str());
    if (language.empty() || locale.isBogus() || *locale.getLanguage() == 0) {
        return "Captions";
    }
    icu::UnicodeString name;
    locale.getDisplayLanguage(locale, name);
    std::string text;
    name.toUTF8String(text);
    return text;
}

std::string word(CaptionForm form)
{
    return name_in(k_forms, form);
}

CaptionForm parse_caption_form(std::string_view text)
{
    return value_in(k_forms, "form of captions", text);
}

void to_json(nlohmann::json& json, const TimedWord& word)
{
    json = {{"text", word.text}, {"from", word.from}, {"to", word.to}};
}

void from_json(const nlohmann::json& json, TimedWord& word)
{
    word = {json.at("text").get<std::string>(), json.at("from").get<double>(), json.at("to").get<double>()};
}

void to_json(nlohmann::json& json, const Caption& caption)
{
    json = {{"from", caption.from}, {"to", caption.to}, {"text", caption.text}};
    if (!caption.words.empty()) {
        json["words"] = caption.words;
    }
}

void from_json(const nlohmann::json& json, Caption& caption)
{
    caption = {json.at("from").get<double>(), json.at("to").get<double>(), json.at("text").get<std::string>(),
               json.value("words", std::vector<TimedWord>{})};
}

void to_json(nlohmann::json& json, const Captions& captions)
{
    nlohmann::json forms = nlohmann::json::array();
    for (const CaptionForm form : captions.as) {
        forms.push_back(word(form));
    }
    json = {{"list", captions.list}, {"as", std::move(forms)}, {"language", captions.language}};
}

void from_json(const nlohmann::json& json, Captions& captions)
{
    captions = {};
    json.at("list").get_to(captions.list);
    for (const nlohmann::json& form : json.at("as")) {
        captions.as.push_back(parse_caption_form(form.get<std::string>()));
    }
    captions.language = json.value("language", "");
}

} // namespace longtake
