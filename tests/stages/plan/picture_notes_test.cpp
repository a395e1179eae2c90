#include "stages/plan/picture_notes.h"

#include "tests/stages/plan/planned.h"

namespace longtake::test {
namespace {

/// What is said of a picture of 1920x1080 on canvases.
std::vector<std::string> said(const json& shot, const std::vector<Size>& canvases)
{
    Plan plan = one("local", shot);
    plan.notes.clear();
    stages::note_pictures(plan, canvases);
    return plan.notes;
}

TEST(PictureNotesTest, WhatIsEnlargedMoreThanThreeTimesWillLookSoft)
{
    EXPECT_TRUE(said({}, {{1280, 720}, {1080, 1920}}).empty());
    const auto notes = said({{"camera", {{"zoom", -10}}}}, {{1280, 720}, {1080, 1920}});
    ASSERT_EQ(notes.size(), 1U) << "once, for the worst of them";
    EXPECT_NE(notes.front().find("shot 'cup': its picture of 1920x1080 is enlarged 3."), std::string::npos);
    EXPECT_NE(notes.front().find("on 1080x1920"), std::string::npos);
}

TEST(PictureNotesTest, WhatIsKeptWholeIsEnlargedLess)
{
    EXPECT_TRUE(said({{"camera", {{"zoom", -10}}}, {"fit", "blur"}}, {{1080, 1920}}).empty());
}

} // namespace
} // namespace longtake::test
