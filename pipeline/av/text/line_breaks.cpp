#include "pipeline/av/text/line_breaks.h"

#include "pipeline/av/text/letters.h"
#include "pipeline/base/error.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>

#include <algorithm>
#include <cctype>
#include <memory>

namespace longtake::av {
namespace {

using IcuBreaks = std::unique_ptr<icu::BreakIterator>;

void need_icu(UErrorCode error)
{
    if (U_FAILURE(error)) {
        throw Error(Errc::internal, std::string("ICU cannot find where lines break: ") + u_errorName(error));
    }
}

/// ICU's iterators walk UTF-8 by bytes through this.
class IcuText {
public:
    explicit IcuText(const std::string& text)
    {
        UErrorCode error = U_ZERO_ERROR;
        utext_openUTF8(&text_, text.data(), static_cast<std::int64_t>(text.size()), &error);
        need_icu(error);
    }
    ~IcuText() { utext_close(&text_); }
    IcuText(const IcuText&) = delete;
    IcuText& operator=(const IcuText&) = delete;

    template <class Found>
    void each(IcuBreaks breaks, UErrorCode error, Found&& found)
    {
        need_icu(error);
        breaks->setText(&text_, error);
        need_icu(error);
        for (std::int32_t at = breaks->next(); at != icu::BreakIterator::DONE; at = breaks->next()) {
            found(static_cast<std::size_t>(at), breaks->getRuleStatus());
        }
    }

private:
    UText text_ = UTEXT_INITIALIZER;
};

using MakeBreaks = icu::BreakIterator* (*)(const icu::Locale&, UErrorCode&);

/// ICU keeps rules and dictionaries once they are loaded.
IcuBreaks icu_breaks(MakeBreaks make, const char* locale, UErrorCode& error)
{
    return IcuBreaks(make(icu::Locale::createFromName(locale), error));
}

void mark_lines(IcuText& text, const char* locale, LineBreak quality, std::vector<LineBreak>& breaks)
{
    UErrorCode error = U_ZERO_ERROR;
    IcuBreaks lines = icu_breaks(icu::BreakIterator::createLineInstance, locale, error);
    text.each(std::move(lines), error, [&](std::size_t at, std::int32_t status) {
        if (at < breaks.size()) {
            breaks[at] = status >= UBRK_LINE_HARD ? LineBreak::must : quality;
        }
    });
}

bool blank_at(const std::string& text, std::size_t at)
{
    return text[at] == ' ' || text[at] == '\n' || text.compare(at, 3, "\u3000") == 0;
}

/// From here to the next blank.
std::size_t run_end(const std::string& text, std::size_t at)
{
    while (at < text.size() && !blank_at(text, at) && text.compare(at, 3, "\u2028") != 0) {
        ++at;
    }
    return at;
}

bool ascii(std::string_view run)
{
    return std::all_of(run.begin(), run.end(), [](unsigned char c) { return c < 0x80; });
}

/// Where the address in [begin, end) begins: at its scheme or at www., with what stands before it left out; `end` if
/// there is none. A path of ASCII letters with several slashes counts as one.
std::size_t address_start(const std::string& text, std::size_t begin, std::size_t end)
{
    const std::string_view run = std::string_view(text).substr(begin, end - begin);
    if (const std::size_t scheme = run.find("://"); scheme != std::string_view::npos) {
        std::size_t start = scheme;
        while (start > 0 && static_cast<unsigned char>(run[start - 1]) < 0x80 &&
               std::isalnum(static_cast<unsigned char>(run[start - 1])) != 0) {
            --start;
        }
        return begin + start;
    }
    if (const std::size_t www = run.find("www."); www != std::string_view::npos) {
        return begin + www;
    }
    const bool domain_and_path = run.find('.') != std::string_view::npos && run.find('/') > run.find('.') &&
                                 run.find('/') != std::string_view::npos;
    return ascii(run) && domain_and_path ? begin : end;
}

/// An address is one word, with its own places to end a line; its scheme stays with what it leads to.
void mark_address(const std::string& text, std::size_t begin, std::size_t end, std::vector<LineBreak>& breaks)
{
    constexpr std::string_view k_marks = "/?&=-._#%:+,;";
    const std::size_t scheme = text.find("://", begin);
    const std::size_t rest = scheme < end ? scheme + 3 : begin;
    for (std::size_t at = begin + 1; at < end && static_cast<unsigned char>(text[at]) < 0x80; ++at) {
        const bool mark = k_marks.find(text[at - 1]) != std::string_view::npos && text[at] != '/';
        if (breaks[at] != LineBreak::never) {
            breaks[at] = mark && at > rest ? LineBreak::mark : LineBreak::letter;
        }
    }
}

std::vector<WordSpan> addresses_of(const std::string& text)
{
    std::vector<WordSpan> addresses;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = run_end(text, at);
        const std::size_t begin = end > at ? address_start(text, at, end) : end;
        if (begin < end) {
            addresses.push_back({begin, end});
        }
        at = std::max(end, at + 1);
    }
    return addresses;
}

/// For each byte: whether it belongs to one.
std::vector<bool> addresses_in(const std::string& text)
{
    std::vector<bool> address(text.size() + 1, false);
    for (const WordSpan& one : addresses_of(text)) {
        std::fill(address.begin() + static_cast<std::ptrdiff_t>(one.begin),
                  address.begin() + static_cast<std::ptrdiff_t>(one.end), true);
    }
    return address;
}

/// Whether a word is of letters alone, of scripts that know hyphens.
bool hyphenates(const std::string& text, const WordSpan& word)
{
    bool all = true;
    each_letter(text, word.begin, word.end, [&](UChar32 letter, std::size_t) {
        UErrorCode error = U_ZERO_ERROR;
        const UScriptCode script = uscript_getScript(letter, &error);
        const bool knows = script == USCRIPT_LATIN || script == USCRIPT_GREEK || script == USCRIPT_CYRILLIC ||
                           script == USCRIPT_ARMENIAN || script == USCRIPT_INHERITED;
        all = all && knows && u_isdigit(letter) == 0;
    });
    return all;
}

bool hiragana(UChar32 letter)
{
    UErrorCode error = U_ZERO_ERROR;
    return uscript_getScript(letter, &error) == USCRIPT_HIRAGANA;
}

/// How many letters a phrase has, if all are hiragana; else 0. Its punctuation does not count.
int hiragana_in(const std::string& text, std::size_t begin, std::size_t end)
{
    int count = 0;
    bool other = false;
    each_letter(text, begin, end, [&](UChar32 letter, std::size_t) {
        count += hiragana(letter) ? 1 : 0;
        other = other || (!hiragana(letter) && u_isalnum(letter) != 0);
    });
    return other ? 0 : count;
}

/// The letter at a byte is an ideograph.
bool ideograph_at(const std::string& text, std::size_t at)
{
    bool han = false;
    each_letter(text, at, std::min(text.size(), at + 4), [&](UChar32 letter, std::size_t where) {
        UErrorCode error = U_ZERO_ERROR;
        han = where == at ? uscript_getScript(letter, &error) == USCRIPT_HAN : han;
    });
    return han;
}

/// ICU's phrases end too early at times: an honorific (o, go) goes with what follows it, and the tail of a verb in
/// hiragana with what precedes it.
void join_particles(const std::string& text, std::vector<LineBreak>& breaks)
{
    constexpr int k_tail = 2;
    constexpr std::size_t k_kana = 3; // bytes
    const auto honorific = [&](std::size_t begin, std::size_t end) {
        const std::string_view phrase = std::string_view(text).substr(begin, end - begin);
        return phrase == "お" || phrase == "ご";
    };
    const auto parted = [&](std::size_t at) { // from its noun
        return at >= k_kana && honorific(at - k_kana, at) && ideograph_at(text, at);
    };
    std::vector<std::size_t> ends;
    for (std::size_t at = 1; at < text.size(); ++at) {
        if (breaks[at] >= LineBreak::phrase) {
            ends.push_back(at);
        }
    }
    for (std::size_t i = 0; i < ends.size(); ++i) {
        const std::size_t at = ends[i];
        const std::size_t before = i == 0 ? 0 : ends[i - 1];
        const std::size_t next = i + 1 < ends.size() ? ends[i + 1] : text.size();
        const int tail = honorific(at, next) ? 0 : hiragana_in(text, at, next);
        const bool verb = at >= k_kana && tail > 0 && tail <= k_tail && hiragana_in(text, at - k_kana, at) > 0;
        if (breaks[at] == LineBreak::phrase && (honorific(before, at) || parted(at) || verb)) {
            breaks[at] = LineBreak::word;
        }
    }
}

/// Where a long word has to be broken, three letters at least stay on each side.
void keep_ends(const std::string& text, std::vector<LineBreak>& breaks)
{
    constexpr int k_kept = 3;
    constexpr std::size_t k_long = 3 * k_kept; // bytes
    for (const WordSpan& word : words_of(text)) {
        if (word.end - word.begin < k_long) {
            continue;
        }
        const auto keep = [&](std::size_t at, int step) {
            for (int kept = 1; kept < k_kept && at > word.begin && at < word.end;
                 at += static_cast<std::size_t>(step)) {
                if (breaks[at] == LineBreak::letter) {
                    breaks[at] = LineBreak::never;
                    ++kept;
                } else if (breaks[at] > LineBreak::letter) {
                    return;
                }
            }
        };
        keep(word.begin + 1, 1);
        keep(word.end - 1, -1);
    }
}

} // namespace

std::size_t without_blanks(const std::string& text, std::size_t begin, std::size_t end)
{
    while (end > begin) {
        if (text[end - 1] == ' ') {
            --end;
        } else if (end >= begin + 3 && text.compare(end - 3, 3, "\u3000") == 0) {
            end -= 3;
        } else {
            break;
        }
    }
    return end;
}

std::string settable(std::string_view text)
{
    constexpr UChar32 k_tab = '\t', k_vt = 0x0B, k_ff = 0x0C, k_del = 0x7F, k_nel = 0x85, k_ls = 0x2028, k_ps = 0x2029;
    const icu::UnicodeString in =
        icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    icu::UnicodeString out;
    for (std::int32_t at = 0; at < in.length(); at = in.moveIndex32(at, 1)) {
        const UChar32 c = in.char32At(at);
        if (c == '\n' && at > 0 && in.charAt(at - 1) == '\r') {
            continue;
        }
        if (c == '\n' || c == '\r' || c == k_ff || c == k_nel || c == k_ps) {
            out.append(UChar32{'\n'});
        } else if (c == k_vt) {
            out.append(k_ls);
        } else if (c == k_tab) {
            out.append(u"    ", 4);
        } else if (c >= ' ' && (c < k_del || c > 0x9F)) {
            out.append(c);
        }
    }
    std::string utf8;
    return out.toUTF8String(utf8);
}

std::vector<LineBreak> line_breaks(const std::string& text)
{
    std::vector<LineBreak> breaks(text.size() + 1, LineBreak::never);
    IcuText icu(text);
    UErrorCode error = U_ZERO_ERROR;
    IcuBreaks letters = icu_breaks(icu::BreakIterator::createCharacterInstance, "en", error);
    icu.each(std::move(letters), error, [&](std::size_t at, std::int32_t) { breaks[at] = LineBreak::letter; });
    // Japanese is the locale whose rules know phrases; for other scripts than its own and its neighbours' they are
    // everybody's.
    mark_lines(icu, "ja@lb=strict", LineBreak::word, breaks);
    mark_lines(icu, "ja@lb=strict;lw=phrase", LineBreak::phrase, breaks);
    join_particles(text, breaks);
    for (const WordSpan& address : addresses_of(text)) {
        mark_address(text, address.begin, address.end, breaks);
    }
    keep_ends(text, breaks);
    return breaks;
}

std::vector<WordSpan> words_of(const std::string& text)
{
    std::vector<WordSpan> words;
    IcuText icu(text);
    UErrorCode error = U_ZERO_ERROR;
    IcuBreaks breaks = icu_breaks(icu::BreakIterator::createWordInstance, "en", error);
    std::size_t begin = 0;
    icu.each(std::move(breaks), error, [&](std::size_t end, std::int32_t status) {
        if (status >= UBRK_WORD_LETTER) {
            words.push_back({begin, end});
        }
        begin = end;
    });
    return words;
}

std::vector<bool> hyphenated_breaks(const std::string& text, const std::vector<LineBreak>& breaks)
{
    std::vector<bool> hyphenated(text.size() + 1, false);
    const std::vector<bool> address = addresses_in(text);
    for (const WordSpan& word : words_of(text)) {
        if (address[word.begin] || !hyphenates(text, word)) {
            continue;
        }
        for (std::size_t at = word.begin + 1; at < word.end; ++at) {
            hyphenated[at] = breaks[at] == LineBreak::letter;
        }
    }
    return hyphenated;
}

} // namespace longtake::av
