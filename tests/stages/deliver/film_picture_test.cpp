#include "stages/deliver/film_picture.h"

#include "tests/support/clips.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <opencv2/imgcodecs.hpp>

#include <nlohmann/json.hpp>

namespace longtake::stages {
namespace {

class FilmPictureTest : public ::testing::Test {
protected:
    FilmPictureTest()
    {
        Item item;
        item.shot = "counting";
        item.frames = 100;
        item.ranges = {{Range::Kind::footage,
                        test::write_counting_clip(dir_ / "clip.mp4", {100, {320, 180}, {10, 1}, 20, 2}), "", 0, 100}};
        film_.rate = {10, 1};
        film_.size = {320, 180};
        film_.items = {item};
    }

    /// Makes it, and gives all its files their names.
    Deliverable made(const nlohmann::json& changes, const std::vector<std::filesystem::path>& beside)
    {
        OutputSpec spec;
        spec.preset = changed_preset(master_preset(), {{"container", "jpeg"}, {"extension", ".jpg"}});
        spec.preset = changed_preset(spec.preset, changes);
        spec.file = dir_ / "film.jpg";
        spec.beside = beside;
        EXPECT_TRUE(is_picture(spec.preset));
        PartFile part(spec.file);
        std::vector<PartFile> others;
        const render::Rendition rendition(film_, {film_.size}, film_.rate);
        Deliverable deliverable = write_picture(spec, rendition, part, others, {});
        part.commit();
        for (PartFile& other : others) {
            other.commit();
        }
        for (const DeliveredFile& file : deliverable.files) {
            EXPECT_EQ(file.bytes, static_cast<std::int64_t>(std::filesystem::file_size(file.file)));
        }
        return deliverable;
    }

    test::TempDir dir_;
    Timeline film_;
};

TEST_F(FilmPictureTest, APosterHasTheFilmsSize)
{
    const Deliverable deliverable = made(nlohmann::json::object(), {});
    ASSERT_EQ(deliverable.files.size(), 1U);
    EXPECT_EQ(cv::imread((dir_ / "film.jpg").string()).size(), cv::Size(320, 180));
}

TEST_F(FilmPictureTest, ASheetHasAFileBesideItThatSaysWhereEachPictureIs)
{
    const Deliverable deliverable =
        made({{"sprites", {{"interval", 2}, {"tile", "64x64"}, {"columns", 3}, {"rows", 4}}}}, {dir_ / "film.vtt"});
    ASSERT_EQ(deliverable.files.size(), 2U);
    EXPECT_EQ(deliverable.frames, 5);
    EXPECT_EQ(cv::imread((dir_ / "film.jpg").string()).size(), cv::Size(3 * 64, 2 * 36));
    EXPECT_NE(read_text(dir_ / "film.vtt").find("00:00:08.000 --> 00:00:10.000\nfilm.jpg#xywh=64,36,64,36\n"),
              std::string::npos);
}

TEST_F(FilmPictureTest, ALongFilmIsStillOnOneSheet)
{
    const Deliverable deliverable =
        made({{"sprites", {{"interval", 0.5}, {"tile", "64x64"}, {"columns", 2}, {"rows", 2}}}}, {dir_ / "film.vtt"});
    EXPECT_EQ(deliverable.frames, 4) << "every 2.5 s";
    EXPECT_EQ(cv::imread((dir_ / "film.jpg").string()).size(), cv::Size(2 * 64, 2 * 36));
}

} // namespace
} // namespace longtake::stages
