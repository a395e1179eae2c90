// Voices and captions from a storyboard to files.
#include "pipeline/base/files.h"
#include "pipeline/flow/film.h"
#include "tests/flow/film_setup.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/photos.h"
#include "tests/support/sound.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longtake {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SpokenFilmTest : public ::testing::Test {
protected:
    SpokenFilmTest()
    {
        test::write_wav(dir_ / "voice.wav", test::sound(2 * 48000, test::sine(300, 0.2)));
        write_atomic(dir_ / "film.srt",
                     "1\n00:00:00,200 --> 00:00:01,000\nHello\n\n"
                     "2\n00:00:01,000 --> 00:00:01,300\nmuch too fast to be read by anybody at all\n\n"
                     "3\n00:01:00,000 --> 00:01:01,000\nlate\n");
    }

    Storyboard board(const nlohmann::json& changes)
    {
        nlohmann::json json = {{"schema", "longtake/storyboard/1"},
                               {"title", "Spoken"},
                               {"size", "320x180"},
                               {"fps", 10},
                               {"shots", {{{"id", "a"}, {"card", {{"text", "One"}}}, {"seconds", 2}}}}};
        json.merge_patch(changes);
        return storyboard_from_json(json, dir_.path(), "test");
    }

    test::FilmSetup setup() { return test::setup_in(dir_.path(), "out"); }

    static std::string probed(const std::filesystem::path& file, const std::string& what)
    {
        return test::output_of("ffprobe -v error -show_entries " + what + " -of csv=p=0 '" + file.string() + "'");
    }

    test::TempDir dir_;
};

TEST_F(SpokenFilmTest, CaptionsLeaveInEveryForm)
{
    const Storyboard film =
        board({{"captions", {{"file", "film.srt"}, {"as", {"burned", "soft", "side-car"}}, {"language", "en"}}}});
    test::FilmSetup setup = this->setup();
    setup.options.posters = true;
    const FilmResult made = make_film(film, setup.options, setup.account, setup.observer);
    ASSERT_EQ(made.deliverables.size(), 1U);
    const auto& files = made.deliverables[0].files;
    ASSERT_EQ(files.size(), 4U);
    const std::filesystem::path stem = files[0].file.parent_path() / "spoken-master";
    EXPECT_EQ(files[1].file, stem.string() + ".en.srt");
    EXPECT_THAT(read_text(files[1].file), HasSubstr("00:00:00,200 --> 00:00:01,000\nHello"));
    EXPECT_THAT(read_text(files[2].file), HasSubstr("WEBVTT"));
    EXPECT_EQ(files[3].file, stem.string() + ".jpg");
    EXPECT_THAT(probed(files[3].file, "stream=width,height"), HasSubstr("320,180"));
    EXPECT_THAT(probed(files[0].file, "stream=codec_name"), HasSubstr("mov_text"));
    EXPECT_THAT(made.plan.notes, ::testing::Contains(HasSubstr("1 of 2 go by faster than 20 letters a second")));
    EXPECT_THAT(made.plan.notes, ::testing::Contains(HasSubstr("1 of 3 begin after the film has ended, at 2.0 s")));

    EXPECT_TRUE(make_film(film, setup.options, setup.account, setup.observer).nothing_to_do);
    std::filesystem::remove(files[1].file);
    EXPECT_FALSE(make_film(film, setup.options, setup.account, setup.observer).nothing_to_do);
    EXPECT_TRUE(std::filesystem::exists(files[1].file)) << "what is missing is made again";
}

TEST_F(SpokenFilmTest, SomebodyElsesFileBesideItIsNotOverwritten)
{
    const Storyboard film = board({{"captions", {{"file", "film.srt"}, {"as", {"side-car"}}}}});
    const test::FilmSetup setup = this->setup();
    std::filesystem::create_directories(dir_ / "out");
    write_atomic(dir_ / "out/spoken-master.srt", "mine");
    EXPECT_THROW(make_film(film, setup.options, setup.account, setup.observer), Error);
    EXPECT_EQ(read_text(dir_ / "out/spoken-master.srt"), "mine");
    EXPECT_FALSE(std::filesystem::exists(dir_ / "out/spoken-master.mp4"));
}

TEST_F(SpokenFilmTest, AShotIsAsLongAsItsVoiceAndSaysIt)
{
    const Storyboard film = board({{"shots",
                                    {{{"id", "a"},
                                      {"card", {{"text", "One"}}},
                                      {"voice", "voice.wav"},
                                      {"seconds", "voice"},
                                      {"caption", "Hello"}}}},
                                   {"captions", {{"as", {"soft"}}}}});
    const test::FilmSetup setup = this->setup();
    const FilmResult made = make_film(film, setup.options, setup.account, setup.observer);
    EXPECT_EQ(made.plan.frames, 26) << "two seconds of voice, 0.2 s before and 0.4 s after it";
    const auto& film_file = made.deliverables.at(0).file();
    EXPECT_THAT(probed(film_file, "stream=codec_type"), HasSubstr("audio"));
    EXPECT_NEAR(made.deliverables[0].loudness.value_or(0), -14, 1);
    const std::string srt = test::output_of("ffmpeg -v error -i '" + film_file.string() + "' -map 0:s -f srt -");
    EXPECT_THAT(srt, HasSubstr("00:00:00,200 --> 00:00:02,2"));
    EXPECT_THAT(srt, HasSubstr("Hello"));

    nlohmann::json louder = {{"audio", {{"voice", "voice.wav"}}}};
    EXPECT_FALSE(make_film(board(louder), setup.options, setup.account, setup.observer).nothing_to_do);
}

TEST_F(SpokenFilmTest, WhatCannotBeReadIsSaidBeforeAnythingIsMade)
{
    write_atomic(dir_ / "broken.vtt", "no captions here");
    const test::FilmSetup setup = this->setup();
    const auto complaint = [&](const nlohmann::json& changes) -> std::string {
        try {
            make_film(board(changes), setup.options, setup.account, setup.observer);
        } catch (const Error& error) {
            return error.what();
        }
        return "none";
    };
    EXPECT_THAT(complaint({{"captions", "broken.vtt"}}), HasSubstr("captions: broken.vtt: holds no captions"));
    EXPECT_THAT(complaint({{"captions", "missing.srt"}}), HasSubstr("missing.srt"));
    EXPECT_THAT(complaint({{"audio", {{"voice", "film.srt"}}}}), HasSubstr("voice: "));
    EXPECT_FALSE(std::filesystem::exists(dir_ / "out"));
}

TEST_F(SpokenFilmTest, VoicesThatDoNotFitAreNoted)
{
    const test::FilmSetup setup = this->setup();
    const Plan plan =
        plan_film(board({{"audio", {{"voice", "voice.wav"}}},
                         {"shots",
                          {{{"id", "a"}, {"card", {{"text", "One"}}}, {"seconds", 1}},
                           {{"id", "b"}, {"card", {{"text", "Two"}}}, {"seconds", 1.5}, {"voice", "voice.wav"}}}}}),
                  setup.options, setup.account);
    EXPECT_THAT(plan.notes, ElementsAre(HasSubstr("voice voice.wav: still speaks when voice.wav begins, at 1.0 s"),
                                        HasSubstr("voice voice.wav: its last 0.5 s are cut off by the film's end")));
}

} // namespace
} // namespace longtake
