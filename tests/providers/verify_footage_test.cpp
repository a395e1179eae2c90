#include "pipeline/providers/verify_footage.h"

#include "pipeline/base/error.h"
#include "tests/support/clips.h"
#include "tests/support/playlists.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace longtake {
namespace {

/// What a service sends is footage or it is refused: it opens no file of the user's.
TEST(VerifyFootageTest, DownloadsThatOpenOtherFilesAreNoFootage)
{
    const test::TempDir dir;
    const auto secret = test::write_counting_clip(dir / "secret.mp4", {.frames = 30});
    PlannedTake take;
    take.seconds = 1;
    EXPECT_EQ(verify_footage(secret, take, {}).frames, 30);
    for (const std::string& name : {std::string("secret.mp4"), secret.string()}) {
        for (const test::Playlist& list : test::playlists_of(name)) {
            const auto file = dir / "take.mp4.part";
            std::ofstream(file) << list.text;
            try {
                verify_footage(file, take, {});
                FAIL() << list.kind;
            } catch (const Error& error) {
                EXPECT_EQ(error.code(), Errc::input);
                EXPECT_NE(std::string(error.what()).find("is a playlist that opens other files"), std::string::npos)
                    << list.kind << ": " << error.what();
            }
        }
    }
}

} // namespace
} // namespace longtake
