// What a storyboard says of text: styled cards, overlays, brand.
#include "pipeline/model/storyboard.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

Storyboard board_of(const nlohmann::json& changes)
{
    nlohmann::json board = {{"schema", "longtake/storyboard/1"},
                            {"shots", {{{"id", "end"}, {"card", {{"text", "Hello"}}}, {"seconds", 2}}}}};
    board.merge_patch(changes);
    return storyboard_from_json(board, "/films", "test");
}

Card card(const nlohmann::json& card)
{
    return *board_of({{"shots", {{{"id", "end"}, {"card", card}, {"seconds", 2}}}}}).shots.front().card;
}

std::string text_complaint(const nlohmann::json& changes)
{
    try {
        board_of(changes);
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

std::string card_complaint(const nlohmann::json& card)
{
    return text_complaint({{"shots", {{{"id", "end"}, {"card", card}, {"seconds", 2}}}}});
}

std::string overlay_complaint(const nlohmann::json& overlay)
{
    return text_complaint({{"overlays", {overlay}}});
}

TEST(StoryboardTextTest, APlainCardIsAsItWas)
{
    const Card plain = card({{"text", "Hello"}, {"background", "#102030"}});
    EXPECT_FALSE(plain.styled());
    EXPECT_EQ(nlohmann::json(plain).dump(),
              R"({"background":"#102030","colour":"#f5f0e8","font":"Noto Sans","text":"Hello"})");
}

TEST(StoryboardTextTest, ACardWithPartsOrAStyleIsStyled)
{
    const Card parts = card({{"title", "Coffee"}, {"call_to_action", "Buy"}});
    EXPECT_EQ(parts.texts, (std::vector<RoleText>{{TextRole::title, "Coffee"}, {TextRole::call_to_action, "Buy"}}));
    EXPECT_EQ(parts.style, "");
    const Card text = card({{"text", "Coffee\nEvery day\nfrom 8"}, {"style", "luxe"}});
    EXPECT_EQ(text.texts,
              (std::vector<RoleText>{{TextRole::title, "Coffee"}, {TextRole::subtitle, "Every day\nfrom 8"}}));
    EXPECT_EQ(text.style, "luxe");
    EXPECT_EQ(card({{"title", "C"}, {"style", "own.json"}}).style, "/films/own.json");
}

TEST(StoryboardTextTest, OverlaysOfTheFilmAndOfShots)
{
    const Storyboard board = board_of(
        {{"brand", {{"palette", {{"ink", "#ffffff"}}}}},
         {"overlays",
          {{{"text", "-30 %"}, {"style", "price"}, {"from", 3}, {"to", "00:08"}, {"in", "slide"}, {"at", "upper"}}}},
         {"shots",
          {{{"id", "a"}, {"image", "a.png"}, {"seconds", 2}, {"overlays", {{{"title", "T"}, {"subtitle", "S"}}}}}}}});
    const OverlayWords& price = board.overlays.at(0);
    EXPECT_EQ(price.texts, (std::vector<RoleText>{{TextRole::price, "-30 %"}}));
    EXPECT_EQ(price.from, 3);
    EXPECT_EQ(price.to, 8);
    EXPECT_EQ(price.in, Motion::slide);
    EXPECT_FALSE(price.out);
    EXPECT_EQ(price.at, Place::upper);
    EXPECT_EQ(board.shots.at(0).overlays.at(0).texts.size(), 2U);
    EXPECT_EQ(board.brand, R"({"palette":{"ink":"#ffffff"}})");
}

TEST(StoryboardTextTest, SaysWhatIsWrong)
{
    EXPECT_EQ(card_complaint(nlohmann::json::object()),
              "test: /shots/0/card: found neither text nor parts; needs text, or one or more of title, subtitle, body, "
              "price, call_to_action");
    EXPECT_NE(card_complaint({{"title", "a"}, {"text", "b"}}), "");
    EXPECT_NE(card_complaint({{"title", "a"}, {"background", "#000000"}}).find("/shots/0/card/background"),
              std::string::npos);
    EXPECT_NE(card_complaint({{"titel", "a"}}).find("title"), std::string::npos);
    EXPECT_EQ(overlay_complaint({{"text", "a"}, {"from", 3}, {"to", 2}}),
              "test: /overlays/0/to: found 2; must be > from (3)");
    EXPECT_EQ(overlay_complaint({{"title", "a"}, {"style", "price"}}), "test: /overlays/0/style: only with text");
    EXPECT_NE(overlay_complaint({{"text", "a"}, {"in", "spin"}}), "");
    EXPECT_NE(text_complaint({{"brand", {{"palette", {{"inc", "#ffffff"}}}}}}).find("ink"), std::string::npos);
}

} // namespace
} // namespace longtake
