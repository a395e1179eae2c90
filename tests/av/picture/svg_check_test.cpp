#include "pipeline/av/picture/svg_check.h"

#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/base/base64.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "tests/support/photos.h"

#include <gtest/gtest.h>

#include <cstring>

namespace longtake::av {
namespace {

std::string with(const std::string& inside)
{
    return R"(<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">)" +
           inside + "</svg>";
}

std::string check_complaint(const std::string& file)
{
    try {
        check_svg(file);
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        return error.what();
    }
    return {};
}

std::string picture(const std::string& name)
{
    return "data:image/png;base64," + base64_of(read_text(test::photo(name)));
}

TEST(SvgCheckTest, ItIsToldFromOtherFiles)
{
    EXPECT_TRUE(looks_like_xml("\xEF\xBB\xBF \n<?xml version='1.0'?><svg/>"));
    EXPECT_FALSE(looks_like_xml(""));
    EXPECT_FALSE(looks_like_xml("\x89PNG\r\n"));
    EXPECT_EQ(check_complaint("<html/>"), "its root is <html>, not <svg>; save it as an SVG");
    EXPECT_NE(check_complaint("").find("no whole XML"), std::string::npos);
    EXPECT_NE(check_complaint("<svg>\xff</svg>").find("no whole XML"), std::string::npos);
    EXPECT_EQ(check_complaint("<s:svg xmlns:s='http://www.w3.org/2000/svg'/>"), "");
}

TEST(SvgCheckTest, WhatIsInsideIsLetBe)
{
    for (const std::string& inside : {
             std::string(R"-(<use href="#a"/><rect fill="url(#g)" style="filter: URL( '#f' )" xlink:href=" #a "/>)-"),
             std::string(R"-(<style>.a { fill: url("#g") } <![CDATA[ .b > .c { mask: url(#m) } ]]></style>)-"),
             std::string(R"-(<a xlink:href="https://example.com"><rect/></a><script>go("http://a")</script>)-"),
             std::string(R"-(<desc>url(x) @import</desc><!-- url(x) --><animate attributeName="x"/>)-"),
             R"(<image xlink:href=")" + picture("coffee.png") + R"("/>)",
         }) {
        EXPECT_EQ(check_complaint(with(inside)), "") << inside.substr(0, 80);
    }
    EXPECT_EQ(check_complaint(R"-(<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "a"><svg/>)-"),
              "");
}

TEST(SvgCheckTest, FilesAndAddressesAreRefused)
{
    for (const char* inside : {
             R"-(<image xlink:href="photo.png"/>)-",
             R"-(<image href="file:///etc/passwd"/>)-",
             R"-(<image href="https://example.com/a.png"/>)-",
             R"-(<image href="//example.com/a.png"/>)-",
             R"-(<use href="other.svg#a"/>)-",
             R"-(<script src="a.js"/>)-",
             R"-(<image href="data:image/svg+xml;base64,PHN2Zy8+"/>)-",
             R"-(<image href="&#x66;ile:a"/>)-",
             R"-(<rect fill="url(a.svg#g)"/>)-",
             R"-(<rect style="filter:url( 'http://a/b' )"/>)-",
             R"-(<style>rect { fill: URL(http://a) }</style>)-",
             R"-(<style><![CDATA[ @font-face { src: url(a.ttf) } ]]></style>)-",
             R"-(<g xml:base="http://example.com/"/>)-",
         }) {
        EXPECT_TRUE(check_complaint(with(inside)).starts_with("it refers to '")) << inside;
    }
    EXPECT_NE(check_complaint(with("<style>@IMPORT 'a.css';</style>")).find("@import"), std::string::npos);
    EXPECT_NE(check_complaint("<?xml-stylesheet href='a.css'?>" + with("")).find("style sheet"), std::string::npos);
    EXPECT_NE(check_complaint("<!DOCTYPE svg [<!ENTITY a SYSTEM 'b'>]>" + with("&a;")).find("declares entities"),
              std::string::npos);
}

TEST(SvgCheckTest, PicturesInsideAreBounded)
{
    const Frame large = Frame::rgb({4100, 4000});
    std::memset(large.plane(0), 0, static_cast<std::size_t>(large.stride(0)) * 4000);
    const std::string one = R"(<image href="data:image/png;base64,)" + base64_of(encode_png(large)) + R"("/>)";
    EXPECT_NE(check_complaint(with(one)).find("16 megapixels"), std::string::npos);
    EXPECT_NE(check_complaint(with(R"(<image href="data:image/png;base64,AAAA"/>)")).find("a picture in it"),
              std::string::npos);
}

} // namespace
} // namespace longtake::av
