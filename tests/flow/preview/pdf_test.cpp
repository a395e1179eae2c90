#include "pipeline/flow/preview/pdf.h"

#include "tests/support/ffmpeg_cli.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace longtake::preview {
namespace {

std::string jpeg(const test::TempDir& dir)
{
    test::ffmpeg("-f lavfi -i testsrc=s=320x226 -frames:v 1 " + (dir / "page.jpg").string());
    std::ostringstream bytes;
    bytes << std::ifstream(dir / "page.jpg", std::ios::binary).rdbuf();
    return bytes.str();
}

TEST(PdfTest, EveryObjectIsWhereTheTableSays)
{
    const test::TempDir dir;
    const std::string picture = jpeg(dir);
    const std::string pdf = pdf_of({{picture, {320, 226}}, {picture, {320, 226}}}, "Film");
    ASSERT_TRUE(pdf.starts_with("%PDF-1.4\n"));
    std::istringstream tail(pdf.substr(pdf.rfind("startxref\n") + 10));
    std::size_t table = 0;
    tail >> table;
    std::istringstream lines(pdf.substr(table));
    std::string word;
    int first = 0;
    int count = 0;
    lines >> word >> first >> count;
    ASSERT_EQ(word, "xref");
    ASSERT_EQ(count, 10) << "catalog, pages, words, and three of each page";
    std::getline(lines, word);
    std::getline(lines, word); // of the free object
    for (int number = 1; number < count; ++number) {
        std::getline(lines, word);
        ASSERT_EQ(word.size(), 19U) << "20 bytes with its end";
        const std::string object = std::to_string(number) + " 0 obj\n";
        EXPECT_EQ(pdf.substr(std::stoul(word.substr(0, 10)), object.size()), object);
    }
    EXPECT_NE(pdf.find("/Count 2"), std::string::npos);
    EXPECT_NE(pdf.find("/Length " + std::to_string(picture.size())), std::string::npos);
}

TEST(PdfTest, ItsTitleIsUtf16)
{
    EXPECT_NE(pdf_of({}, "Aé€😀").find("/Title <FEFF004100E920ACD83DDE00>"), std::string::npos);
}

} // namespace
} // namespace longtake::preview
