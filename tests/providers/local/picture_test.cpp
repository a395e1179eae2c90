#include "pipeline/providers/local/picture.h"
#include "pipeline/providers/local/resample.h"
#include "pipeline/providers/local/sampler.h"
#include "tests/providers/local/rendering.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace longtake::local {
namespace {

cv::Mat grey_photo(const std::string& name)
{
    cv::Mat grey;
    cv::imread(test::photo(name).string(), cv::IMREAD_GRAYSCALE).convertTo(grey, CV_32F);
    return grey(cv::Rect(0, 0, grey.cols / 4 * 4, grey.rows / 4 * 4));
}

double psnr(const cv::Mat& a, const cv::Mat& b)
{
    const double error = cv::norm(a, b, cv::NORM_L2SQR) / static_cast<double>(a.total());
    return 10 * std::log10(255 * 255 / error);
}

TEST(Enlarge, BeatsBicubicOnPhotographs)
{
    double total = 0;
    for (const char* name : {"coffee.png", "chelsea.png", "astronaut.png", "rocket.jpg"}) {
        const cv::Mat original = grey_photo(name);
        for (const int factor : {2, 4}) {
            cv::Mat small;
            cv::resize(original, small, original.size() / factor, 0, 0, cv::INTER_AREA);
            cv::Mat cubic;
            cv::resize(small, cubic, original.size(), 0, 0, cv::INTER_CUBIC);
            const double gain = psnr(enlarge(small, original.size()), original) - psnr(cubic, original);
            EXPECT_GT(gain, 0) << name << " by " << factor;
            total += gain;
        }
    }
    EXPECT_GT(total / 8, 0.15); // decibels
}

TEST(Resample, ShrinksWithoutAliasing)
{
    // A grating finer than the small picture can hold must vanish, not turn into a coarser one.
    cv::Mat grating(256, 256, CV_32F);
    for (int y = 0; y < 256; ++y) {
        for (int x = 0; x < 256; ++x) {
            grating.at<float>(y, x) = static_cast<float>(128 + 100 * std::cos(x * 2.2));
        }
    }
    const cv::Mat small = resample(grating, {100, 100});
    const cv::Mat inner = small(cv::Rect(10, 10, 80, 80));
    EXPECT_LT(cv::norm(inner - 128, cv::NORM_INF), 6);
}

TEST(Picture, FlatColoursAreBt709Limited)
{
    struct Swatch {
        cv::Scalar bgr;
        int y, cb, cr;
    };
    // ITU-R BT.709: Y' = 16 + 219 (0.2126 R + 0.7152 G + 0.0722 B), rounded.
    for (const Swatch& s : {Swatch{{255, 255, 255}, 235, 128, 128}, Swatch{{0, 0, 0}, 16, 128, 128},
                            Swatch{{0, 0, 255}, 63, 102, 240}, Swatch{{0, 255, 0}, 173, 42, 26},
                            Swatch{{255, 0, 0}, 32, 240, 118}, Swatch{{128, 128, 128}, 126, 128, 128}}) {
        test::TempDir dir;
        cv::imwrite((dir / "flat.png").string(), cv::Mat(90, 160, CV_8UC3, s.bgr));
        for (const std::optional<CameraMove>& camera : {std::optional<CameraMove>{}, {CameraMove{.roll = 5}}}) {
            const Size size{320, 180};
            const TakeRenderer renderer({.image = dir / "flat.png", .camera = camera, .size = size, .frames = 3});
            const test::Rendered frame = test::render(renderer, size, 1);
            EXPECT_LE(cv::norm(frame.luma, cv::Mat(180, 320, CV_8U, cv::Scalar(s.y)), cv::NORM_INF), 1);
            EXPECT_LE(cv::norm(frame.cb, cv::Mat(90, 160, CV_8U, cv::Scalar(s.cb)), cv::NORM_INF), 1);
            EXPECT_LE(cv::norm(frame.cr, cv::Mat(90, 160, CV_8U, cv::Scalar(s.cr)), cv::NORM_INF), 1);
        }
    }
}

TEST(Picture, ChromaIsSitedLeftAndVerticallyCentred)
{
    // A blue ramp: chroma rises 1.76 code values a luma pixel, so that half a pixel is seen in the mean.
    const Size size{64, 64};
    for (const bool horizontal : {true, false}) {
        cv::Mat ramp(64, 64, CV_8UC3);
        for (int y = 0; y < 64; ++y) {
            for (int x = 0; x < 64; ++x) {
                ramp.at<cv::Vec3b>(y, x) = {static_cast<std::uint8_t>(4 * (horizontal ? x : y)), 0, 0};
            }
        }
        test::TempDir dir;
        cv::imwrite((dir / "ramp.png").string(), ramp);
        const TakeRenderer renderer({.image = dir / "ramp.png", .size = size, .frames = 2});
        const test::Rendered frame = test::render(renderer, size, 0);
        double error = 0;
        for (int j = 6; j < 26; ++j) {
            for (int i = 6; i < 26; ++i) {
                const double at = horizontal ? 2 * i : 2 * j + 0.5;
                const double blue = 4 * at / 255;
                error += frame.cb.at<std::uint8_t>(j, i) - (128 + 224 * (blue - 0.0722 * blue) / 1.8556);
            }
        }
        EXPECT_NEAR(error / 400, 0, 0.15) << (horizontal ? "across" : "down");
    }
}

TEST(Picture, SaysWhichFileIsNoPicture)
{
    try {
        read_picture("/nowhere/cup.png");
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("/nowhere/cup.png"), std::string::npos);
    }
}

class SamplerTest : public ::testing::Test {
protected:
    SamplerTest()
    {
        std::mt19937 random(7);
        cv::Mat values(40, 50, CV_32F);
        for (float& value : cv::Mat_<float>(values)) {
            value = static_cast<float>(random() % 200 + 20);
        }
        values_ = values;
        plane_ = Plane(values);
    }

    double truth(double x, double y) const // bilinear of nothing: only used at whole samples
    {
        return values_.at<float>(static_cast<int>(y), static_cast<int>(x));
    }

    static double value(std::int32_t sum) { return static_cast<double>(sum) / (1 << k_sum_bits); }

    cv::Mat values_;
    Plane plane_;
};

TEST_F(SamplerTest, GridOnSamplesGivesTheSamples)
{
    Axis x;
    Axis y;
    x.place(46, 2, 1, plane_.width());
    y.place(36, 2, 1, plane_.height());
    GridSampler sampler;
    std::vector<std::int32_t> sums(50);
    for (int row = 0; row < 36; ++row) {
        sampler.row(plane_, x, y, row, sums.data());
        for (int i = 0; i < 46; ++i) {
            ASSERT_NEAR(value(sums[i]), truth(2 + i, 2 + row), 1.0 / 32);
        }
    }
}

TEST_F(SamplerTest, GridReachesPastEveryEdge)
{
    Axis x;
    Axis y;
    x.place(60, -30, 2, plane_.width());
    y.place(60, -30, 2, plane_.height());
    GridSampler sampler;
    std::vector<std::int32_t> sums(64);
    for (int row = 0; row < 60; ++row) {
        sampler.row(plane_, x, y, row, sums.data());
    }
    EXPECT_NEAR(value(sums[59]), truth(49, 39), 60); // within the overshoot: the corner repeats
}

TEST_F(SamplerTest, VectorsAndRemainderAgree)
{
    PhaseTable table;
    table.shape(1.2);
    std::mt19937 random(11);
    std::uniform_real_distribution<float> anywhere(-20, 70);
    std::vector<float> x(403);
    std::vector<float> y(403);
    for (std::size_t i = 0; i < x.size(); ++i) {
        x[i] = anywhere(random);
        y[i] = anywhere(random);
    }
    std::vector<std::int32_t> together(406);
    sample_at(plane_, table, x.data(), y.data(), 403, together.data());
    for (int i = 0; i < 403; ++i) {
        std::int32_t alone[4];
        sample_at(plane_, table, &x[i], &y[i], 1, alone);
        ASSERT_EQ(alone[0], together[i]) << i;
    }
}

TEST(Quantise, KeepsTheMeanOfASlowGradient)
{
    std::vector<std::int32_t> sums(512, static_cast<std::int32_t>(100.3 * (1 << k_sum_bits)));
    std::vector<std::uint8_t> out(512);
    double mean = 0;
    for (int row = 0; row < 64; ++row) {
        quantise(sums.data(), 509, row, out.data()); // the last five go the slow way
        for (int i = 0; i < 509; ++i) {
            ASSERT_TRUE(out[i] == 100 || out[i] == 101);
            mean += out[i];
        }
    }
    EXPECT_NEAR(mean / (64 * 509), 100.3, 0.01);
}

} // namespace
} // namespace longtake::local
