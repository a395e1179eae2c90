#pragma once

#include "pipeline/model/rate.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace longtake {

/// What a text is for: its size, weight, colour and place follow from it.
enum class TextRole { title, subtitle, body, price, call_to_action, lower_third, caption };

/// How an overlay comes or goes. rise: from a little below; slide: from the side its script begins at; type: letter by
/// letter. All but `none` fade.
enum class Motion { none, fade, rise, slide, type };

enum class Alignment { left, centre };

/// Where text over a picture stands in the safe box.
enum class Place { upper, centre, lower };

/// A brand's sign: in a corner for the whole film, or on the card the film ends with.
struct Logo {
    enum class At { top_left, top_right, bottom_left, bottom_right, end };
    std::filesystem::path file; ///< PNG or SVG; absolute
    std::string sha256{};       ///< of it, once it is known
    At at = At::end;
    double width = 0;   ///< share of the picture's width; 0: by `at` and the picture's shape
    double opacity = 0; ///< 0..1; 0: by `at`
};

/// A file a style brings along: a font, a table of colours.
struct StyleFile {
    std::filesystem::path file; ///< absolute
    std::string sha256{};       ///< of it, once it is known

    friend bool operator==(const StyleFile&, const StyleFile&) = default;
};

/// How the text of one role is set.
struct RoleLook {
    double landscape = 0, square = 0, portrait = 0; ///< height of capitals as a share of the picture's shorter side
    std::string font;                               ///< "heading" or "body"
    int weight = 400;                               ///< 400 or 700
    double leading = 1.2;                           ///< from baseline to baseline, ems
    double tracking = 0;                            ///< between letters, ems; of alphabets whose letters do not join
    std::string colour;                             ///< "ink", "accent" or "muted" (ink towards the ground)

    /// Height of capitals in a picture of this size, pixels.
    double cap(Size picture) const noexcept;
};

/// A style (`presets/brand/<name>.json`, `longtake/brand/1`): colours, fonts, sizes and motion of a film's text.
struct Style {
    std::string ground, ink, accent; ///< "#rrggbb"
    std::string heading, body;       ///< font families
    double scale = 1;                ///< of all sizes
    double margin = 0.08;            ///< share of each side, if the safe box leaves less
    Alignment alignment = Alignment::left;
    Motion entrance = Motion::rise;
    Motion exit = Motion::fade;
    bool gradient = true; ///< the ground is a little lighter above than below
    std::map<TextRole, RoleLook> roles;
    std::optional<Logo> logo;
    std::vector<StyleFile> fonts; ///< used without being installed
    std::optional<StyleFile> lut; ///< .cube: how the brand's pictures are graded; not its cards and text
    nlohmann::json resolved =
        nlohmann::json::object(); ///< the whole of it in the format of its file, `extends` resolved

    const RoleLook& look(TextRole role) const { return roles.at(role); }
};

/// The style that others start from.
constexpr const char* k_default_style = "studio";

/// Reads one. `reference`: a name (`presets/brand/NAME.json` in `dirs`), the path of a JSON file, or JSON itself, whose
/// files' paths are absolute. What it leaves out is that of the style it `extends`, or k_default_style's.
/// Throws Error(usage): an unknown name (with the nearest), what breaks the schema, styles that extend each other.
Style load_style(const std::vector<std::filesystem::path>& dirs, const std::string& reference);

/// Every style found, sorted by name.
std::vector<std::string> style_names(const std::vector<std::filesystem::path>& dirs);

/// Calls `visit` with every path in a style's JSON: of its logo, its LUT and its fonts.
void visit_style_files(nlohmann::json& style, const std::function<void(nlohmann::json& path)>& visit);

/// What load_style() takes, of a storyboard's word for it: names and objects as they are, paths made absolute.
std::string style_reference(const nlohmann::json& value, const std::filesystem::path& base_dir);

/// What in a style can shape a picture of text: `resolved` without its logo, its LUT and the words about it, and its
/// fonts by what is in them.
nlohmann::json shape_of(const Style& style);

/// A style of its resolved JSON.
Style style_of(const nlohmann::json& resolved);

/// What a picture depends on of a file: its SHA-256; its path as long as that is not known.
std::string content_name(const StyleFile& file);

/// A file of its JSON on a timeline, and back.
StyleFile style_file_of(const nlohmann::json& json);
nlohmann::json style_file_json(const StyleFile& file);

/// A logo of its JSON in a style or on a timeline, and back.
Logo logo_of(const nlohmann::json& json);
nlohmann::json logo_json(const Logo& logo);

std::string word(TextRole role);
std::string word(Motion motion);
std::string word(Place place);
std::string word(Logo::At at);
TextRole parse_text_role(std::string_view text);
Motion parse_motion(std::string_view text);
Place parse_place(std::string_view text);

} // namespace longtake
