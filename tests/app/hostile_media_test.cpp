#include "tests/app/stitching.h"
#include "tests/support/boards.h"
#include "tests/support/clips.h"
#include "tests/support/playlists.h"

#include <filesystem>
#include <fstream>

namespace longtake {
namespace {

class HostileMediaTest : public test::Stitching {
protected:
    void expect_refused(const Answer& answer, const std::string& kind)
    {
        EXPECT_EQ(answer.status, 3) << kind << answer.err;
        const std::string message = answer.result.value("message", answer.err);
        EXPECT_NE((message + answer.err).find("is a playlist that opens other files, not a film"), std::string::npos)
            << kind << ": " << message << answer.err;
    }
};

/// A clip that is a script for FFmpeg shows no other file, by whatever command it comes in.
TEST_F(HostileMediaTest, PlaylistsAreNoClips)
{
    const auto secret = test::write_counting_clip(dir_ / "secret.mp4");
    for (const std::string& name : {std::string("secret.mp4"), secret.string()}) {
        for (const test::Playlist& list : test::playlists_of(name)) {
            const std::string clip = (dir_ / "clip.mp4").string();
            std::ofstream(clip) << list.text;
            expect_refused(longtake({"stitch", clip, secret.string(), "-o", film()}), list.kind);
            expect_refused(longtake({"probe", clip}), list.kind);
            const auto board = test::write_board(
                dir_ / "board.json", {{"schema", "longtake/storyboard/1"}, {"shots", {{{"id", "a"}, {"clip", clip}}}}});
            expect_refused(longtake({"run", board.string(), "-o", film()}), list.kind);
            EXPECT_FALSE(std::filesystem::exists(film()));
        }
    }
}

} // namespace
} // namespace longtake
