#pragma once

#include "stages/plan/plan.h"

#include "pipeline/base/error.h"
#include "pipeline/model/schema/schema.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>

/// What tests of the plan stage share: storyboards of a few words, planned on the models of presets/.
namespace longtake::test {

namespace fs = std::filesystem;
using nlohmann::json;

inline const ModelCatalog& catalog()
{
    static const ModelCatalog loaded = load_models({fs::path(LONGTAKE_SOURCE_DIR) / "presets"});
    return loaded;
}

/// Every input a test may name: pictures by their shape, clips by their name.
inline Inputs facts()
{
    Inputs all;
    const auto add = [&](const char* name, InputInfo media) { all[fs::path("/f") / name] = media; };
    for (const char* wide : {"a.jpg", "b.jpg", "m.png"}) {
        add(wide, {.size = {1920, 1080}, .rate = {}});
    }
    add("tall.jpg", {.size = {1080, 1920}, .rate = {}});
    add("square.jpg", {.size = {1000, 1000}, .rate = {}});
    add("ten.mp4", {.size = {854, 480}, .rate = Rate{25, 1}, .seconds = 10, .sound = true});
    add("ntsc.mp4", {.size = {1280, 720}, .rate = Rate{30000, 1001}, .seconds = 4.1708, .sound = false});
    add("speech.mp3", {.size = {}, .rate = {}, .seconds = 4, .sound = true, .bytes = 64'000});
    add("long.mp4", {.size = {1920, 1080}, .rate = Rate{25, 1}, .seconds = 40, .sound = true});
    add("tune.mp3", {.size = {}, .rate = {}, .seconds = 8, .sound = true, .bytes = 128'000});
    add("sermon.wav", {.size = {}, .rate = {}, .seconds = 59, .sound = true, .bytes = 5'200'000});
    add("speech.ogg", {.size = {}, .rate = {}, .seconds = 4, .sound = true, .bytes = 64'000});
    return all;
}

inline Plan planned(const json& board, const ModelCatalog& models = catalog())
{
    json whole = board;
    whole["schema"] = "longtake/storyboard/1";
    return stages::plan(storyboard_from_json(whole, "/f", "test"), models, facts());
}

/// A film of one shot; `shot` is laid over a picture of 5 s with a prompt, made with kling-v1-6 where it is paid for:
/// the model that every service sells and that has most of what can be asked for.
inline Plan one(const std::string& provider, const json& shot, const ModelCatalog& models = catalog())
{
    json whole = {{"image", "a.jpg"}, {"prompt", "p"}, {"seconds", 5}, {"id", "cup"}};
    if (provider != "local") {
        whole["model"] = "kling-v1-6";
    }
    whole.merge_patch(shot.is_null() ? json::object() : shot); // {} is null to json
    return planned({{"provider", provider}, {"shots", {whole}}}, models);
}

inline std::string complaint(const std::function<void()>& work, Errc code = Errc::usage)
{
    try {
        work();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code);
        return error.what();
    }
    return {};
}

inline std::string refused(const std::string& provider, const json& shot, const ModelCatalog& models = catalog())
{
    return complaint([&] { (void)one(provider, shot, models); });
}

/// "open 10, extend 5"
inline std::string takes_of(const Plan& plan, std::size_t shot = 0)
{
    std::string text;
    for (const PlannedTake& take : plan.shots[shot].takes) {
        text += fmt::format("{}{} {}{}", text.empty() ? "" : ", ", word(take.kind), take.seconds,
                            take.end_frame ? " end" : "");
    }
    return text;
}

inline bool notes(const Plan& plan, const std::string& words)
{
    return std::any_of(plan.notes.begin(), plan.notes.end(),
                       [&](const std::string& note) { return note.find(words) != std::string::npos; });
}

} // namespace longtake::test
