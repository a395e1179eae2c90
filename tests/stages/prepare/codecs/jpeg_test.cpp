#include "stages/prepare/codecs/codecs.h"

#include "tests/stages/prepare/pictures.h"

namespace longtake::test {
namespace {

using stages::picture::decode_jpeg;
using stages::picture::encode_jpeg;

TEST(Jpeg, IsGivenUpWhenItGetsTooLong)
{
    cv::Mat picture(600, 900, CV_8UC3);
    cv::randu(picture, 0, 256);
    const std::optional<std::string> jpeg = encode_jpeg(picture, 95, 10'000'000);
    ASSERT_TRUE(jpeg);
    const auto length = static_cast<std::int64_t>(jpeg->size());

    EXPECT_EQ(encode_jpeg(picture, 95, length), jpeg);
    for (const std::int64_t most : {length - 1, length / 2, std::int64_t{300}, std::int64_t{1}}) {
        EXPECT_FALSE(encode_jpeg(picture, 95, most)) << most;
    }
}

TEST(Jpeg, DamageOutsideThePartThatIsShownIsFound)
{
    std::string jpeg = encoded(quarters(1600, 1200), ".jpg");
    const stages::picture::View top{{1600, 1200}, {0, 0, 800, 200}, {400, 100}};
    EXPECT_EQ(decode_jpeg(jpeg, top).colour.size(), cv::Size(400, 100));

    jpeg.resize(jpeg.size() - jpeg.size() / 4);

    EXPECT_THROW(decode_jpeg(jpeg, top), Error);
}

TEST(Jpeg, OfAnotherSizeThanItsHeaderSaidIsRefused)
{
    const std::string jpeg = encoded(quarters(600, 400), ".jpg");

    EXPECT_THROW(decode_jpeg(jpeg, {{600, 401}, {0, 0, 600, 400}, {300, 200}}), Error);
    EXPECT_THROW(decode_jpeg(jpeg, {{600, 400}, {1, 0, 600, 400}, {300, 200}}), Error);
}

TEST(Jpeg, RowsAreHeardAsTheyAreMade)
{
    const std::string jpeg = encoded(quarters(600, 400), ".jpg");
    std::vector<cv::Mat> rows;
    const cv::Mat all = decode_jpeg(jpeg, {{600, 400}, {0, 0, 600, 400}, {150, 100}}, [&](const cv::Mat& row) {
                            rows.push_back(row);
                        }).colour;

    ASSERT_EQ(rows.size(), 100U);
    cv::Mat joined;
    cv::vconcat(rows, joined);
    EXPECT_EQ(cv::norm(joined, all, cv::NORM_INF), 0);
}

} // namespace
} // namespace longtake::test
