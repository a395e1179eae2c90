#include "pipeline/model/framing.h"

#include "pipeline/model/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace longtake {
namespace {

constexpr const char* k_framing_schema = "longtake/framing/1";

constexpr Words<FramingPath::Kind, 3> k_framing_kinds = {
    {{FramingPath::Kind::still, "still"}, {FramingPath::Kind::pan, "pan"}, {FramingPath::Kind::track, "track"}}};

constexpr Words<Focus::On, 3> k_focus_words = {
    {{Focus::On::track, "track"}, {Focus::On::face, "face"}, {Focus::On::centre, "centre"}}};

/// The weights of four neighbouring control points of a uniform cubic B-spline, `u` of the way from the second to the
/// third (C. de Boor, "A Practical Guide to Splines", 1978).
std::array<double, 4> spline_weights(double u)
{
    const double v = 1 - u;
    return {v * v * v / 6, (3 * u * u * u - 6 * u * u + 4) / 6, (3 * v * v * v - 6 * v * v + 4) / 6, u * u * u / 6};
}

[[noreturn]] void refuse_framing(const std::string& reason)
{
    throw Error(Errc::input, "framing path: " + reason);
}

double rounded_share(double share)
{
    constexpr double k_steps = 1e6;
    return std::round(share * k_steps) / k_steps;
}

/// Throws Error(input) saying `what` it is unless it is two shares.
PicturePoint place_of(const nlohmann::json& json, const std::string& what)
{
    if (json.is_array() && json.size() == 2 && json[0].is_number() && json[1].is_number()) {
        const PicturePoint place{json[0].get<double>(), json[1].get<double>()};
        const auto inside = [](double share) { return share >= 0 && share <= 1; };
        if (inside(place.x) && inside(place.y)) {
            return place;
        }
    }
    throw Error(Errc::input, what + " is " + json.dump() +
                                 ", but a place is [x, y], each between 0 and 1 of the picture's width and height");
}

std::int64_t frames_in(const nlohmann::json& json, const char* key)
{
    const auto at = json.find(key);
    if (at == json.end() || !at->is_number_integer()) {
        refuse_framing(fmt::format("'{}' has to be a whole number of frames", key));
    }
    return at->get<std::int64_t>();
}

FramingPath::Kind kind_in(const nlohmann::json& json)
{
    const auto at = json.find("kind");
    if (at == json.end() || !at->is_string()) {
        refuse_framing("'kind' has to be \"still\", \"pan\" or \"track\"");
    }
    try {
        return value_in(k_framing_kinds, "kind of framing path", at->get<std::string>());
    } catch (const Error& error) {
        throw Error(Errc::input, error.what());
    }
}

std::vector<PicturePoint> places_in(const nlohmann::json& json)
{
    const auto list = json.find("points");
    if (list == json.end() || !list->is_array() || list->empty()) {
        refuse_framing("'points' has to be a list of one place or more, [[x, y], ...]");
    }
    std::vector<PicturePoint> places;
    for (const nlohmann::json& place : *list) {
        places.push_back(place_of(place, fmt::format("framing path: point {}", places.size() + 1)));
    }
    return places;
}

} // namespace

PicturePoint centre_at(const FramingPath& path, std::int64_t frame)
{
    const auto last = static_cast<std::int64_t>(path.points.size()) - 1;
    const double at = static_cast<double>(frame - path.first) / static_cast<double>(path.step);
    const double before = std::clamp(std::floor(at), -2.0, static_cast<double>(last) + 2);
    const std::array<double, 4> weights = spline_weights(std::clamp(at - before, 0.0, 1.0));
    // From the first point on, so that equal points give exactly their own place.
    const auto point = [&](std::int64_t i) {
        return path.points[static_cast<std::size_t>(std::clamp<std::int64_t>(i, 0, last))];
    };
    const PicturePoint from = point(static_cast<std::int64_t>(before));
    PicturePoint centre = from;
    for (std::int64_t i = 0; i < 4; ++i) {
        const PicturePoint pull = point(static_cast<std::int64_t>(before) - 1 + i);
        centre.x += weights[static_cast<std::size_t>(i)] * (pull.x - from.x);
        centre.y += weights[static_cast<std::size_t>(i)] * (pull.y - from.y);
    }
    return centre;
}

Size window_size(Size picture, double aspect)
{
    const auto even = [](double side, int most) {
        return std::min(std::max(2, static_cast<int>(std::lround(side / 2)) * 2), most);
    };
    return picture.aspect() > aspect ? Size{even(picture.height * aspect, picture.width), picture.height}
                                     : Size{picture.width, even(picture.width / aspect, picture.height)};
}

std::string word(FramingPath::Kind kind)
{
    return name_in(k_framing_kinds, kind);
}

void to_json(nlohmann::json& json, const Focus& focus)
{
    if (focus.on == Focus::On::point) {
        json = {focus.at.x, focus.at.y};
    } else {
        json = name_in(k_focus_words, focus.on);
    }
}

void from_json(const nlohmann::json& json, Focus& focus)
{
    if (!json.is_string()) {
        focus = {Focus::On::point, place_of(json, "focus")};
        return;
    }
    try {
        focus = {value_in(k_focus_words, "focus", json.get<std::string>()), {}};
    } catch (const Error& error) {
        throw Error(Errc::input, std::string(error.what()) + "; or a place, [x, y]");
    }
}

void to_json(nlohmann::json& json, const FramingPath& path)
{
    nlohmann::json points = nlohmann::json::array();
    for (const PicturePoint& place : path.points) {
        points.push_back({rounded_share(place.x), rounded_share(place.y)});
    }
    json = {{"schema", k_framing_schema},
            {"kind", word(path.kind)},
            {"first", path.first},
            {"step", path.step},
            {"points", std::move(points)}};
}

void from_json(const nlohmann::json& json, FramingPath& path)
{
    if (!json.is_object() || json.value("schema", nlohmann::json()) != k_framing_schema) {
        throw Error(Errc::input,
                    std::string("this is no framing path that this version reads (") + k_framing_schema + ")");
    }
    path = {kind_in(json), frames_in(json, "first"), frames_in(json, "step"), places_in(json)};
    if (path.step < 1) {
        refuse_framing("'step' has to be 1 or more");
    }
    if (path.kind == FramingPath::Kind::still && path.points.size() != 1) {
        refuse_framing("one that is still has one point");
    }
}

void to_json(nlohmann::json& json, const FramedWindow& framed)
{
    json = {{"picture", framed.picture}, {"window", framed.window}, {"path", framed.path}};
}

void from_json(const nlohmann::json& json, FramedWindow& framed)
{
    json.at("picture").get_to(framed.picture);
    json.at("window").get_to(framed.window);
    json.at("path").get_to(framed.path);
}

} // namespace longtake
