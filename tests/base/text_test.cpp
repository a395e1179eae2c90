#include "pipeline/base/text.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

TEST(TextTest, FindsTheNearestName)
{
    const std::vector<std::string> names = {"cut", "dissolve", "fade_black"};
    EXPECT_EQ(nearest_name("disolve", names), "dissolve");
    EXPECT_EQ(nearest_name("fadeblack", names), "fade_black");
    EXPECT_EQ(nearest_name("elephant", names), "");
}

TEST(TextTest, MakesFileNamesOfTitles)
{
    EXPECT_EQ(slug("Morning coffee!"), "morning-coffee");
    EXPECT_EQ(slug("  ..  "), "film");
    EXPECT_EQ(slug("Kaffee für alle"), "kaffee-für-alle");
}

TEST(TextTest, NamesWhatIsKnown)
{
    EXPECT_EQ(unknown_name("fit", "blurr", {"blur", "pad"}),
              "unknown fit 'blurr'; did you mean 'blur'? known: blur, pad");
}

} // namespace
} // namespace longtake
