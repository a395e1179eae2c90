#include "pipeline/providers/dialects/bare_key.h"

#include "pipeline/base/error.h"

#include <gmock/gmock.h>

namespace longtake::remote {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(BareKeyTest, BlanksAroundAKeyDoNotCount)
{
    EXPECT_EQ(bare_key("K", "sk-test-1!~"), "sk-test-1!~");
    EXPECT_EQ(bare_key("K", " \t\r\nsk-test-1\r\n"), "sk-test-1");
    EXPECT_EQ(bare_key("K", " \n"), "");
    EXPECT_EQ(bare_key("K", ""), "");
}

struct OtherLetter {
    const char* key;
    const char* told;
};

class OtherLetterTest : public ::testing::TestWithParam<OtherLetter> {};
TEST_P(OtherLetterTest, IsNamedWithoutTheKey)
{
    try {
        bare_key("KLING_API_KEY", GetParam().key);
        FAIL() << "took it";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::credentials);
        EXPECT_THAT(error.what(), HasSubstr("KLING_API_KEY"));
        EXPECT_THAT(error.what(), HasSubstr(GetParam().told));
        EXPECT_THAT(error.what(), Not(HasSubstr("sk-")));
        EXPECT_THAT(error.what(), Not(HasSubstr("test")));
    }
}

INSTANTIATE_TEST_SUITE_P(
    Letters, OtherLetterTest,
    ::testing::Values(
        OtherLetter{"\xef\xbb\xbfsk-test-123456789", "letter 1 is U+FEFF (a byte order mark"},
        OtherLetter{"  \xef\xbb\xbfsk-test", "letter 1 is U+FEFF"},
        OtherLetter{"sk-\xc2\xa0test", "letter 4 is U+00A0"}, OtherLetter{"sk-test\xe2\x80\x9d", "letter 8 is U+201D"},
        OtherLetter{"sk-test\xe2\x80\x8b", "letter 8 is U+200B"},
        OtherLetter{"sk-test\xf0\x9f\x94\x91", "letter 8 is U+1F511"}, OtherLetter{"sk-te st", "letter 6 is U+0020"},
        OtherLetter{"sk-te\r\nX-Evil: 1", "letter 6 is U+000D"}, OtherLetter{"sk-te\x7fst", "letter 6 is U+007F"},
        OtherLetter{"sk-te\xe9st", "letter 6 is the byte 0xE9"}, OtherLetter{"sk-te\x80", "letter 6 is the byte 0x80"},
        OtherLetter{"sk-te\xe2\x80", "letter 6 is the byte 0xE2"}));

} // namespace
} // namespace longtake::remote
