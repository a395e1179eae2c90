#include "pipeline/interchange/edit.h"

#include "pipeline/base/error.h"
#include "pipeline/interchange/formats.h"
#include "tests/support/temp_dir.h"
#include "tests/support/timelines.h"

#include <gtest/gtest.h>

#include <fstream>

namespace longtake::interchange {
namespace {

using nlohmann::json;
using test::two_shots;

constexpr Rate k_rate{30, 1};

std::string told(const std::vector<ShotEdit>& edits)
{
    std::string text;
    for (const ShotEdit& edit : edits) {
        text +=
            (edit.way.frames > 0 ? word(edit.way.type) + std::to_string(edit.way.frames) + (edit.way.held ? "! " : " ")
                                 : "") +
            edit.shot + std::to_string(edit.from) + "+" + std::to_string(edit.frames) + " ";
    }
    return text;
}

/// The same clips in another order, without what led from one to the next.
json reordered(json otio, const std::vector<std::size_t>& order)
{
    json& children = otio["tracks"]["children"][0]["children"];
    json clips = json::array();
    for (const std::size_t i : order) {
        clips.push_back(children[i]);
    }
    children = clips;
    return otio;
}

std::string complaint(const std::vector<EditClip>& clips, const Timeline& film)
{
    try {
        edits_of(clips, film);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        return error.what();
    }
    return "";
}

TEST(EditTest, WhatWasExportedComesBackAsItWas)
{
    for (const bool held : {true, false}) {
        const Timeline film = two_shots(held);
        const std::string whole = held ? "a0+100 dissolve15! b0+60 " : "a0+100 dissolve15 b0+60 ";
        EXPECT_EQ(told(edits_of(read_otio(to_otio({"Film", film}), k_rate), film)), whole);
        EXPECT_EQ(told(edits_of(read_edl(to_edl({"Film", film}), k_rate), film)), whole);
    }
}

TEST(EditTest, ShotsAreReorderedAndTrimmed)
{
    const Timeline film = two_shots(true);
    json otio = reordered(to_otio({"Film", film}), {3, 0}); // b, then a's first take
    json& clips = otio["tracks"]["children"][0]["children"];
    clips[0]["source_range"]["start_time"]["value"] = 20.0;
    clips[0]["source_range"]["duration"]["value"] = 30.0;
    clips[1]["source_range"]["start_time"] = {{"OTIO_SCHEMA", "RationalTime.1"}, {"rate", 60.0}, {"value", 20.0}};
    clips[1]["source_range"]["duration"] = {{"OTIO_SCHEMA", "RationalTime.1"}, {"rate", 60.0}, {"value", 100.0}};
    EXPECT_EQ(told(edits_of(read_otio(otio, k_rate), film)), "b20+30 a10+50 ");
}

TEST(EditTest, TheSecondTakeOfAShotIsCountedFromTheShotsBeginning)
{
    const Timeline film = two_shots(true);
    const json otio = reordered(to_otio({"Film", film}), {1, 3});
    EXPECT_EQ(told(edits_of(read_otio(otio, k_rate), film)), "a90+10 b0+60 ");
}

TEST(EditTest, ATransitionBorrowsWhatTheShotsHaveOrHoldsThePicture)
{
    const Timeline film = two_shots(true);
    const auto laid = [&](std::int64_t a, std::int64_t b, std::int64_t before, std::int64_t after) {
        const std::vector<EditClip> clips{{.name = "a", .file = "/t/a 1.mp4", .first = 0, .frames = a},
                                          {.name = "b",
                                           .first = b,
                                           .frames = 30,
                                           .before = before,
                                           .after = after,
                                           .type = TransitionType::dissolve}};
        return told(edits_of(clips, film));
    };
    EXPECT_EQ(laid(50, 20, 5, 5), "a0+55 dissolve10 b15+35 ") << "both have frames";
    EXPECT_EQ(laid(50, 0, 5, 5), "a0+60 dissolve10 b0+30 ") << "b begins with its first";
    EXPECT_EQ(laid(80, 0, 5, 15), "a0+100 dissolve20 b0+30 ");
    EXPECT_EQ(laid(90, 5, 0, 20), "a0+90 dissolve20! b5+30 ") << "neither has any";
}

TEST(EditTest, WhatCannotBeMappedIsNamedWithWhatHelps)
{
    const Timeline film = two_shots(true);
    EXPECT_EQ(complaint({{.name = "sunset.mov", .frames = 10}}, film),
              "clip 1 'sunset.mov' is none of the film's shots (a, b); name it after its shot, or take it out");
    EXPECT_EQ(complaint({{.name = "b", .first = 70, .frames = 10}}, film),
              "clip 1 'b' shows frames 70 to 80 of its footage, and the film has 0 to 60 of it; trim it within them");
    EXPECT_NE(complaint({{.name = "a", .file = "/t/a 1.mp4", .first = 80, .frames = 20}}, film), "")
        << "its first take ends before";
    EXPECT_EQ(
        complaint({{.name = "a", .first = 0, .frames = 10},
                   {.name = "b", .first = 30, .frames = 10, .before = 20, .type = TransitionType::dissolve}},
                  film),
        "clip 1 'a' is 10 frames long, too short for the transitions of 0 and 20 frames beside it; shorten those");
    EXPECT_THROW(check_shots({{.name = "x", .shot = "moon"}}, {"a", "b"}), Error);
    EXPECT_NO_THROW(check_shots({{.name = "x", .shot = "b"}, {.name = "y"}}, {"a", "b"}));
}

TEST(EditTest, AFileIsReadByItsEnding)
{
    const test::TempDir dir;
    std::ofstream(dir / "cut.otio") << to_otio({"Film", two_shots(true)});
    std::ofstream(dir / "cut.edl") << to_edl({"Film", two_shots(true)});
    std::ofstream(dir / "cut.aaf") << "x";
    std::ofstream(dir / "broken.otio") << "{";
    EXPECT_EQ(read_edit(dir / "cut.otio", k_rate).size(), 3U);
    EXPECT_EQ(read_edit(dir / "cut.edl", k_rate).size(), 2U);
    EXPECT_THROW(read_edit(dir / "cut.aaf", k_rate), Error);
    EXPECT_THROW(read_edit(dir / "broken.otio", k_rate), Error);
    EXPECT_THROW(read_edit(dir / "none.otio", k_rate), Error);
}

} // namespace
} // namespace longtake::interchange
