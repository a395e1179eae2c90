#include "pipeline/model/campaign/price.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

std::string price_in(const std::string& text, const std::string& locale, const std::string& currency = "EUR")
{
    return price_text(parse_price(text, currency), locale);
}

TEST(PriceTest, IsWrittenAsPeopleWriteItThere)
{
    EXPECT_EQ(price_in("12.90", "en-IE"), "€12.90");
    EXPECT_EQ(price_in("12,90", "de-DE"), "12,90\u00a0€");
    EXPECT_EQ(price_in("1299.50", "de-DE"), "1.299,50\u00a0€");
    EXPECT_EQ(price_in("1299.50", "en-US", "USD"), "$1,299.50");
    EXPECT_EQ(price_in("49", "fr-FR"), "49\u00a0€");
    EXPECT_EQ(price_in("980", "ja-JP", "JPY"), "￥980");
}

TEST(PriceTest, NamesItsCurrencyOrTakesTheUsualOne)
{
    EXPECT_EQ(parse_price("GBP 5", "EUR").currency, "GBP");
    EXPECT_EQ(parse_price("5 GBP", "EUR").currency, "GBP");
    EXPECT_EQ(parse_price("5", "EUR").currency, "EUR");
    EXPECT_EQ(price_in("USD 19.99", "en-US"), "$19.99");
}

TEST(PriceTest, KeepsTheCentsThatWereGiven)
{
    EXPECT_EQ(parse_price("12.90", "EUR").amount, "12.90");
    EXPECT_EQ(price_in("12.9", "en-IE"), "€12.90");
    EXPECT_EQ(price_in("0.10", "en-US", "USD"), "$0.10");
}

TEST(PriceTest, RefusesWhatCouldBeTwoNumbersOrNone)
{
    for (const char* wrong : {"1.299", "1,299", "12.90.1", "free", "", "12 EUR 3", "EUR 12 EUR", "1e3", "XXQ 5"}) {
        EXPECT_THROW(parse_price(wrong, "EUR"), Error) << wrong;
    }
    try {
        parse_price("1.299", "EUR");
    } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("write 1299 or 1.29"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace longtake
