#pragma once

#include <string>
#include <vector>

namespace longtake::av {

/// A script that much of the world reads, and the Debian package whose fonts have it.
struct Script {
    std::string name;
    std::string sample; ///< letters a font for it has, UTF-8
    std::string package;
};

/// Latin, Cyrillic, Greek, Arabic, Hebrew, Devanagari, Thai, Chinese, Japanese, Korean and emoji.
const std::vector<Script>& big_scripts();

/// Those of them that no installed font covers.
std::vector<Script> uncovered_scripts();

/// Whether one installed font has every letter of this UTF-8.
bool font_has(const std::string& letters);

/// The family that is used where this one is asked for: itself where it is installed. Empty: there is no font at all.
std::string family_for(const std::string& family);

/// Whether two names are one family's: letter case and blanks do not count.
bool same_family(const std::string& a, const std::string& b);

/// The Debian package with fonts for this letter; empty if none is known.
std::string package_for(char32_t letter);

} // namespace longtake::av
