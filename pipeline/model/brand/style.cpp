#include "pipeline/model/brand/style.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema/schema.h"
#include "pipeline/model/words.h"

#include <algorithm>
#include <set>

namespace longtake {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr Words<TextRole, 7> k_roles = {{{TextRole::title, "title"},
                                         {TextRole::subtitle, "subtitle"},
                                         {TextRole::body, "body"},
                                         {TextRole::price, "price"},
                                         {TextRole::call_to_action, "call_to_action"},
                                         {TextRole::lower_third, "lower_third"},
                                         {TextRole::caption, "caption"}}};
constexpr Words<Motion, 5> k_motions = {{{Motion::none, "none"},
                                         {Motion::fade, "fade"},
                                         {Motion::rise, "rise"},
                                         {Motion::slide, "slide"},
                                         {Motion::type, "type"}}};
constexpr Words<Place, 3> k_places = {{{Place::upper, "upper"}, {Place::centre, "centre"}, {Place::lower, "lower"}}};
constexpr Words<Logo::At, 5> k_logo_places = {{{Logo::At::top_left, "top_left"},
                                               {Logo::At::top_right, "top_right"},
                                               {Logo::At::bottom_left, "bottom_left"},
                                               {Logo::At::bottom_right, "bottom_right"},
                                               {Logo::At::end, "end"}}};

constexpr const char* k_style_schema = "longtake/brand/1";

constexpr double k_wide = 1.2;  ///< width by height from which a picture is landscape
constexpr double k_tall = 0.85; ///< and below which it is portrait

/// Of styles that extend others; more are going round in circles.
constexpr int k_most_parents = 8;

bool is_json(const std::string& reference)
{
    return reference.starts_with('{');
}

bool is_style_file(const std::string& reference)
{
    return reference.ends_with(".json");
}

/// The file of a name. Throws Error(usage).
fs::path file_of(const std::vector<fs::path>& dirs, const std::string& name)
{
    for (const fs::path& dir : dirs) {
        if (fs::path file = dir / "brand" / (name + ".json"); fs::is_regular_file(file)) {
            return file;
        }
    }
    throw Error(Errc::usage, unknown_name("style", name, style_names(dirs)));
}

/// A style written into a storyboard need not say what it is.
void check_style_schema(json style)
{
    style["schema"] = k_style_schema;
    check_schema(style, "brand", "brand");
}

/// Makes the paths of what a style brings along absolute.
void resolve_files(json& style, const fs::path& folder)
{
    visit_style_files(style,
                      [&](json& file) { file = (folder / file.get<std::string>()).lexically_normal().string(); });
}

/// A style's own JSON, checked. Paths in a file are relative to it.
json style_json(const std::vector<fs::path>& dirs, const std::string& reference)
{
    if (is_json(reference)) {
        json style = parse_json(reference, "brand");
        check_style_schema(style);
        return style;
    }
    const fs::path file = is_style_file(reference) ? fs::path(reference) : file_of(dirs, reference);
    json style = read_json(file);
    check_schema(style, "brand", file.string());
    resolve_files(style, fs::absolute(file).parent_path());
    return style;
}

json resolved_style(const std::vector<fs::path>& dirs, const std::string& reference, int depth = 0)
{
    if (depth > k_most_parents) {
        throw Error(Errc::usage, "style '" + reference + "' extends itself; name another in \"extends\"");
    }
    json style = style_json(dirs, reference);
    if (reference == k_default_style) {
        return style;
    }
    json base = resolved_style(dirs, style.value("extends", k_default_style), depth + 1);
    style.erase("extends");
    base.merge_patch(style);
    return base;
}

RoleLook look_of(const json& value)
{
    RoleLook look;
    value.at("landscape").get_to(look.landscape);
    value.at("square").get_to(look.square);
    value.at("portrait").get_to(look.portrait);
    value.at("font").get_to(look.font);
    value.at("weight").get_to(look.weight);
    value.at("leading").get_to(look.leading);
    value.at("tracking").get_to(look.tracking);
    value.at("colour").get_to(look.colour);
    return look;
}

} // namespace

double RoleLook::cap(Size picture) const noexcept
{
    const double aspect = picture.aspect();
    const double share = aspect > k_wide ? landscape : aspect < k_tall ? portrait : square;
    return share * std::min(picture.width, picture.height);
}

Logo logo_of(const json& value)
{
    Logo logo;
    logo.file = value.at("file").get<std::string>();
    logo.at = value_in(k_logo_places, "place", value.value("at", word(logo.at)));
    logo.width = value.value("width", logo.width);
    logo.opacity = value.value("opacity", logo.opacity);
    logo.sha256 = value.value("sha256", "");
    return logo;
}

json logo_json(const Logo& logo)
{
    return {{"file", logo.file.string()},
            {"sha256", logo.sha256},
            {"at", word(logo.at)},
            {"width", logo.width},
            {"opacity", logo.opacity}};
}

std::string content_name(const StyleFile& file)
{
    return file.sha256.empty() ? file.file.string() : file.sha256;
}

json style_file_json(const StyleFile& file)
{
    return {{"file", file.file.string()}, {"sha256", file.sha256}};
}

StyleFile style_file_of(const json& value)
{
    return {value.at("file").get<std::string>(), value.at("sha256").get<std::string>()};
}

Style style_of(const json& resolved)
{
    Style style;
    const json& palette = resolved.at("palette");
    palette.at("ground").get_to(style.ground);
    palette.at("ink").get_to(style.ink);
    palette.at("accent").get_to(style.accent);
    resolved.at("fonts").at("heading").get_to(style.heading);
    resolved.at("fonts").at("body").get_to(style.body);
    resolved.at("scale").get_to(style.scale);
    resolved.at("margin").get_to(style.margin);
    style.alignment = resolved.at("alignment") == "left" ? Alignment::left : Alignment::centre;
    style.entrance = parse_motion(resolved.at("entrance").get<std::string>());
    style.exit = parse_motion(resolved.at("exit").get<std::string>());
    style.gradient = resolved.at("background") == "gradient";
    for (const auto& [role, name] : k_roles) {
        style.roles.emplace(role, look_of(resolved.at("roles").at(name)));
    }
    if (resolved.contains("logo")) {
        style.logo = logo_of(resolved.at("logo"));
    }
    for (const json& file : resolved.at("fonts").value("files", json::array())) {
        style.fonts.push_back({file.get<std::string>()});
    }
    if (resolved.contains("lut")) {
        style.lut = StyleFile{resolved.at("lut").get<std::string>()};
    }
    style.resolved = resolved;
    return style;
}

Style load_style(const std::vector<fs::path>& dirs, const std::string& reference)
{
    return style_of(resolved_style(dirs, reference));
}

std::vector<std::string> style_names(const std::vector<fs::path>& dirs)
{
    std::set<std::string> names;
    for (const fs::path& dir : dirs) {
        std::error_code none; // a folder without styles
        for (const auto& entry : fs::directory_iterator(dir / "brand", none)) {
            if (entry.path().extension() == ".json") {
                names.insert(entry.path().stem().string());
            }
        }
    }
    return {names.begin(), names.end()};
}

void visit_style_files(json& style, const std::function<void(json&)>& visit)
{
    if (style.contains("logo") && style["logo"].contains("file")) {
        visit(style["logo"]["file"]);
    }
    if (style.contains("lut")) {
        visit(style["lut"]);
    }
    if (style.contains("fonts") && style["fonts"].contains("files")) {
        for (json& file : style["fonts"]["files"]) {
            visit(file);
        }
    }
}

std::string style_reference(const json& value, const fs::path& base_dir)
{
    if (value.is_object()) {
        json style = value;
        resolve_files(style, base_dir);
        return style.dump();
    }
    const auto text = value.get<std::string>();
    return is_style_file(text) ? (base_dir / text).lexically_normal().string() : text;
}

json shape_of(const Style& style)
{
    json shape = style.resolved;
    for (const char* word : {"$schema", "schema", "description", "logo", "lut"}) {
        shape.erase(word);
    }
    if (shape.contains("fonts")) { // a curtain has no style
        shape["fonts"].erase("files");
    }
    for (const StyleFile& font : style.fonts) {
        shape["fonts"]["files"].push_back(content_name(font));
    }
    return shape;
}

std::string word(TextRole role)
{
    return name_in(k_roles, role);
}

std::string word(Motion motion)
{
    return name_in(k_motions, motion);
}

std::string word(Place place)
{
    return name_in(k_places, place);
}

std::string word(Logo::At at)
{
    return name_in(k_logo_places, at);
}

TextRole parse_text_role(std::string_view text)
{
    return value_in(k_roles, "role", text);
}

Motion parse_motion(std::string_view text)
{
    return value_in(k_motions, "motion", text);
}

Place parse_place(std::string_view text)
{
    return value_in(k_places, "place", text);
}

} // namespace longtake
