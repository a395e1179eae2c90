// JPEG as cameras, scanners, print shops and broken programs write it.
#include "tests/stages/prepare/variants.h"

#include <csetjmp>
#include <cstdio>
#include <functional>

#include <jpeglib.h>

namespace longtake::test {
namespace {

/// How a JPEG is written that ImageMagick cannot be asked for.
struct JpegWay {
    std::function<void(jpeg_compress_struct&)> set{};
    J_COLOR_SPACE from = JCS_EXT_BGR;
};

/// CMYK of ideal inks, inverted as Adobe's programs store it.
cv::Mat inks_of(const cv::Mat& bgr)
{
    cv::Mat cmyk(bgr.size(), CV_8UC4);
    for (int y = 0; y < bgr.rows; ++y) {
        for (int x = 0; x < bgr.cols; ++x) {
            const auto& in = bgr.at<cv::Vec3b>(y, x);
            cmyk.at<cv::Vec4b>(y, x) = {in[2], in[1], in[0], 255};
        }
    }
    return cmyk;
}

std::string written(const cv::Mat& bgr, const JpegWay& way)
{
    const cv::Mat samples = way.from == JCS_CMYK ? inks_of(bgr) : bgr;
    jpeg_compress_struct jpeg{};
    jpeg_error_mgr errors{};
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    unsigned char* bytes = nullptr;
    unsigned long length = 0;
    jpeg_mem_dest(&jpeg, &bytes, &length);
    jpeg.image_width = static_cast<JDIMENSION>(samples.cols);
    jpeg.image_height = static_cast<JDIMENSION>(samples.rows);
    jpeg.input_components = samples.channels();
    jpeg.in_color_space = way.from;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, 95, TRUE);
    if (way.set) {
        way.set(jpeg);
    }
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        auto* row = const_cast<JSAMPLE*>(samples.ptr(static_cast<int>(jpeg.next_scanline)));
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    std::string out(reinterpret_cast<const char*>(bytes), length);
    jpeg_destroy_compress(&jpeg);
    std::free(bytes);
    return out;
}

std::string segment(int marker, const std::string& payload)
{
    const std::size_t length = payload.size() + 2;
    return std::string("\xFF") + static_cast<char>(marker) + static_cast<char>(length >> 8) +
           static_cast<char>(length & 0xFF) + payload;
}

/// Behind the start-of-image marker.
std::string with_segment(const std::string& jpeg, int marker, const std::string& payload)
{
    return jpeg.substr(0, 2) + segment(marker, payload) + jpeg.substr(2);
}

/// Without the first segment of this kind.
std::string without(const std::string& jpeg, int marker)
{
    const std::size_t at = jpeg.find(std::string("\xFF") + static_cast<char>(marker));
    const auto byte = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(jpeg[i])); };
    return jpeg.substr(0, at) + jpeg.substr(at + 2 + (byte(at + 2) << 8 | byte(at + 3)));
}

/// The frame header's byte at `offset` (0: precision, 5: components) and its marker.
std::string with_frame(std::string jpeg, int marker, std::size_t offset, int value)
{
    const std::size_t at = jpeg.find("\xFF\xC0");
    jpeg[at + 1] = static_cast<char>(marker);
    jpeg[at + 4 + offset] = static_cast<char>(value);
    return jpeg;
}

/// Two JPEGs with the segment of the CIPA DC-007 multi-picture format, as cameras with two lenses write them.
std::string multi_picture(const std::string& jpeg)
{
    std::string index("MPF\0MM\0*\0\0\0\x08\0\x01\xB0\x01\0\x04\0\0\0\x01\0\0\0\x02\0\0\0\0", 30);
    return with_segment(jpeg, 0xE2, index) + jpeg;
}

const auto k_adobe = [](int transform) {
    return std::string("Adobe\0\x64\0\0\0\0", 11) + static_cast<char>(transform);
};
const std::string k_jfif("JFIF\0\x01\x01\0\0\x01\0\x01\0\0", 14);

void sampling(jpeg_compress_struct& jpeg, int across, int down)
{
    jpeg.comp_info[0].h_samp_factor = across;
    jpeg.comp_info[0].v_samp_factor = down;
}

struct JpegKind {
    const char* name;
    JpegWay way{};
    std::function<std::string(const std::string&)> change{};
    const char* says = "";
    const char* refused = "";
};

std::ostream& operator<<(std::ostream& out, const JpegKind& kind)
{
    return out << kind.name;
}

const JpegKind k_jpegs[] = {
    {"arithmetic", {[](auto& j) { j.arith_code = TRUE; }}},
    {"arithmetic-progressive", {[](auto& j) {
         j.arith_code = TRUE;
         jpeg_simple_progression(&j);
     }}},
    {"restarts", {[](auto& j) { j.restart_in_rows = 1; }}},
    {"restarts-often", {[](auto& j) { j.restart_interval = 1; }}},
    {"four-one-one", {[](auto& j) { sampling(j, 4, 1); }}},
    {"four-four-zero", {[](auto& j) { sampling(j, 1, 2); }}},
    {"rgb", {[](auto& j) { jpeg_set_colorspace(&j, JCS_RGB); }}},
    {"rgb-by-its-names", {[](auto& j) {
         jpeg_set_colorspace(&j, JCS_RGB);
         j.write_Adobe_marker = FALSE;
     }}},
    {"ycck", {[](auto& j) { jpeg_set_colorspace(&j, JCS_YCCK); }, JCS_CMYK}, {}, "CMYK without"},
    {"cmyk", {[](auto& j) { jpeg_set_colorspace(&j, JCS_CMYK); }, JCS_CMYK}, {}, "CMYK without"},
    {"ycck-progressive",
     {[](auto& j) {
          jpeg_set_colorspace(&j, JCS_YCCK);
          jpeg_simple_progression(&j);
      },
      JCS_CMYK},
     {},
     "CMYK"},
    {"poor", {[](auto& j) { jpeg_set_quality(&j, 3, TRUE); }}},
    {"whole", {[](auto& j) {
         jpeg_set_quality(&j, 100, TRUE);
         sampling(j, 1, 1);
     }}},
    {"optimised", {[](auto& j) { j.optimize_coding = TRUE; }}},
    {"no-jfif", {}, [](const auto& s) { return without(s, 0xE0); }},
    {"two-jfifs", {}, [](const auto& s) { return with_segment(s, 0xE0, k_jfif); }},
    {"short-jfif", {}, [](const auto& s) { return with_segment(without(s, 0xE0), 0xE0, "JF"); }},
    {"adobe-and-jfif", {}, [](const auto& s) { return with_segment(s, 0xEE, k_adobe(1)); }},
    {"two-adobes",
     {},
     [](const auto& s) { return with_segment(with_segment(without(s, 0xE0), 0xEE, k_adobe(1)), 0xEE, k_adobe(1)); }},
    {"unknown-adobe", {}, [](const auto& s) { return with_segment(without(s, 0xE0), 0xEE, k_adobe(9)); }},
    {"short-adobe", {}, [](const auto& s) { return with_segment(s, 0xEE, "Adobe"); }},
    {"comments",
     {},
     [](const auto& s) { return with_segment(with_segment(s, 0xFE, std::string(65'000, 'c')), 0xFE, ""); }},
    {"fill-bytes", {}, [](const auto& s) { return s.substr(0, 2) + "\xFF\xFF\xFF" + s.substr(2); }},
    {"garbage-between", {}, [](const auto& s) { return s.substr(0, 20) + "garbage" + s.substr(20); }},
    {"garbage-behind", {}, [](const auto& s) { return s + std::string(5000, 'x'); }},
    {"many-ends", {}, [](const auto& s) { return s + "\xFF\xD9\xFF\xD9"; }},
    {"multi-picture", {}, multi_picture},
    {"broken-exif", {}, [](const auto& s) { return with_app1(s, std::string("Exif\0\0MM\0*\xFF\xFF\xFF\xFF", 14)); }},
    {"empty-exif", {}, [](const auto& s) { return with_app1(s, std::string("Exif\0\0", 6)); }},
    {"exif-twice",
     {},
     [](const auto& s) { return with_exif(with_exif(s, 3), 6); },
     "turned upright (EXIF orientation 6)"},
    {"broken-profile",
     {},
     [](const auto& s) { return with_segment(s, 0xE2, std::string("ICC_PROFILE\0\1\1nonsense", 22)); },
     "not usable"},
    {"half-a-profile",
     {},
     [](const auto& s) { return with_segment(s, 0xE2, std::string("ICC_PROFILE\0\1\2nonsense", 22)); }},
    {"garbage-before", {}, [](const auto& s) { return "garbage" + s; }, "", "not a picture"},
    {"twelve-bits", {}, [](const auto& s) { return with_frame(s, 0xC1, 0, 12); }, "", "data precision 12"},
    {"lossless", {}, [](const auto& s) { return with_frame(s, 0xC3, 0, 8); }, "", "0xc3"},
    {"hierarchical", {}, [](const auto& s) { return with_frame(s, 0xC5, 0, 8); }, "", "0xc5"},
    {"no-rows",
     {},
     [](const auto& s) { return with_frame(with_frame(s, 0xC0, 1, 0), 0xC0, 2, 0); },
     "",
     "no valid size"},
    {"many-components", {}, [](const auto& s) { return with_frame(s, 0xC0, 5, 200); }, "", "damaged"},
    {"no-tables", {}, [](const auto& s) { return without(s, 0xDB); }, "", "damaged"},
    {"motion-jpeg", {}, [](const auto& s) { return without(s, 0xC4); }},
    {"no-end", {}, [](const auto& s) { return s.substr(0, s.size() - 2); }, "", "no end-of-image"},
    {"only-a-start", {}, [](const auto&) { return std::string("\xFF\xD8\xFF"); }, "", "cut short"},
    {"only-ends", {}, [](const auto&) { return std::string("\xFF\xD8\xFF\xD9"); }, "", "no valid size"},
};

class JpegTest : public VariantTest, public ::testing::WithParamInterface<JpegKind> {
protected:
    std::filesystem::path made()
    {
        const std::string bytes = written(small_photograph(), GetParam().way);
        return file(std::string(GetParam().name) + ".jpg", GetParam().change ? GetParam().change(bytes) : bytes);
    }
};

TEST_P(JpegTest, IsSeenAsElsewhereOrRefused)
{
    const JpegKind& kind = GetParam();
    if (*kind.refused != '\0') {
        const std::string said = refusal(made());
        EXPECT_NE(said.find(kind.refused), std::string::npos) << said;
        return;
    }
    const Still still = expect_seen_alike(made());
    EXPECT_TRUE(*kind.says == '\0' || mentions(still.actions, kind.says) || mentions(still.warnings, kind.says));
}

class HalfJpegTest : public JpegTest {};

TEST_P(HalfJpegTest, IsAnswered)
{
    expect_half_is_answered(made());
}

INSTANTIATE_TEST_SUITE_P(Kinds, HalfJpegTest,
                         ::testing::ValuesIn(halvable(k_jpegs, {"garbage-behind", "multi-picture"})),
                         name_of<JpegKind>);
INSTANTIATE_TEST_SUITE_P(Kinds, JpegTest, ::testing::ValuesIn(k_jpegs), name_of<JpegKind>);

TEST_F(VariantTest, TheRowsOfACutJpegAreSalvagedAndTheWarningSaysHowMany)
{
    const cv::Mat whole = cv::imread(photo("coffee.png").string());
    const std::string jpeg = encoded(whole, ".jpg", {cv::IMWRITE_JPEG_QUALITY, 95});
    auto request = as_it_is(file("cut.jpg", jpeg.substr(0, jpeg.size() * 6 / 10)));
    request.lenient = true;

    const Still still = prepare(request);

    ASSERT_TRUE(mentions(still.warnings, "no end-of-image marker"));
    EXPECT_TRUE(mentions(still.warnings, "only the first 5") || mentions(still.warnings, "only the first 6"))
        << still.warnings[0];
    EXPECT_LT(difference(pixels(still).rowRange(0, 180), whole.rowRange(0, 180)), 3);
    EXPECT_EQ(pixels(still).at<cv::Vec3b>(399, 300), cv::Vec3b::all(128));
}

TEST_F(VariantTest, WhatACutProgressiveJpegHasIsSalvaged)
{
    const cv::Mat whole = cv::imread(photo("coffee.png").string());
    const std::string jpeg = encoded(whole, ".jpg", {cv::IMWRITE_JPEG_QUALITY, 90, cv::IMWRITE_JPEG_PROGRESSIVE, 1});
    auto request = as_it_is(file("cut.jpg", jpeg.substr(0, jpeg.size() / 2)));
    request.lenient = true;

    const Still still = prepare(request);

    EXPECT_TRUE(mentions(still.warnings, "its finer detail could not be decoded"));
    EXPECT_LT(difference(pixels(still), whole), 15);
}

TEST_F(VariantTest, AWholePictureIsNotSaidToBeDamagedForBeingAskedForLeniently)
{
    auto request = request_for(photo("hubble_deep_field.jpg"));
    request.lenient = true;
    EXPECT_TRUE(prepare(request).actions.empty());
    EXPECT_TRUE(prepare(request).warnings.empty());
}

TEST_F(VariantTest, AJpegThatOnlyLacksItsEndMarkerIsWhole)
{
    const std::string jpeg = bytes_of(photo("rocket.jpg"));
    auto request = request_for(file("no-end.jpg", jpeg.substr(0, jpeg.size() - 2)));
    request.lenient = true;

    const Still still = prepare(request);

    EXPECT_FALSE(mentions(still.warnings, "rows"));
    EXPECT_TRUE(mentions(still.warnings, "no end-of-image marker"));
    EXPECT_EQ(bytes_of(still.file).substr(bytes_of(still.file).size() - 2), "\xFF\xD9") << "it has one again";
}

TEST_F(VariantTest, APlaceInASecondExifDirectoryIsFoundToo)
{
    const std::string jpeg = encoded(quarters(), ".jpg");

    const Still still = prepare(request_for(file("twice.jpg", with_exif(with_exif(jpeg, 1, true), 1))));

    EXPECT_TRUE(mentions(still.actions, "metadata removed"));
    EXPECT_EQ(bytes_of(still.file).find("Exif"), std::string::npos);
}

TEST_F(VariantTest, ThousandsOfBrokenExifDirectoriesCostNoTime)
{
    std::string segments;
    const std::string entries = std::string("Exif\0\0MM\0*\0\0\0\x08\xFF\xFF", 16); // 65535 entries, none of them there
    for (int i = 0; i < 5000; ++i) {
        segments += segment(0xE1, entries);
    }
    const std::string jpeg = encoded(quarters(), ".jpg");
    const std::clock_t begun = std::clock();

    const Still still = prepare(request_for(file("exif.jpg", jpeg.substr(0, 2) + segments + jpeg.substr(2))));

    EXPECT_LT(static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC, 2);
    EXPECT_EQ(still.size, (Size{480, 320}));
}

} // namespace
} // namespace longtake::test
