#include "pipeline/model/transition.h"

#include "pipeline/base/error.h"
#include "pipeline/model/schema/schema.h"

#include <gtest/gtest.h>

#include <vector>

namespace longtake {
namespace {

TEST(TransitionTest, TheSchemaNamesEveryKindInTheOrderOfTheTable)
{
    std::vector<std::string> names;
    for (const TransitionTraits& kind : transition_kinds()) {
        names.emplace_back(kind.name);
    }
    EXPECT_EQ(schema("storyboard").at("/definitions/transition/properties/type/enum"_json_pointer), names);
}

TEST(TransitionTest, EveryKindIsReadByItsName)
{
    for (const TransitionTraits& kind : transition_kinds()) {
        EXPECT_EQ(parse_transition_type(kind.name), kind.type);
        EXPECT_EQ(word(kind.type), kind.name);
        EXPECT_EQ(traits_of(kind.type).name, kind.name);
    }
    EXPECT_THROW(parse_transition_type("disolve"), Error);
}

TEST(TransitionTest, LastsHalfASecondUnlessItSays)
{
    EXPECT_DOUBLE_EQ(parse_transition("dissolve").seconds, 0.5);
    EXPECT_DOUBLE_EQ(parse_transition("morph:0.25").seconds, 0.25);
    EXPECT_DOUBLE_EQ(parse_transition("cut").seconds, 0);
    for (const char* wrong : {"cut:1", "dissolve:", "dissolve:0", "dissolve:-1", "dissolve:1s", "dissolve:4000"}) {
        EXPECT_THROW(parse_transition(wrong), Error) << wrong;
    }
}

TEST(TransitionTest, ACutIsNothingBesides)
{
    const TransitionTraits& cut = traits_of(TransitionType::cut);
    EXPECT_FALSE(cut.eases || cut.mixes_whole_pictures || cut.through_silence || cut.always_holds || cut.needs_motion);
}

} // namespace
} // namespace longtake
