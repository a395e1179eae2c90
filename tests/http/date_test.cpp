#include "pipeline/http/date.h"

#include <gtest/gtest.h>

namespace longtake::http {
namespace {

constexpr std::int64_t k_now = 1'800'000'000; // Fri, 15 Jan 2027 08:00:00 GMT

TEST(HttpDateTest, ReadsADateAsHeadersHaveIt)
{
    EXPECT_EQ(seconds_of_date("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    EXPECT_EQ(seconds_of_date("Fri, 15 Jan 2027 08:00:00 GMT"), k_now);
    EXPECT_EQ(seconds_of_date("120"), std::nullopt);
    EXPECT_EQ(seconds_of_date(""), std::nullopt);
}

struct Asked {
    const char* retry_after;
    const char* date;
    std::int64_t milliseconds;
};

void PrintTo(const Asked& row, std::ostream* out)
{
    *out << "Retry-After: " << row.retry_after << ", Date: " << row.date;
}

class RetryAfterTest : public ::testing::TestWithParam<Asked> {};
TEST_P(RetryAfterTest, IsHowLongTheAnswerAsks)
{
    Response response{429, {{"retry-after", GetParam().retry_after}}, {}};
    if (*GetParam().date != '\0') {
        response.headers["date"] = GetParam().date;
    }
    EXPECT_EQ(retry_after(response, k_now).count(), GetParam().milliseconds);
}

INSTANTIATE_TEST_SUITE_P(
    Headers, RetryAfterTest,
    ::testing::Values(Asked{"", "", 0}, Asked{"0", "", 0}, Asked{"7", "", 7000}, Asked{"1.5", "", 1500},
                      Asked{"-3", "", 0}, Asked{"3600", "", 3'600'000}, Asked{"86400", "", 3'600'000},
                      Asked{"1e300", "", 3'600'000}, Asked{"nan", "", 0}, Asked{"soon", "", 0}, Asked{"5 s", "", 0},
                      // by our clock
                      Asked{"Fri, 15 Jan 2027 08:00:30 GMT", "", 30'000}, Asked{"Fri, 15 Jan 2027 07:59:00 GMT", "", 0},
                      Asked{"Sat, 16 Jan 2027 08:00:30 GMT", "", 3'600'000},
                      // by the answer's own, however wrong ours is
                      Asked{"Sun, 06 Nov 1994 08:50:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT", 60'000},
                      Asked{"Fri, 15 Jan 2027 08:00:30 GMT", "no date", 30'000}));

TEST(HttpDateTest, AnAnswerWithoutRetryAfterSaysNothing)
{
    EXPECT_EQ(retry_after({503, {}, {}}, k_now).count(), 0);
}

} // namespace
} // namespace longtake::http
