#include "pipeline/providers/generator.h"

#include "tests/providers/told_service.h"

#include <fstream>

namespace longtake {
namespace {

using test::GeneratorTest;
using ::testing::HasSubstr;

TEST_F(GeneratorTest, ABrokenDownloadIsFetchedAgain)
{
    service_.failures = {Error(Errc::pending, "broke off"), Error(Errc::pending, "broke off")};
    shoot(request());
    EXPECT_EQ(service_.downloads, 3);
    EXPECT_EQ(submits(), 1U);
}

TEST_F(GeneratorTest, DamagedAndShortFootageNeverCounts)
{
    std::filesystem::resize_file(test::write_counting_clip(dir_ / "cut.mp4", {.frames = 30, .step = 1}), 700);
    test::write_counting_clip(dir_ / "short.mp4", {.frames = 20, .step = 1});
    std::ofstream(dir_ / "page.mp4") << "<html>try again later</html>";
    service_.files = {dir_ / "cut.mp4", dir_ / "page.mp4", dir_ / "short.mp4"};
    const Error error = failure(request());
    EXPECT_EQ(error.code(), Errc::provider);
    EXPECT_THAT(error.what(), HasSubstr("lasts 0.67 s, asked for were 1 s; it is paid for and not lost"));
    EXPECT_EQ(record(request()).state, TakeState::submitted);
    shoot(request());
    EXPECT_EQ(submits(), 1U);
}

TEST_F(GeneratorTest, FootageThatMustNotBeTakenIsNotAskedForTwice)
{
    service_.failures = {Error(Errc::provider, "leads to a private address")};
    EXPECT_THAT(failure(request()).what(), HasSubstr("private address"));
    EXPECT_EQ(service_.downloads, 1);
}

} // namespace
} // namespace longtake
