#include "stages/deliver/companions.h"

#include "tests/support/clips.h"
#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::stages {
namespace {

Item item_of(const std::string& shot, const std::filesystem::path& file, std::int64_t start, std::int64_t dissolve)
{
    Item item;
    item.shot = shot;
    item.start = start;
    item.frames = 50;
    item.transition = {dissolve > 0 ? TransitionType::dissolve : TransitionType::cut, dissolve, false};
    item.ranges = {{Range::Kind::footage, file, "", 0, 50}};
    return item;
}

class CompanionsTest : public ::testing::Test {
protected:
    CompanionsTest()
    {
        const auto flat = test::write_counting_clip(dir_ / "flat.mp4", {50, {320, 180}, {25, 1}, 80, 1});
        test::ffmpeg("-f lavfi -i testsrc2=s=320x180:r=25:d=2 -c:v libx264 -pix_fmt yuv420p '" +
                     (dir_ / "sharp.mp4").string() + "'");
        film_.rate = {25, 1};
        film_.size = {320, 180};
        film_.items = {item_of("flat", flat, 0, 0), item_of("sharp", dir_ / "sharp.mp4", 40, 10)};
        film_.captions = Captions{{{0, 1, "Hello", {}}}, {CaptionForm::side_car}, "en"};
    }

    test::TempDir dir_;
    Timeline film_;
};

TEST_F(CompanionsTest, ThePosterIsOfTheSharpestShotOutsideTransitions)
{
    const render::Rendition rendition(film_, {film_.size}, film_.rate);
    EXPECT_GE(poster_frame(rendition), 62) << "about the middle of frames 50 to 90";
    EXPECT_LE(poster_frame(rendition), 78);
}

TEST_F(CompanionsTest, AShotThatIsBlurredInItsMiddleIsShownBesideIt)
{
    test::ffmpeg("-f lavfi -i testsrc2=s=320x180:r=25:d=2 -vf \"boxblur=6:enable='between(t,0.8,1.2)'\" -c:v libx264 "
                 "-pix_fmt yuv420p '" +
                 (dir_ / "moved.mp4").string() + "'");
    film_.items = {item_of("moved", dir_ / "moved.mp4", 0, 0)};
    const std::int64_t k = poster_frame(render::Rendition(film_, {film_.size}, film_.rate));
    EXPECT_TRUE(k == 15 || k == 35) << k;
}

TEST_F(CompanionsTest, AreWrittenInOrderAndListed)
{
    const render::Rendition rendition(film_, {film_.size}, film_.rate);
    OutputSpec spec;
    spec.beside = {dir_ / "film.en.srt", dir_ / "film.en.vtt", dir_ / "film.jpg"};
    Deliverable deliverable;
    deliverable.files = {{dir_ / "film.mp4", "", 0}};
    std::vector<PartFile> parts = write_companions(spec, rendition, deliverable);
    ASSERT_EQ(parts.size(), 3U);
    ASSERT_EQ(deliverable.files.size(), 4U);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        EXPECT_FALSE(std::filesystem::exists(spec.beside[i])) << "not before the film has its name";
        parts[i].commit(Existing::keep);
        EXPECT_EQ(deliverable.files[i + 1].file, spec.beside[i]);
        EXPECT_EQ(deliverable.files[i + 1].bytes,
                  static_cast<std::int64_t>(std::filesystem::file_size(spec.beside[i])));
    }
    EXPECT_NE(read_text(spec.beside[0]).find("Hello"), std::string::npos);
    EXPECT_EQ(read_text(spec.beside[1]).rfind("WEBVTT", 0), 0U);
    EXPECT_EQ(read_text(spec.beside[2]).rfind("\xff\xd8", 0), 0U);
}

} // namespace
} // namespace longtake::stages
