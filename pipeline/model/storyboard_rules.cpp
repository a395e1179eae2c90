#include "pipeline/model/storyboard_rules.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/model/schema.h"
#include "pipeline/model/storyboard.h"

#include <fmt/format.h>

#include <array>
#include <map>

namespace longtake {
namespace {

using nlohmann::json;

constexpr double k_longest_shot = 3600; ///< seconds, as in the schema

constexpr std::array k_subjects = {"image", "clip", "card"};
constexpr std::array k_files = {"image", "end_image", "clip", "static_mask"};
constexpr std::array k_axis_names = {"horizontal", "vertical", "pan", "tilt", "roll", "zoom"};

/// Keys that ask something of a generation; on a clip or card they would do nothing.
constexpr std::array k_generation = {"prompt", "extend_prompts", "model", "mode",           "cfg_scale",
                                     "camera", "continue",       "sound", "negative_prompt"};

class Rules {
public:
    Rules(const json& board, Problems& problems) : board_(board), problems_(problems) {}

    void check()
    {
        value_of("/size", [&] { check_size(); });
        value_of("/fps", [&] { check_fps(); });
        if (board_.contains("defaults")) {
            check_settings(board_.at("defaults"), "/defaults");
        }
        const json& shots = board_.at("shots");
        for (std::size_t i = 0; i < shots.size(); ++i) {
            check_shot(shots[i], pointer_to("/shots", i), i);
        }
        if (board_.contains("audio")) {
            check_is_file(board_.at("audio"), "music", "/audio");
        }
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

    void check_shot(const json& shot, const std::string& at, std::size_t index)
    {
        check_id(shot, at, index);
        check_subject(shot, at);
        check_seconds(shot, at);
        check_settings(shot, at);
        for (const char* key : k_files) {
            check_is_file(shot, key, at);
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
            problems_.add(at, fmt::format("found {}; a shot has one of image, clip, card", join(found, " and ")));
            return;
        }
        if (found.empty() && shot.value("prompt", "").empty()) {
            problems_.add(at, "needs an image, a clip or a card, or a prompt alone for text to video");
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
        if (!shot.contains("seconds") && !shot.contains("clip")) {
            problems_.add(at + "/seconds", "missing");
        }
        check_length(shot, at);
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
        if (const double seconds = parse_seconds(text); seconds <= 0 || seconds > k_longest_shot) {
            problems_.add(at + "/seconds", fmt::format("found {}; must be {}", found_text(text),
                                                       seconds <= 0 ? "> 0" : "<= 3600 seconds"));
        }
    }

    void check_settings(const json& keys, const std::string& at)
    {
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

    void check_is_file(const json& owner, const char* key, const std::string& at)
    {
        const std::string text = owner.value(key, "");
        if (text.starts_with("http://") || text.starts_with("https://")) {
            problems_.add(pointer_to(at, key), "found an address; must be a file: download it first");
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
