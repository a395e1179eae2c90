#include "pipeline/model/delivery/accepts.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace longtake {
namespace {

const nlohmann::json k_rules = {{"containers", {"mp4", "mov"}},
                                {"video_codecs", {"h264", "hevc"}},
                                {"audio_codecs", {"aac"}},
                                {"seconds", {3, 90}},
                                {"bytes", {nullptr, 300'000'000}},
                                {"fps", {23, 60}},
                                {"short_side", {540, nullptr}},
                                {"aspect", {0.5625, 0.5625}},
                                {"bitrate", {nullptr, 25'000'000}},
                                {"audio_channels", {1, 2}},
                                {"audio_sample_rate", {nullptr, 48000}},
                                {"edit_lists", false},
                                {"index_last", false},
                                {"interlaced", false},
                                {"chroma_beyond_420", false},
                                {"source", "example.org"},
                                {"checked", "2026-11-21"}};

FileFacts good()
{
    FileFacts facts;
    facts.container = "mp4";
    facts.video_codec = "h264";
    facts.audio_codec = "aac";
    facts.seconds = 20;
    facts.bytes = 10'000'000;
    facts.fps = 29.97;
    facts.size = {1080, 1920};
    facts.audio_channels = 2;
    facts.audio_sample_rate = 48000;
    return facts;
}

std::vector<Verdict> broken(const FileFacts& facts)
{
    std::vector<Verdict> verdicts = judge(k_rules.get<Accepts>(), facts);
    std::erase_if(verdicts, [](const Verdict& verdict) { return verdict.kept; });
    return verdicts;
}

TEST(AcceptsTest, AFileThatKeepsEveryRule)
{
    EXPECT_EQ(judge(k_rules.get<Accepts>(), good()).size(), 15U) << "every rule there is";
    EXPECT_TRUE(broken(good()).empty());
}

TEST(AcceptsTest, EachRuleIsNoticedAlone)
{
    const std::vector<std::pair<std::string, void (*)(FileFacts&)>> faults = {
        {"container", [](FileFacts& f) { f.container = "webm"; }},
        {"video_codec", [](FileFacts& f) { f.video_codec = "av1"; }},
        {"audio_codec", [](FileFacts& f) { f.audio_codec = "opus"; }},
        {"seconds",
         [](FileFacts& f) {
             f.seconds = 2.5;
             f.bytes = 1000;
         }},
        {"bytes",
         [](FileFacts& f) {
             f.bytes = 300'000'001;
             f.seconds = 96.1;
         }},
        {"fps", [](FileFacts& f) { f.fps = 61; }},
        {"short_side",
         [](FileFacts& f) {
             f.size = {270, 480};
         }},
        {"aspect",
         [](FileFacts& f) {
             f.size = {1080, 1350};
         }},
        {"bitrate", [](FileFacts& f) { f.bytes = 70'000'000; }},
        {"audio_channels", [](FileFacts& f) { f.audio_channels = 6; }},
        {"audio_sample_rate", [](FileFacts& f) { f.audio_sample_rate = 96000; }},
        {"edit_lists", [](FileFacts& f) { f.edit_lists = true; }},
        {"index_last", [](FileFacts& f) { f.index_last = true; }},
        {"interlaced", [](FileFacts& f) { f.interlaced = true; }},
        {"chroma_beyond_420", [](FileFacts& f) { f.chroma_beyond_420 = true; }},
    };
    for (const auto& [rule, plant] : faults) {
        FileFacts facts = good();
        plant(facts);
        const auto found = broken(facts);
        EXPECT_TRUE(std::ranges::any_of(found, [&](const Verdict& verdict) { return verdict.rule == rule; })) << rule;
        EXPECT_LE(found.size(), rule == "bytes" ? 3U : 1U) << rule;
    }
}

TEST(AcceptsTest, SaysByHowMuch)
{
    FileFacts facts = good();
    facts.seconds = 92.4;
    const auto found = broken(facts);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].found, "92.4 s");
    EXPECT_EQ(found[0].allowed, "3 to 90 s");
    EXPECT_EQ(found[0].over, "2.4 s too long");
}

TEST(AcceptsTest, SilenceHasNoChannels)
{
    FileFacts facts = good();
    facts.audio_codec.clear();
    facts.audio_channels = 0;
    EXPECT_TRUE(broken(facts).empty());
}

} // namespace
} // namespace longtake
