#include "pipeline/model/rate.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace longtake {
namespace {

TEST(RateTest, ReadsNtscDecimalsAsTheirExactFractions)
{
    EXPECT_EQ(Rate::parse("23.976").text(), "24000/1001");
    EXPECT_EQ(Rate::parse("23.98").text(), "24000/1001");
    EXPECT_EQ(Rate::parse("29.97").text(), "30000/1001");
    EXPECT_EQ(Rate::parse("59.94").text(), "60000/1001");
    EXPECT_EQ(Rate::parse("119.88").text(), "120000/1001");
}

TEST(RateTest, ReadsWholeNumbersFractionsAndPlainDecimals)
{
    EXPECT_EQ(Rate::parse("30").text(), "30");
    EXPECT_EQ(Rate::parse("30000/1001").text(), "30000/1001");
    EXPECT_EQ(Rate::parse("60/2").text(), "30");
    EXPECT_EQ(Rate::parse("12.5").text(), "25/2");
    EXPECT_EQ(Rate::parse("25.0").text(), "25");
}

TEST(RateTest, RefusesWhatIsNoRate)
{
    for (const char* text : {"", "0", "241", "-30", "+30", " 30", "30 ", "1e2", "0x10", "30/0", "0/1", "30/", "/2",
                             "thirty", "99999999999", "nan", "inf", "1/2", "30fps"}) {
        EXPECT_THROW(Rate::parse(text), Error) << text;
    }
}

TEST(RateTest, RoundsSecondsToTheNearestFrame)
{
    EXPECT_EQ((Rate{30, 1}.frames(0.5)), 15);
    EXPECT_EQ((Rate{24, 1}.frames(5.0417)), 121);
    EXPECT_EQ((Rate{30000, 1001}.frames(10)), 300);
    EXPECT_DOUBLE_EQ((Rate{30000, 1001}.seconds(30000)), 1001);
}

TEST(RateTest, FindsAudioPositionsExactly)
{
    const Rate ntsc{30000, 1001};
    EXPECT_EQ(ntsc.samples(1, 48000), 1602); // 1601.6
    EXPECT_EQ(ntsc.samples(2, 48000), 3203); // 3203.2
    EXPECT_EQ(ntsc.samples(5, 48000), 8008);
    EXPECT_EQ((Rate{24, 1}.samples(1, 44100)), 1838); // 1837.5
}

TEST(RateTest, AudioPositionsStayExactForFilmsOfMonths)
{
    const Rate ntsc{60000, 1001};
    EXPECT_EQ(ntsc.samples(60'000'000'000, 192'000), 192'192'000'000'000);
    EXPECT_EQ(ntsc.samples(60'000'000'001, 192'000), 192'192'000'003'203); // + 3203.2
}

TEST(RateTest, SurvivesJson)
{
    const nlohmann::json json = Rate{30000, 1001};
    EXPECT_EQ(json, "30000/1001");
    EXPECT_EQ(json.get<Rate>(), (Rate{30000, 1001}));
    EXPECT_EQ(nlohmann::json(29.97).get<Rate>().text(), "30000/1001");
    EXPECT_EQ(nlohmann::json(24).get<Rate>().text(), "24");
}

TEST(SizeTest, ReadsWidthAndHeight)
{
    EXPECT_EQ(Size::parse("1280x720"), (Size{1280, 720}));
    EXPECT_EQ(Size::parse("1280x720").text(), "1280x720");
    EXPECT_EQ(nlohmann::json(Size{16, 8192}).get<Size>(), (Size{16, 8192}));
}

TEST(SizeTest, RefusesOddTinyHugeAndMalformed)
{
    for (const char* text : {"", "x", "1280", "1280x", "x720", "1281x720", "1280x721", "14x720", "1280x8194", "-2x720",
                             "1280X720", "1280x720x2", "1280 x 720", "12a0x720"}) {
        EXPECT_THROW(Size::parse(text), Error) << text;
    }
}

TEST(RateTest, TheUsualRateNearbyIsFound)
{
    EXPECT_EQ((Rate{57600000, 2400019}.usual(0.0001)), (Rate{24, 1}));
    EXPECT_EQ((Rate{2997, 100}.usual(0.0001)), (Rate{30000, 1001}));
    EXPECT_EQ((Rate{1920, 79}.usual(0.03)), (Rate{24, 1}));
    EXPECT_EQ((Rate{1920, 79}.usual(0.0001)), (Rate{1920, 79})) << "too far away";
    EXPECT_EQ((Rate{24000, 1001}.usual(0.03)), (Rate{24000, 1001}));
    for (const int whole : {16, 23, 24, 29}) {
        EXPECT_EQ((Rate{whole, 1}.usual(0.05)), (Rate{whole, 1})) << "meant as it is";
    }
}

} // namespace
} // namespace longtake
