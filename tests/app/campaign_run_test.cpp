#include "tests/app/command_line.h"

#include "pipeline/base/files.h"
#include "pipeline/model/campaign/campaign.h"

namespace longtake {
namespace {

using test::Outcome;
using Json = nlohmann::json;

/// A campaign of two small shots.
class CampaignRunTest : public test::CommandLine {
protected:
    void SetUp() override
    {
        make_folder(dir_ / "config/longtake/presets/campaign");
        variables_["XDG_CONFIG_HOME"] = dir_ / "config";
        write_atomic(dir_ / "config/longtake/presets/campaign/mug.json", R"({
  "schema": "longtake/campaign/1", "description": "A mug and its price",
  "variables": {
    "product": { "type": "text", "description": "The product's name", "max_letters": { "16:9": 12, "9:16": 9 }, "example": "Slow mug" },
    "image": { "type": "picture", "description": "The product", "default": ")" +
                                                                             test::photo("coffee.png").string() +
                                                                             R"(" },
    "price": { "type": "price", "description": "What it costs", "currency": "EUR", "locale": "en-IE", "optional": true, "example": 9.5 }
  },
  "storyboard": {
    "schema": "longtake/storyboard/1", "title": "${product}", "size": "320x180", "fps": 24, "deliver": ["preview/360p"],
    "shots": [
      { "id": "look", "image": "${image}", "seconds": 0.5 },
      { "id": "end", "card": { "title": "${product}", "price": "${price}" }, "seconds": 0.5, "transition": { "type": "cut" } }
    ]
  }
})");
    }

    std::string out() const { return (dir_ / "out").string(); }
};

TEST_F(CampaignRunTest, MakesAFilmOfValues)
{
    const Outcome outcome = run({"run", "-p", "mug", "--set", "product=Big mug", "--set", "price=12,90", "-o", out(),
                                 "--save", dir_ / "kept.json"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_TRUE(std::filesystem::exists(dir_ / "out/big-mug-preview-360p.mp4")) << outcome.out;
    const Json kept = Json::parse(read_text(dir_ / "kept.json"));
    EXPECT_EQ(kept.at("shots")[1].at("card"), Json::parse(R"({"title": "Big mug", "price": "€12.90"})"));
    const Outcome again = run({"plan", dir_ / "kept.json", "--json"});
    EXPECT_EQ(again.status, 0) << again.err;
    EXPECT_EQ(run({"run", "-p", "mug", "--demo", "-o", out(), "--save", dir_ / "kept.json"}).status,
              2); // is there already
}

TEST_F(CampaignRunTest, SaysWhatIsMissingAndWhatIsWrong)
{
    const Outcome missing = run({"run", "-p", "mug", "-o", out()});
    EXPECT_EQ(missing.status, 2);
    EXPECT_NE(missing.err.find("mug: product is missing; give --set product=..., or --demo"), std::string::npos)
        << missing.err;
    const Outcome wrong =
        run({"run", "-p", "mug", "--set", "product=Ten letters and more", "--set", "prise=3", "-o", out()});
    EXPECT_EQ(wrong.status, 2);
    EXPECT_NE(wrong.err.find("--set prise: unknown variable 'prise'; did you mean 'price'?"), std::string::npos)
        << wrong.err;
    const Outcome unknown = run({"run", "-p", "mugg", "-o", out()});
    EXPECT_NE(unknown.err.find("unknown campaign 'mugg'; did you mean 'mug'?"), std::string::npos) << unknown.err;
    EXPECT_EQ(run({"run", "-p", "preview/360p"}).status, 2);
}

TEST_F(CampaignRunTest, LimitsAreThoseOfTheCanvasesAskedFor)
{
    const std::vector<std::string> ten = {"plan", "-p", "mug", "--set", "product=Ten letter", "-p"};
    auto wide = ten;
    wide.emplace_back("youtube/1080p30");
    EXPECT_EQ(run(wide).status, 0) << run(wide).err;
    auto tall = ten;
    tall.emplace_back("reels/1080x1920");
    const Outcome outcome = run(tall);
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.err.find("has 10 letters; at most 9 fit at 9:16"), std::string::npos) << outcome.err;
}

TEST_F(CampaignRunTest, TakesValuesOfAFileAndADemo)
{
    write_atomic(dir_ / "vars.json", R"({"product": "Two\nlines", "price": 3})");
    const Outcome outcome = run({"run", "-p", "mug", "--vars", dir_ / "vars.json", "-o", out(), "--dry-run"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const Outcome demo = run({"look", "-p", "mug", "--demo", "-o", dir_ / "sheet.png"});
    EXPECT_EQ(demo.status, 0) << demo.err;
    EXPECT_TRUE(std::filesystem::exists(dir_ / "sheet.png"));
}

TEST_F(CampaignRunTest, AsksWhoSitsAtTheTerminal)
{
    std::vector<std::string> questions;
    std::vector<std::string> answers = {"Far too long a name", "Mug"};
    answer_ = [&](const std::string& question) -> std::optional<std::string> {
        questions.push_back(question);
        return questions.size() <= answers.size() ? std::optional(answers[questions.size() - 1]) : std::nullopt;
    };
    const Outcome outcome = run({"run", "-p", "mug", "-p", "youtube/1080p30", "-o", out(), "--dry-run"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    EXPECT_EQ(questions.size(), 2U); // the first answer cannot be
    EXPECT_EQ(questions.at(0),
              "product (text, at most 12 letters at 16:9, at most 9 letters at 9:16): The product's name, "
              "such as Slow mug");
}

TEST_F(CampaignRunTest, PresetsListShowAndCheckCampaigns)
{
    EXPECT_NE(run({"presets"}).out.find("mug                    A mug and its price"), std::string::npos);
    const std::string shown = run({"presets", "show", "mug"}).out;
    EXPECT_NE(shown.find("needed, such as Slow mug"), std::string::npos) << shown;
    EXPECT_NE(shown.find("longtake run -p mug --demo -o out"), std::string::npos) << shown;
    EXPECT_NE(shown.find("${product} / ${price}"), std::string::npos) << shown;
    const Outcome checked = run({"presets", "check", "mug"});
    EXPECT_EQ(checked.status, 0) << checked.out;
    EXPECT_NE(checked.out.find("1.0 s, nothing to mend"), std::string::npos) << checked.out;
}

TEST_F(CampaignRunTest, ACheckFindsATextThatCannotStand)
{
    write_atomic(dir_ / "config/longtake/presets/campaign/wide.json",
                 R"({ "schema": "longtake/campaign/1", "extends": "mug", "description": "x",
                      "variables": { "product": { "max_letters": 900 } } })");
    const Outcome checked = run({"presets", "check", "wide"});
    EXPECT_EQ(checked.status, 2) << checked.out;
    EXPECT_NE(checked.out.find("with texts as long as they may be: "), std::string::npos) << checked.out;
    const Outcome valid = run({"validate", dir_ / "config/longtake/presets/campaign/mug.json"});
    EXPECT_EQ(valid.status, 0) << valid.err;
}

using CampaignPresetsTest = test::CommandLine;

/// Each with its examples, with what is needed alone, and with texts as long as they may be.
TEST_F(CampaignPresetsTest, TheOnesThatComeAlongHaveNothingToMend)
{
    const std::vector<std::string> names = campaign_names({std::filesystem::path(LONGTAKE_SOURCE_DIR) / "presets"});
    EXPECT_EQ(names.size(), 10U);
    const Outcome outcome = run({"presets", "check"});
    EXPECT_EQ(outcome.status, 0) << outcome.out << outcome.err;
    for (const std::string& name : names) {
        EXPECT_NE(outcome.out.find(name), std::string::npos);
    }
}

} // namespace
} // namespace longtake
