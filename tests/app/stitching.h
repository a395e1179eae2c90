#pragma once

#include "pipeline/app/app.h"

#include "tests/support/numbered.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace longtake::test {

/// `longtake stitch` as a user has it, and what a right film is.
class Stitching : public ::testing::Test {
protected:
    struct Answer {
        int status = -1;
        nlohmann::json result; ///< the last line
        std::string err;

        /// Whether any frame is encoded for a reason that has `words` in it.
        bool says(const std::string& words) const
        {
            return std::any_of(result["stretches"].begin(), result["stretches"].end(), [&](const auto& stretch) {
                return stretch.value("reason", "").find(words) != std::string::npos;
            });
        }

        std::int64_t copied() const
        {
            std::int64_t frames = 0;
            for (const auto& stretch : result["stretches"]) {
                frames += stretch["kind"] == "copy" ? stretch["frames"].template get<std::int64_t>() : 0;
            }
            return frames;
        }
    };

    static Answer longtake(std::vector<std::string> words)
    {
        words.insert(words.begin(), "longtake");
        words.emplace_back("--json");
        std::vector<const char*> argv;
        for (const std::string& word : words) {
            argv.push_back(word.c_str());
        }
        app::Environment environment;
        environment.variable = [](const std::string&) { return std::nullopt; };
        std::ostringstream out;
        std::ostringstream err;
        Answer answer;
        answer.status = app::run(static_cast<int>(argv.size()), argv.data(), out, err, environment);
        std::istringstream lines(out.str());
        for (std::string line; std::getline(lines, line);) {
            answer.result = nlohmann::json::parse(line);
        }
        answer.err = err.str();
        return answer;
    }

    /// Explains, then makes, `film()` of `words` (clips and options).
    void stitch(const std::vector<std::string>& words)
    {
        std::vector<std::string> command = {"stitch"};
        command.insert(command.end(), words.begin(), words.end());
        command.emplace_back("--explain");
        explained_ = longtake(command);
        ASSERT_EQ(explained_.status, 0) << explained_.err << explained_.result;
        command.back() = "-o";
        command.insert(command.end(), {film(), "--encoder-preset", "veryfast", "-y"});
        made_ = longtake(command);
        ASSERT_EQ(made_.status, 0) << made_.err << made_.result;
        EXPECT_EQ(made_.result["outputs"][0].value("rendered_because", ""), "");
    }

    std::string film() const { return (dir_ / "film.mp4").string(); }

    /// Whatever it is a film of: the frames planned, on the grid of one rate, in a container exactly as long; it plays
    /// without a complaint, and what is copied is the source's, bit for bit.
    void expect_whole(double fps = 24)
    {
        const auto frames = explained_.result["frames"].get<std::int64_t>();
        seen_ = decoded(film());
        EXPECT_EQ(seen_.complaints, "");
        ASSERT_EQ(seen_.frames(), frames);
        expect_grid(frames, fps);
        static std::map<std::string, Decoded> sources; // some are in many films
        for (const auto& stretch : explained_.result["stretches"]) {
            if (stretch["kind"] != "copy") {
                continue;
            }
            const std::string file = stretch["file"];
            if (!sources.contains(file)) {
                sources[file] = decoded(file);
            }
            for (std::int64_t i = 0; i < stretch["frames"]; ++i) {
                const std::int64_t at = stretch["at"].get<std::int64_t>() + i;
                ASSERT_EQ(seen_.frame(at), sources[file].frame(stretch["source"].get<std::int64_t>() + i))
                    << "frame " << at;
            }
        }
    }

    /// After expect_whole(): every frame's number, where one is wanted; every flash with its beep, within 2 ms, but for
    /// flashes of silent clips.
    void expect_numbers(const std::vector<std::optional<int>>& wanted, const std::set<std::size_t>& silent = {}) const
    {
        ASSERT_EQ(seen_.frames(), std::ssize(wanted));
        std::vector<double> flashes;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const SeenFrame seen = seen_in(seen_.frame(static_cast<std::int64_t>(i)));
            if (wanted[i]) {
                EXPECT_EQ(seen.number, *wanted[i]) << "frame " << i;
            }
            if (seen.flash && !silent.contains(i)) {
                flashes.push_back(static_cast<double>(i) / 24);
            }
        }
        const auto beeps = beeps_in(film());
        ASSERT_EQ(beeps.size(), flashes.size());
        for (std::size_t i = 0; i < beeps.size(); ++i) {
            EXPECT_NEAR(beeps[i], flashes[i], 0.002) << "beep " << i;
        }
    }

    TempDir dir_;
    Answer explained_;
    Answer made_;
    Decoded seen_; ///< the film, by expect_whole()

private:
    void expect_grid(std::int64_t frames, double fps) const
    {
        std::istringstream packets(
            output_of("ffprobe -v error -select_streams v:0 -show_entries packet=pts_time,dts_time "
                      "-of csv=p=0 \"" +
                      film() + "\""));
        std::vector<double> shown;
        std::vector<double> decoded;
        for (std::string line; std::getline(packets, line);) {
            shown.push_back(std::stod(line));
            decoded.push_back(std::stod(line.substr(line.find(',') + 1)));
        }
        std::sort(shown.begin(), shown.end());
        for (std::size_t i = 0; i < shown.size(); ++i) {
            EXPECT_NEAR(shown[i], static_cast<double>(i) / fps, 2e-6);
            EXPECT_NEAR(decoded[i] - decoded[0], static_cast<double>(i) / fps, 2e-6);
        }
        std::istringstream lengths(
            output_of("ffprobe -v error -show_entries stream=duration:format=duration -of csv=p=0 \"" + film() + "\""));
        for (std::string line; std::getline(lengths, line);) {
            EXPECT_NEAR(std::stod(line), static_cast<double>(frames) / fps, 2e-5) << "a track or the file";
        }
    }
};

} // namespace longtake::test
