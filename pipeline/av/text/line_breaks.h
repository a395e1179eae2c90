#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::av {

/// How good a place is to end a line, the better the larger.
enum class LineBreak : std::uint8_t {
    never,  ///< inside a letter
    letter, ///< between two letters as readers count them (grapheme clusters)
    mark,   ///< in an address (URL), after one of / ? & = - . and the like
    word,   ///< where Unicode allows it: between words, and between ideographs with kinsoku
    phrase, ///< the same without taking Chinese and Japanese words, and Korean ones, apart
    must,   ///< the text says so
};

/// UTF-8 that can be set: U+FFFD for what is none, one line feed for CR, CRLF, FF, NEL and PS, LS for VT (a break that
/// starts no paragraph), four blanks for a tab, and no other control characters.
std::string settable(std::string_view text);

/// For each byte of settable text: what a line's end before it would be. At 0 and for `text.size()` it means nothing.
std::vector<LineBreak> line_breaks(const std::string& text);

/// A stretch of letters that words are counted by: [begin, end) in bytes.
struct WordSpan {
    std::size_t begin = 0, end = 0;
};

/// The words, by ICU's rules and dictionaries; blanks and punctuation are none.
std::vector<WordSpan> words_of(const std::string& text);

/// For each byte: whether a line's end before it takes a word apart that a hyphen would hold together, one of letters
/// alone in a script that knows hyphens (Latin, Greek, Cyrillic, Armenian). Addresses have none.
std::vector<bool> hyphenated_breaks(const std::string& text, const std::vector<LineBreak>& breaks);

/// [begin, end) without the blanks at its end.
std::size_t without_blanks(const std::string& text, std::size_t begin, std::size_t end);

} // namespace longtake::av
