#pragma once

#include "pipeline/app/app.h"
#include "tests/support/boards.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

namespace longtake::test {

/// What a command came to.
struct Outcome {
    int status = -1;
    std::string out;
    std::string err;

    /// The last line of a command with --json.
    nlohmann::json result() const
    {
        std::istringstream lines(out);
        std::string line;
        std::string last;
        while (std::getline(lines, line)) {
            last = line;
        }
        return nlohmann::json::parse(last);
    }
};

/// Commands as a user types them, in a folder of their own.
class CommandLine : public ::testing::Test {
protected:
    Outcome run(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "longtake");
        std::vector<const char*> argv;
        for (const std::string& argument : arguments) {
            argv.push_back(argument.c_str());
        }
        app::Environment environment;
        environment.variable = [this](const std::string& name) {
            const auto found = variables_.find(name);
            return found == variables_.end() ? std::nullopt : std::optional(found->second);
        };
        environment.answer = answer_;
        std::ostringstream out;
        std::ostringstream err;
        Outcome outcome;
        outcome.status = app::run(static_cast<int>(argv.size()), argv.data(), out, err, environment);
        outcome.out = out.str();
        outcome.err = err.str();
        return outcome;
    }

    std::string board(const nlohmann::json& json) { return write_board(dir_ / "board.json", json).string(); }

    TempDir dir_;
    std::map<std::string, std::string> variables_;
    std::function<std::optional<std::string>(const std::string&)> answer_;
};

} // namespace longtake::test
