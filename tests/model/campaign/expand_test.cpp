#include "pipeline/model/campaign/expand.h"

#include "pipeline/base/error.h"

#include <gtest/gtest.h>

namespace longtake {
namespace {

using nlohmann::json;

json expanded(const char* pattern, const Values& values = {})
{
    return expand(json::parse(pattern), values, {"name", "price", "list", "seconds", "item.title", "item.picture"});
}

TEST(ExpandTest, AValueAloneKeepsItsTypeAndAmidTextBecomesText)
{
    const Values values = {{"name", "Mug"}, {"seconds", 3.5}, {"list", {1, 2}}};
    EXPECT_EQ(expanded(R"(["${seconds}", "${seconds} s", "the ${name}", "${list}"])", values),
              json::parse(R"([3.5, "3.5 s", "the Mug", [1, 2]])"));
}

TEST(ExpandTest, WhatNamesAVariableWithoutAValueIsLeftOut)
{
    EXPECT_EQ(expanded(R"({"a": "${name}", "b": "only ${price}", "c": 1, "d": ["${name}", 2]})"),
              json::parse(R"({"c": 1, "d": [2]})"));
}

TEST(ExpandTest, WhenAndUnlessAskForAValue)
{
    const char* pattern = R"([{"when": "price", "x": 1}, {"unless": "price", "x": 2}])";
    EXPECT_EQ(expanded(pattern, {{"price", "€1"}}), json::parse(R"([{"x": 1}])"));
    EXPECT_EQ(expanded(pattern), json::parse(R"([{"x": 2}])"));
    EXPECT_EQ(expanded(R"({"card": {"when": "price", "price": "${price}"}, "n": 1})"), json::parse(R"({"n": 1})"));
}

TEST(ExpandTest, EachRepeatsAnElementForEveryOneOfAList)
{
    const Values values = {{"list", json::parse(R"([{"title": "mix", "picture": "a.jpg"}, {"title": "bake"}])")}};
    EXPECT_EQ(expanded(R"([0, {"each": "list", "t": "${number}/${count} ${item.title}", "p": "${item.picture}"}, 9])",
                       values),
              json::parse(R"([0, {"t": "1/2 mix", "p": "a.jpg"}, {"t": "2/2 bake"}, 9])"));
    EXPECT_EQ(expanded(R"([{"each": "list", "t": "${item}"}])", {{"list", {"a", "b"}}}),
              json::parse(R"([{"t": "a"}, {"t": "b"}])"));
    EXPECT_EQ(expanded(R"([{"each": "list", "t": "${item}"}])"), json::array());
}

TEST(ExpandTest, AValueIsNotReadAgain)
{
    EXPECT_EQ(expanded(R"(["${name}", "$${name}", "a $${b} ${name}"])", {{"name", "${price}"}}),
              json::parse(R"(["${price}", "${name}", "a ${b} ${price}"])"));
}

TEST(ExpandTest, UnknownNamesAreToldWithTheirPlaceAndTheNearest)
{
    const auto complaint = [](const char* pattern, const Values& values = {}) {
        try {
            expanded(pattern, values);
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::usage);
            return std::string(error.what());
        }
        return std::string();
    };
    EXPECT_EQ(complaint(R"({"shots": [{"title": "${nam}"}]})").substr(0, 60),
              "/shots/0/title: unknown variable 'nam'; did you mean 'name'?");
    EXPECT_NE(complaint(R"([{"when": "pricee"}])").find("/0/when"), std::string::npos);
    EXPECT_NE(complaint(R"(["${name"])").find("without its"), std::string::npos);
    EXPECT_NE(complaint(R"([{"each": "name"}])", {{"name", "x"}}).find("is no list"), std::string::npos);
    EXPECT_NE(complaint(R"([{"each": "list", "t": "${item.titel}"}])", {{"list", {"a"}}}).find("item.title"),
              std::string::npos);
}

} // namespace
} // namespace longtake
