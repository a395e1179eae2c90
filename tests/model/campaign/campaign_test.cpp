#include "pipeline/model/campaign/campaign.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;

constexpr const char* k_mug = R"({
  "schema": "longtake/campaign/1",
  "description": "a mug",
  "variables": {
    "product": { "type": "text", "description": "its name", "example": "Mug" },
    "image": { "type": "picture", "description": "of it", "default": "media/mug.jpg" },
    "price": { "type": "price", "description": "of it", "currency": "EUR", "locale": "en-IE", "optional": true, "example": 9 }
  },
  "storyboard": {
    "schema": "longtake/storyboard/1",
    "brand": { "logo": { "file": "logo.svg" } },
    "shots": [
      { "image": "${image}", "seconds": 3, "overlays": [{ "title": "${product}" }] },
      { "image": "media/end.jpg", "seconds": 3, "when": "price", "overlays": [{ "price": "${price}" }] }
    ],
    "audio": { "music": "media/tune.ogg" }
  }
})";

class CampaignTest : public testing::Test {
protected:
    void SetUp() override
    {
        make_folder(folder() / "campaign" / "media");
        for (const char* file : {"mug.jpg", "end.jpg", "tune.ogg"}) {
            write_atomic(folder() / "campaign" / "media" / file, "a file");
        }
        write("mug", k_mug);
    }

    std::filesystem::path folder() const { return dir_.path(); }
    PresetDirs dirs() const { return {folder()}; }
    std::string media(const char* name) const { return (folder() / "campaign" / "media" / name).string(); }
    void write(const std::string& name, const std::string& text) const
    {
        write_atomic(folder() / "campaign" / (name + ".json"), text);
    }

    std::string refusal(const std::string& name) const
    {
        try {
            load_campaign(dirs(), name);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::usage);
            return error.what();
        }
        return {};
    }

private:
    test::TempDir dir_;
};

TEST_F(CampaignTest, BecomesAStoryboardWhoseFilesAreItsOwn)
{
    const json board = load_campaign(dirs(), "mug").expanded({{"product", "Big mug"}}, {});
    EXPECT_EQ(board.at("shots").size(), 1U);
    EXPECT_EQ(board.at("shots")[0].at("image"), media("mug.jpg"));
    EXPECT_EQ(board.at("shots")[0].at("overlays")[0].at("title"), "Big mug");
    EXPECT_EQ(board.at("audio").at("music"), media("tune.ogg"));
    EXPECT_EQ(board.at("brand").at("logo").at("file"), (folder() / "campaign" / "logo.svg").string());
}

TEST_F(CampaignTest, ItsExamplesStandInForADemo)
{
    const Campaign mug = load_campaign(dirs(), "mug");
    const json board = mug.expanded(own_values(mug, Demo::examples, {}), {});
    EXPECT_EQ(board.at("shots").size(), 2U);
    EXPECT_EQ(board.at("shots")[1].at("overlays")[0].at("price"), "€9");
}

TEST_F(CampaignTest, WhatHasToBeGivenIsNamedAndComesFirst)
{
    const Campaign mug = load_campaign(dirs(), "mug");
    EXPECT_EQ(mug.names(), (std::vector<std::string>{"product", "image", "price"}));
    try {
        mug.expanded({}, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()).substr(0, 50), "mug: product is missing; give --set product=..., o");
    }
    EXPECT_THROW(mug.variable("produkt"), Error);
}

TEST_F(CampaignTest, ChangesAnotherWhosePathsStayItsOwn)
{
    write("big", R"({ "schema": "longtake/campaign/1", "extends": "mug", "description": "a big mug",
                      "variables": { "price": null, "product": { "default": "Big" } },
                      "storyboard": { "shots": [{ "image": "${image}", "seconds": 9 }], "audio": null } })");
    const Campaign big = load_campaign(dirs(), "big");
    EXPECT_EQ(big.names(), (std::vector<std::string>{"image", "product"}));
    EXPECT_EQ(big.expanded({}, {}).at("shots")[0].at("image"), media("mug.jpg"));
    EXPECT_EQ(campaign_names(dirs()), (std::vector<std::string>{"big", "mug"}));
    write("round", R"({ "schema": "longtake/campaign/1", "extends": "round" })");
    EXPECT_NE(refusal("round").find("extends itself"), std::string::npos);
}

TEST_F(CampaignTest, SaysWhatIsWrongWithIt)
{
    EXPECT_EQ(refusal("mgu").substr(0, 44), "unknown campaign 'mgu'; did you mean 'mug'? ");
    write(
        "odd",
        R"({ "schema": "longtake/campaign/1", "description": "x", "variables": { "a": { "type": "txt", "description": "b" } },
                      "storyboard": {} })");
    EXPECT_NE(refusal("odd").find("/variables/a/type: found \"txt\""), std::string::npos) << refusal("odd");
    write("none", R"({ "schema": "longtake/storyboard/1", "shots": [] })");
    EXPECT_NE(refusal("none").find("this version reads \"longtake/campaign/1\""), std::string::npos) << refusal("none");
}

} // namespace
} // namespace longtake
