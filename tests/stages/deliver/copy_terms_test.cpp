#include "stages/deliver/copy_terms.h"

#include <gtest/gtest.h>

namespace longtake::stages {
namespace {

constexpr Rate k_pace{30, 1};

/// What a platform asks for.
Preset limited(const Preset& preset)
{
    return changed_preset(preset,
                          {{"copies", "within-limits"}, {"video", {{"gop_seconds", 2}, {"max_bitrate", 3'000'000}}}});
}

av::ClipIndex hevc_clip(const std::string& pixel_format, int profile)
{
    av::ClipIndex index;
    index.codec = "hevc";
    index.pixel_format = pixel_format;
    index.profile = profile;
    return index;
}

TEST(CopyTermsTest, NothingIsCopiedIntoAStreamOfAnotherKind)
{
    EXPECT_TRUE(copies_footage(master_preset()));
    EXPECT_TRUE(copies_footage(limited(master_preset())));
    EXPECT_FALSE(copies_footage(changed_preset(master_preset(), {{"copies", false}})));
    EXPECT_FALSE(copies_footage(changed_preset(master_preset(), {{"video", {{"pixel_format", "yuv422p"}}}})));
    EXPECT_FALSE(copies_footage(changed_preset(master_preset(), {{"video", {{"pixel_format", "yuv420p10le"}}}})));
    EXPECT_FALSE(copies_footage(changed_preset(master_preset(), {{"video", {{"encoder", "libx265"}}}})));
}

TEST(CopyTermsTest, HevcIsCopiedBesideLibx265)
{
    EXPECT_TRUE(copies_footage(hevc_master_preset("yuv420p")));
    EXPECT_TRUE(copies_footage(hevc_master_preset("yuv420p10le")));
    EXPECT_FALSE(
        copies_footage(changed_preset(hevc_master_preset("yuv420p"), {{"video", {{"encoder", "hevc_nvenc"}}}})));
    EXPECT_FALSE(
        copies_footage(changed_preset(hevc_master_preset("yuv420p"), {{"video", {{"pixel_format", "yuv422p10le"}}}})));
}

TEST(CopyTermsTest, Av1IsCopiedBesideSvtAv1)
{
    EXPECT_TRUE(copies_footage(av1_master_preset("yuv420p")));
    EXPECT_TRUE(copies_footage(av1_master_preset("yuv420p10le")));
    EXPECT_FALSE(
        copies_footage(changed_preset(av1_master_preset("yuv420p"), {{"video", {{"encoder", "libaom-av1"}}}})));
    av::ClipIndex clip = hevc_clip("yuv420p", 0);
    clip.codec = "av1";
    EXPECT_EQ(breach(copy_terms(av1_master_preset("yuv420p"), k_pace), clip), "");
    EXPECT_EQ(breach(copy_terms(master_preset(), k_pace), clip), "it is AV1, the film H.264");
    EXPECT_FALSE(copy_terms(limited(av1_master_preset("yuv420p")), k_pace).profile) << "all that is copied is Main";
}

TEST(CopyTermsTest, CodecAndPicturesHaveToBeTheFilms)
{
    const CopyTerms eight = copy_terms(hevc_master_preset("yuv420p"), k_pace);
    const CopyTerms ten = copy_terms(hevc_master_preset("yuv420p10le"), k_pace);
    EXPECT_EQ(breach(eight, hevc_clip("yuv420p", 1)), "");
    EXPECT_EQ(breach(ten, hevc_clip("yuv420p10le", 2)), "");
    EXPECT_EQ(breach(eight, hevc_clip("yuv420p10le", 2)), "its pictures are yuv420p10le, the film's yuv420p");
    EXPECT_EQ(breach(copy_terms(master_preset(), k_pace), hevc_clip("yuv420p", 1)), "it is HEVC, the film H.264");
    av::ClipIndex h264 = hevc_clip("yuv420p", 100);
    h264.codec = "h264";
    EXPECT_EQ(breach(eight, h264), "it is H.264, the film HEVC");
    EXPECT_EQ(breach(copy_terms(master_preset(), k_pace), h264), "");
}

TEST(CopyTermsTest, ProfilesAreTheCodecsOwn)
{
    const CopyTerms main = copy_terms(limited(hevc_master_preset("yuv420p")), k_pace);
    EXPECT_EQ(main.profile, 1);
    EXPECT_EQ(main.longest_gop, 60);
    EXPECT_EQ(breach(main, hevc_clip("yuv420p", 2)), "its profile is 2, 1 is asked for") << "Main 10 of 8 bits";
    EXPECT_EQ(copy_terms(limited(hevc_master_preset("yuv420p10le")), k_pace).profile, 2);
    EXPECT_EQ(copy_terms(limited(master_preset()), k_pace).profile, 100);
    EXPECT_FALSE(copy_terms(hevc_master_preset("yuv420p"), k_pace).profile) << "a master takes what fits";
}

TEST(CopyTermsTest, OneSetOfParametersIsTheEncoders)
{
    EXPECT_EQ(most_groups(copy_terms(master_preset(), k_pace)), 30U);
    EXPECT_EQ(most_groups(copy_terms(hevc_master_preset("yuv420p"), k_pace)), 15U);
    EXPECT_GT(most_groups(copy_terms(av1_master_preset("yuv420p"), k_pace)), 1'000'000U) << "each entry has its own";
}

TEST(CopyTermsTest, WordsForExplanations)
{
    EXPECT_EQ(entry_text(CopyTerms{}), "IDR picture");
    EXPECT_EQ(entry_text(copy_terms(hevc_master_preset("yuv420p"), k_pace)), "IDR or CRA picture");
    EXPECT_EQ(entry_text(copy_terms(av1_master_preset("yuv420p"), k_pace)), "key frame");
    EXPECT_EQ(frames_text(1), "1 frame");
    EXPECT_EQ(frames_text(2), "2 frames");
}

} // namespace
} // namespace longtake::stages
