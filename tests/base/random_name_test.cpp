#include "pipeline/base/random_name.h"

#include <gtest/gtest.h>

#include <set>

namespace longtake {
namespace {

TEST(RandomNameTest, IsHexOf128BitsAndEveryTimeAnother)
{
    constexpr std::size_t k_names = 1000;
    std::set<std::string> names;
    for (std::size_t i = 0; i < k_names; ++i) {
        const std::string name = random_name();
        EXPECT_EQ(name.size(), 32U);
        EXPECT_EQ(name.find_first_not_of("0123456789abcdef"), std::string::npos) << name;
        names.insert(name);
    }
    EXPECT_EQ(names.size(), k_names);
}

} // namespace
} // namespace longtake
