#include "pipeline/av/bitstream/av1/config.h"

#include "pipeline/base/error.h"
#include "tests/av/av1/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake::av::av1 {
namespace {

/// The av1C that ffmpeg writes.
Bytes record_in(const std::filesystem::path& file)
{
    const Bytes bytes = test::read_bytes(file);
    const std::string text(bytes.begin(), bytes.end());
    const std::size_t at = text.find("av1C");
    const std::size_t size = bytes.at(at - 2) * 256U + bytes.at(at - 1);
    return {bytes.begin() + static_cast<std::ptrdiff_t>(at) + 4,
            bytes.begin() + static_cast<std::ptrdiff_t>(at - 4 + size)};
}

TEST(Av1ConfigTest, IsBuiltAsFfmpegBuildsIt)
{
    const test::TempDir dir;
    for (const char* name : {"Aom", "AomMonochrome", "Aom444", "AomTagged", "Rav1e"}) {
        const auto file = write_av1(dir / "in.obu", spec_called(name));
        test::ffmpeg("-f obu -i '" + file.string() + "' -c copy '" + (dir / "out.mp4").string() + "'");
        const Bytes record = record_in(dir / "out.mp4");
        const Bytes header = sequence_header_in(test::read_bytes(file));
        EXPECT_EQ(build_config(header), record) << name;
        EXPECT_EQ(sequence_header_of(record), header) << name;
    }
}

TEST(Av1ConfigTest, NeedNotHoldASequenceHeader)
{
    EXPECT_TRUE(sequence_header_of({}).empty());
    EXPECT_TRUE(sequence_header_of(Bytes{0x81, 0x01, 0x0c, 0}).empty()) << "as aomenc writes it into WebM";
    EXPECT_TRUE(sequence_header_in(Bytes{0x12, 0}).empty());
    EXPECT_EQ(sequence_header_of(Bytes{0x0a, 2, 5, 6}), (Bytes{5, 6})) << "OBUs alone, as libavformat finds them";
    EXPECT_THROW(sequence_header_of(Bytes{0x81, 0x01, 0x0c, 0, 0x0a, 9, 1}), Error);
    EXPECT_THROW(build_config({}), Error);
}

} // namespace
} // namespace longtake::av::av1
