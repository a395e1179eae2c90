#include "stages/prepare/reduce.h"

#include "tests/stages/prepare/pictures.h"

namespace longtake::test {
namespace {

using stages::picture::reduced;
using stages::picture::Rows;

cv::Mat noise(cv::Size size, int type)
{
    cv::Mat picture(size, type);
    cv::randu(picture, 0, 256);
    return picture;
}

/// The rows of a picture as a decoder would make them.
Rows rows_of(const cv::Mat& picture)
{
    return {picture.size(), picture.channels(), [&picture, y = 0](cv::Mat rows) mutable {
                picture.rowRange(y, y + rows.rows).copyTo(rows);
                y += rows.rows;
            }};
}

cv::Rect2d whole(const cv::Mat& picture)
{
    return {0, 0, static_cast<double>(picture.cols), static_cast<double>(picture.rows)};
}

TEST(Reduce, LeavesOneColourAlone)
{
    for (const cv::Size to : {cv::Size(1, 1), cv::Size(7, 200), cv::Size(299, 199), cv::Size(33, 21)}) {
        const cv::Mat out = reduced(cv::Mat(200, 300, CV_8UC3, cv::Scalar(3, 128, 255)), to);
        ASSERT_EQ(out.size(), to);
        EXPECT_EQ(cv::norm(out, cv::Mat(to, CV_8UC3, cv::Scalar(3, 128, 255)), cv::NORM_INF), 0) << to;
    }
    EXPECT_EQ(reduced(cv::Mat(20, 30, CV_8UC4, cv::Scalar(1, 2, 3, 4)), {9, 9}).at<cv::Vec4b>(4, 4),
              cv::Vec4b(1, 2, 3, 4));
}

TEST(Reduce, KeepsARampWhereItIs)
{
    cv::Mat ramp(40, 1000, CV_8UC3);
    for (int x = 0; x < ramp.cols; ++x) {
        ramp.col(x) = cv::Scalar::all(x / 4);
    }
    const cv::Mat out = reduced(ramp, {431, 17});
    for (int x = 20; x < 410; ++x) { // the middle of a pixel stays the middle
        EXPECT_NEAR(out.at<cv::Vec3b>(8, x)[1], ((x + 0.5) * 1000 / 431 - 0.5) / 4 - 0.375, 0.9) << x;
    }
}

TEST(Reduce, LetsNothingAlias)
{
    cv::Mat stripes(300, 300, CV_8UC3);
    for (int x = 0; x < stripes.cols; ++x) {
        stripes.col(x) = cv::Scalar::all(x % 2 * 255);
    }
    const cv::Mat out = reduced(stripes, {180, 180});
    double least = 0;
    double most = 0;
    cv::minMaxLoc(out(cv::Rect(10, 10, 160, 160)).clone().reshape(1), &least, &most);
    EXPECT_GT(least, 110);
    EXPECT_LT(most, 145);
}

TEST(Reduce, IsTheSameWhileThePictureIsRead)
{
    for (const int type : {CV_8UC1, CV_8UC3, CV_8UC4}) {
        for (const cv::Size size : {cv::Size(640, 480), cv::Size(333, 257), cv::Size(50, 1000), cv::Size(19, 15)}) {
            const cv::Mat picture = noise(size, type);
            for (const double scale : {0.3, 0.51, 0.97, 1.0}) {
                const cv::Size to(std::max(1, static_cast<int>(size.width * scale)),
                                  std::max(1, static_cast<int>(size.height * scale)));
                const cv::Mat out = reduced(rows_of(picture), whole(picture), to);
                ASSERT_EQ(out.type(), type);
                ASSERT_EQ(cv::norm(out, reduced(picture, to), cv::NORM_INF), 0) << size << to;
            }
        }
    }
}

TEST(Reduce, LeavesAPictureOfTheRightSizeAlone)
{
    const cv::Mat picture = noise({211, 97}, CV_8UC3);
    const cv::Rect part(20, 30, 100, 50);

    EXPECT_EQ(cv::norm(reduced(rows_of(picture), whole(picture), picture.size()), picture, cv::NORM_INF), 0);
    EXPECT_EQ(cv::norm(reduced(rows_of(picture), cv::Rect2d(part), part.size()), picture(part), cv::NORM_INF), 0);
}

TEST(Reduce, APartShowsWhatTheWholeShowsThere)
{
    cv::Mat picture = noise({600, 4000}, CV_8UC3);
    cv::GaussianBlur(picture, picture, {}, 3);
    const cv::Mat all = reduced(rows_of(picture), whole(picture), {300, 2000});

    const cv::Mat part = reduced(rows_of(picture), {100, 3000, 400, 800}, {200, 400}); // from far down on
    const cv::Mat between = reduced(rows_of(picture), {0.5, 0, 599, 3999}, {300, 2000});

    EXPECT_EQ(cv::norm(part, all(cv::Rect(50, 1500, 200, 400)), cv::NORM_INF), 0);
    EXPECT_LT(cv::norm(between, all, cv::NORM_INF), 30); // half a pixel off at most
}

TEST(Reduce, AReaderThatFailsIsHeard)
{
    for (const int good : {0, 1, 5, 29}) {
        int strips = 0;
        const Rows rows{{100, 480}, 3, [&](cv::Mat strip) {
                            if (strips++ == good) {
                                throw Error(Errc::input, "damaged");
                            }
                            strip.setTo(7);
                        }};
        EXPECT_THROW(reduced(rows, {0, 0, 100, 480}, {50, 240}), Error) << good;
    }
}

} // namespace
} // namespace longtake::test
