#pragma once

#include "pipeline/app/app.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/sandbox/sandbox.h"
#include "tests/support/boards.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace longtake::test {

using nlohmann::json;

/// The whole program against the sandbox, the way a user of a paid service runs it.
class PaidRun {
public:
    explicit PaidRun(const std::string& provider = "kling") : provider_(provider), sandbox_(settings())
    {
        variables_ = sandbox_.environment();
        variables_["LONGTAKE_POLL_SECONDS"] = "0.02";
        variables_["XDG_STATE_HOME"] = dir_ / "state";
        variables_["XDG_CONFIG_HOME"] = dir_ / "config";
        configure(json::object());
    }

    /// Further members of `providers.<name>` in the user's configuration.
    void configure(const json& more)
    {
        json service = {{"reconcile_seconds", 0.2},
                        {"submit_timeout", 1},
                        {"prices", {{"kling-v1-6", {{"std", 0.056}, {"pro", 0.098}}}}}};
        service.update(more);
        std::filesystem::create_directories(dir_ / "config/longtake");
        std::ofstream(dir_ / "config/longtake/config.json") << json{{"providers", {{provider_, service}}}};
    }

    /// A film of so many shots of 5 s, from a picture where the service makes them so with this model.
    void film(int count, const std::string& model = "kling-v1-6")
    {
        json shots = json::array();
        for (int i = 0; i < count; ++i) {
            shots.push_back({{"id", "shot" + std::to_string(i)}, {"seconds", 5}});
            if (provider_ != "dmxapi" || model != "kling-v2-6") {
                shots.back()["image"] = photo("coffee.png");
            }
        }
        film({{"transition", {{"type", "cut"}}}, {"model", model}}, shots);
    }

    /// Made with kling-v1-6, which every service has, unless the defaults say another.
    void film(json defaults, json shots)
    {
        defaults.emplace("model", "kling-v1-6");
        for (json& shot : shots) {
            if (!shot.contains("multi_shot")) {
                shot["prompt"] = "what happens in " + shot["id"].get<std::string>();
            }
        }
        write_board(dir_ / "board.json", {{"schema", "longtake/storyboard/1"},
                                          {"provider", provider_},
                                          {"size", "160x90"},
                                          {"fps", 24},
                                          {"defaults", defaults},
                                          {"shots", shots},
                                          {"deliver", {"preview/360p"}}});
    }

    /// Takes the plan of the film has.
    std::size_t planned()
    {
        EXPECT_EQ(run({"--dry-run", "--json"}), 0) << said_;
        std::istringstream lines(said_);
        std::string result;
        std::getline(lines, result); // a plan says one line, and nothing on the way
        return json::parse(result).at("takes").size();
    }

    int run(std::vector<std::string> more = {"--yes"})
    {
        std::vector<std::string> arguments = {"longtake",   "run", dir_ / "board.json", "-o",
                                              dir_ / "out", "-v",  "--log-file",        dir_ / "log"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        std::vector<const char*> argv;
        for (const std::string& argument : arguments) {
            argv.push_back(argument.c_str());
        }
        app::Environment environment;
        environment.variable = [this](const std::string& name) {
            const auto found = variables_.find(name);
            return found == variables_.end() ? std::nullopt : std::optional(found->second);
        };
        std::ostringstream out;
        std::ostringstream err;
        const int status = app::run(static_cast<int>(argv.size()), argv.data(), out, err, environment);
        said_ = out.str() + err.str();
        all_said_ += said_;
        return status;
    }

    void fault(const std::string& name) { sandbox_.order_fault(name); }
    int billed() const { return static_cast<int>(sandbox_.state()["bills"].size()); }
    int requests() const { return sandbox_.state()["requests_total"]; }
    int leaks() const { return static_cast<int>(sandbox_.state()["leaks"].size()); }
    const std::string& said() const { return said_; }
    const std::filesystem::path folder() const { return dir_.path(); }

    std::size_t footage() const
    {
        const auto takes = dir_.path() / "board.longtake/takes";
        return std::filesystem::exists(takes)
                   ? static_cast<std::size_t>(
                         std::count_if(std::filesystem::directory_iterator(takes), {},
                                       [](const auto& entry) { return entry.path().extension() == ".mp4"; }))
                   : 0;
    }

    /// Everything the program wrote or said, for one who looks for a key in it.
    std::string everything() const
    {
        std::string all = all_said_;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
            if (entry.is_regular_file()) {
                std::ifstream file(entry.path(), std::ios::binary);
                all.append(std::istreambuf_iterator<char>(file), {});
            }
        }
        return all;
    }

    std::map<std::string, std::string> keys() const { return sandbox_.keys(); }
    void forget_key(const std::string& name) { variables_.erase(name); }
    void set(const std::string& name, const std::string& value) { variables_[name] = value; }
    sandbox::Sandbox& sandbox() { return sandbox_; }
    std::filesystem::path workdir() const { return dir_.path() / "board.longtake"; }

private:
    static sandbox::Settings settings()
    {
        sandbox::Settings settings;
        settings.preset_dirs = {std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"};
        settings.size = Size{64, 36};
        settings.queue_seconds = 0;
        settings.take_seconds = 0.02;
        return settings;
    }

    std::string provider_;
    TempDir dir_;
    sandbox::Sandbox sandbox_;
    std::map<std::string, std::string> variables_;
    std::string said_;
    std::string all_said_;
};

} // namespace longtake::test
