#include "pipeline/model/storyboard_rules.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema/schema.h"
#include "pipeline/model/storyboard.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace longtake {
namespace {

using nlohmann::json;

constexpr double k_longest_shot = 3600; ///< seconds, as in the schema

constexpr std::array k_subjects = {"image", "images", "edit", "clip", "card"};
constexpr std::array k_files = {"image", "end_image", "clip", "static_mask", "edit", "voice"};
constexpr std::array k_lists = {"images", "keyframes"}; ///< of files
constexpr std::array k_axis_names = {"horizontal", "vertical", "pan", "tilt", "roll", "zoom"};

/// Keys that ask something of a generation; on a clip or card they would do nothing.
constexpr std::array k_generation = {"prompt",    "extend_prompts", "model",           "mode",       "cfg_scale",
                                     "camera",    "continue",       "negative_prompt", "sound",      "voices",
                                     "watermark", "callback_url",   "effect",          "multi_shot", "lip_sync",
                                     "max_drift", "match_colour",   "resolution",      "hdr",        "references"};
/// What an effect, and what a take of several shots, has no place for.
constexpr std::array k_not_with_effect = {"prompt",        "extend_prompts", "multi_shot", "end_image", "static_mask",
                                          "dynamic_masks", "camera",         "keyframes",  "edit",      "references"};
constexpr std::array k_not_with_multi_shot = {"prompt", "extend_prompts", "end_image", "images",
                                              "edit",   "references",     "keyframes"};
constexpr std::array k_not_with_references = {"image", "images"};
constexpr std::array k_not_with_edit = {"extend_prompts", "camera", "continue", "aspect_ratio", "hdr", "lip_sync"};
constexpr std::array k_with_text = {"voice", "language", "speed"};
constexpr std::array k_parts = {"title", "subtitle", "body", "price", "call_to_action"}; ///< of styled text
constexpr std::array k_plain_card = {"background", "colour", "font"};

class Rules {
public:
    Rules(const json& board, Problems& problems) : board_(board), problems_(problems) {}

    void check()
    {
        value_of("/size", [&] { check_size(); });
        value_of("/fps", [&] { check_fps(); });
        if (board_.contains("defaults")) {
            check_settings(board_.at("defaults"), "/defaults");
            check_voices(board_.at("defaults"), "/defaults");
        }
        const json& shots = board_.at("shots");
        for (std::size_t i = 0; i < shots.size(); ++i) {
            check_shot(shots[i], pointer_to("/shots", i), i);
        }
        if (board_.contains("audio")) {
            check_is_file(board_.at("audio"), "music", "/audio");
            check_is_file(board_.at("audio"), "voice", "/audio");
            check_beat(board_.at("audio"));
        }
        if (board_.contains("captions")) {
            check_captions(board_.at("captions"));
        }
        check_style(board_, "brand", "");
        check_overlays(board_, "");
    }

private:
    /// A value whose form the schema checked and whose meaning a parser does.
    template <class Check>
    void value_of(const std::string& at, Check&& check)
    {
        try {
            check();
        } catch (const Error& problem) {
            problems_.add(at, problem.what());
        }
    }

    void check_size() const
    {
        if (const auto size = board_.value("size", std::string("auto")); size != "auto") {
            Size::parse(size);
        }
    }

    void check_fps() const
    {
        if (board_.contains("fps") && board_.at("fps") != "auto") {
            (void)board_.at("fps").get<Rate>();
        }
    }

    void check_beat(const json& audio)
    {
        if (audio.value("beat", false) && !audio.contains("music")) {
            problems_.add("/audio/beat", "needs music whose beats there are");
        }
    }

    void check_shot(const json& shot, const std::string& at, std::size_t index)
    {
        check_id(shot, at, index);
        check_subject(shot, at);
        check_seconds(shot, at);
        check_settings(shot, at);
        check_voices(shot, at);
        check_effect(shot, at);
        check_multi_shot(shot, at);
        check_references(shot, at);
        check_edit(shot, at);
        check_overlays(shot, at);
        if (shot.contains("card")) {
            check_card(shot.at("card"), at + "/card");
        }
        if (shot.contains("lip_sync")) {
            check_lip_sync(shot.at("lip_sync"), at + "/lip_sync");
        }
        for (const char* key : k_files) {
            check_is_file(shot, key, at);
        }
        for (const char* key : k_lists) {
            const json files = shot.value(key, json::array());
            for (std::size_t i = 0; i < files.size(); ++i) {
                check_is_file(files[i], pointer_to(pointer_to(at, key), i));
            }
        }
        if (index == 0 && shot.contains("transition") && shot.at("transition").at("type") != "cut") {
            problems_.add(at + "/transition", "the first shot has nothing to come from; remove it or make it a cut");
        }
    }

    void check_id(const json& shot, const std::string& at, std::size_t index)
    {
        const std::string id = shot_id(shot, index);
        const auto [earlier, is_new] = ids_.emplace(id, at);
        if (!is_new) {
            problems_.add(at + "/id", fmt::format("\"{}\" is already the id of {}", id, earlier->second));
        }
    }

    void check_subject(const json& shot, const std::string& at)
    {
        std::vector<std::string> found;
        for (const char* subject : k_subjects) {
            if (shot.contains(subject)) {
                found.emplace_back(subject);
            }
        }
        if (found.size() > 1) {
            problems_.add(at, fmt::format("found {}; a shot has one of {}", join(found, " and "),
                                          join({k_subjects.begin(), k_subjects.end()})));
            return;
        }
        if (found.empty() && shot.value("prompt", "").empty() && !shot.contains("multi_shot")) {
            problems_.add(
                at, "needs an image, images, a clip, a film to edit or a card, or a prompt alone for text to video");
            return;
        }
        const std::string subject = found.empty() ? "prompt" : found.front();
        check_belongs(shot, at, subject);
    }

    void check_belongs(const json& shot, const std::string& at, const std::string& subject)
    {
        const auto only_with = [&](const char* key, const std::string& owner) {
            if (shot.contains(key) && subject != owner) {
                problems_.add(pointer_to(at, key), fmt::format("only with {}", owner));
            }
        };
        only_with("end_image", "image");
        only_with("keyframes", "image");
        only_with("static_mask", "image");
        only_with("dynamic_masks", "image");
        only_with("in", "clip");
        only_with("out", "clip");
        if (subject == "clip" || subject == "card") {
            for (const char* key : k_generation) {
                if (shot.contains(key)) {
                    problems_.add(pointer_to(at, key), fmt::format("has no effect on a {}; remove it", subject));
                }
            }
        }
    }

    void check_seconds(const json& shot, const std::string& at)
    {
        if (!shot.contains("seconds") && !shot.contains("clip") && !shot.contains("edit") &&
            !shot.contains("multi_shot")) {
            problems_.add(at + "/seconds", "missing");
        }
        check_length(shot, at);
        if (shot.value("seconds", json()) == k_as_voice && !shot.contains("voice")) {
            problems_.add(at + "/voice", "missing; the shot is to be as long as it");
        }
        if (shot.value("seconds", json()) == k_as_text && !shot.contains("card") && !shot.contains("caption") &&
            shot.value("overlays", json::array()).empty()) {
            problems_.add(at + "/seconds", "found \"text\", and there is none; add a card, overlays or a caption");
        }
        if (shot.contains("in") && shot.contains("out") && parse_seconds(shot["out"]) <= parse_seconds(shot["in"])) {
            problems_.add(at + "/out",
                          fmt::format("found {}; must be > in ({})", found_text(shot["out"]), found_text(shot["in"])));
        }
    }

    /// A length written as text is out of the schema's reach.
    void check_length(const json& owner, const std::string& at)
    {
        if (!owner.contains("seconds") || !owner.at("seconds").is_string()) {
            return;
        }
        const json& text = owner.at("seconds");
        if (text == k_as_voice || text == k_as_text) {
            return;
        }
        if (const double seconds = parse_seconds(text); seconds <= 0 || seconds > k_longest_shot) {
            problems_.add(at + "/seconds", fmt::format("found {}; must be {}", found_text(text),
                                                       seconds <= 0 ? "> 0" : "<= 3600 seconds"));
        }
    }

    void check_settings(const json& keys, const std::string& at)
    {
        if (keys.contains("mode") && keys.contains("resolution")) {
            problems_.add(at + "/resolution", "is another word for the mode; keep one of them");
        }
        if (keys.contains("transition")) {
            const json& transition = keys.at("transition");
            check_length(transition, at + "/transition");
            if (transition.at("type") == "cut" && transition.contains("seconds")) {
                problems_.add(at + "/transition/seconds", "a cut has no length; remove it or name another type");
            }
        }
        const json camera = keys.value("camera", json::object());
        if (camera.value("type", "simple") != "simple") {
            for (const char* axis : k_axis_names) {
                if (camera.contains(axis)) {
                    problems_.add(at + "/camera/" + axis, "only with type simple");
                }
            }
        }
    }

    /// A voice without sound would never be heard; a shot may have its sound from the defaults.
    void check_voices(const json& keys, const std::string& at)
    {
        const json defaults = board_.value("defaults", json::object());
        const bool sound = keys.value("sound", defaults.value("sound", false));
        if (!sound && !keys.value("voices", json::array()).empty()) {
            problems_.add(at + "/voices", "needs \"sound\": true");
        }
    }

    void check_effect(const json& shot, const std::string& at)
    {
        if (!shot.contains("effect") || shot.contains("clip") || shot.contains("card")) {
            return;
        }
        if (!shot.contains("image") && !shot.contains("images")) {
            problems_.add(at + "/effect", "needs an image, or two images for an effect of two characters");
        }
        if (const json images = shot.value("images", json::array()); !images.empty() && images.size() != 2) {
            problems_.add(at + "/images",
                          fmt::format("found {}; with effect exactly 2, its characters left and right", images.size()));
        }
        refuse_beside(shot, at, "an effect", k_not_with_effect);
    }

    void check_multi_shot(const json& shot, const std::string& at)
    {
        if (!shot.contains("multi_shot") || shot.contains("clip") || shot.contains("card")) {
            return;
        }
        refuse_beside(shot, at, "multi_shot", k_not_with_multi_shot);
        double sum = 0;
        for (const json& part : shot.at("multi_shot")) {
            sum += part.at("seconds").get<double>();
        }
        if (shot.contains("seconds") && parse_seconds(shot.at("seconds")) != sum) {
            problems_.add(at + "/seconds", fmt::format("found {}; must be {}, the sum of multi_shot, or left out",
                                                       found_text(shot.at("seconds")), sum));
        }
    }

    void check_references(const json& shot, const std::string& at)
    {
        if (!shot.contains("references") || shot.contains("clip") || shot.contains("card")) {
            return;
        }
        refuse_beside(shot, at, "references", k_not_with_references);
        std::set<std::string> names;
        for (std::size_t i = 0; i < shot.at("references").size(); ++i) {
            const json& reference = shot.at("references")[i];
            const std::string place = pointer_to(at + "/references", i);
            for (const char* key : {"image", "clip", "sound"}) {
                check_is_file(reference, key, place);
            }
            if (const auto name = reference.at("name").get<std::string>(); !names.insert(name).second) {
                problems_.add(place + "/name", fmt::format("\"{}\" is another reference's name already", name));
            }
        }
    }

    void check_edit(const json& shot, const std::string& at)
    {
        if (!shot.contains("edit") || shot.contains("clip") || shot.contains("card")) {
            return;
        }
        refuse_beside(shot, at, "edit", k_not_with_edit);
        if (shot.value("prompt", "").empty()) {
            problems_.add(at + "/prompt", "missing; it says what is changed in the film");
        }
    }

    template <std::size_t n>
    void refuse_beside(const json& shot, const std::string& at, const char* owner,
                       const std::array<const char*, n>& keys)
    {
        for (const char* key : keys) {
            if (shot.contains(key)) {
                problems_.add(pointer_to(at, key), fmt::format("cannot stand beside {}; remove it", owner));
            }
        }
    }

    void check_lip_sync(const json& sync, const std::string& at)
    {
        check_is_file(sync, "audio", at);
        if (sync.contains("audio") == sync.contains("text")) {
            problems_.add(at, fmt::format("found {}; must have exactly one of them",
                                          sync.contains("audio") ? "both audio and text" : "neither audio nor text"));
        } else if (sync.contains("text") && !sync.contains("voice")) {
            problems_.add(at + "/voice", "missing; text is spoken by one of the service's voices");
        }
        for (const char* key : k_with_text) {
            if (sync.contains(key) && !sync.contains("text")) {
                problems_.add(pointer_to(at, key), "only with text");
            }
        }
    }

    void check_captions(const json& captions)
    {
        if (captions.is_string()) {
            check_is_file(captions, "/captions");
            return;
        }
        check_is_file(captions, "file", "/captions");
        const json& shots = board_.at("shots");
        const bool by_shots =
            std::any_of(shots.begin(), shots.end(), [](const json& s) { return s.contains("caption"); });
        if (!captions.contains("file") && !by_shots) {
            problems_.add("/captions/file", "missing, and no shot has a \"caption\"");
        }
    }

    /// A style that is written here; those of files are checked when they are read.
    void check_style(const json& owner, const char* key, const std::string& at)
    {
        if (owner.contains(key) && owner.at(key).is_object()) {
            json style = owner.at(key);
            style["schema"] = "longtake/brand/1"; // where it is written need not be said
            value_of(at + "/" + key, [&] { check_schema(style, "brand", "brand"); });
        }
    }

    static bool has_parts(const json& owner)
    {
        return std::ranges::any_of(k_parts, [&](const char* part) { return owner.contains(part); });
    }

    /// Either `text`, or parts by what they are for.
    void check_parts(const json& owner, const std::string& at)
    {
        if (has_parts(owner) == owner.contains("text")) {
            problems_.add(at,
                          fmt::format("found {}; needs text, or one or more of {}",
                                      owner.contains("text") ? "text and parts beside it" : "neither text nor parts",
                                      join({k_parts.begin(), k_parts.end()})));
        }
    }

    void check_card(const json& card, const std::string& at)
    {
        check_parts(card, at);
        check_style(card, "style", at);
        if (card.contains("style") || has_parts(card)) {
            refuse_beside(card, at, "style, title and the other parts, whose colours and fonts are the style's,",
                          k_plain_card);
        }
    }

    void check_overlays(const json& owner, const std::string& at)
    {
        const json overlays = owner.value("overlays", json::array());
        for (std::size_t i = 0; i < overlays.size(); ++i) {
            const json& overlay = overlays[i];
            const std::string place = pointer_to(at + "/overlays", i);
            check_parts(overlay, place);
            if (overlay.contains("style") && !overlay.contains("text")) {
                problems_.add(place + "/style", "only with text");
            }
            if (overlay.contains("from") && overlay.contains("to") &&
                parse_seconds(overlay["to"]) <= parse_seconds(overlay["from"])) {
                problems_.add(place + "/to", fmt::format("found {}; must be > from ({})", found_text(overlay["to"]),
                                                         found_text(overlay["from"])));
            }
        }
    }

    void check_is_file(const json& owner, const char* key, const std::string& at)
    {
        if (owner.contains(key)) {
            check_is_file(owner.at(key), pointer_to(at, key));
        }
    }

    void check_is_file(const json& path, const std::string& at)
    {
        const auto text = path.get<std::string>();
        if (text.starts_with("http://") || text.starts_with("https://")) {
            problems_.add(at, "found an address; must be a file: download it first");
        }
    }

    const json& board_;
    Problems& problems_;
    std::map<std::string, std::string> ids_;
};

} // namespace

void check_storyboard_rules(const nlohmann::json& board, const std::string& origin)
{
    Problems problems(origin);
    Rules(board, problems).check();
    problems.check();
}

} // namespace longtake
