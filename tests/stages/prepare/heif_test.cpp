// How HEIC and AVIF files turn their pictures: by properties of the container (irot, imir), not by EXIF.
#include "tests/stages/prepare/variants.h"

#include <libheif/heif.h>

#include <memory>

namespace longtake::test {
namespace {

/// What libheif's own encoder writes of a picture, with `orientation` (EXIF's numbers) as irot and imir.
std::string heif_of(const cv::Mat& stored, heif_compression_format compression, int orientation)
{
    const std::unique_ptr<heif_context, decltype(&heif_context_free)> context(heif_context_alloc(), heif_context_free);
    heif_encoder* encoder = nullptr;
    EXPECT_EQ(heif_context_get_encoder_for_format(context.get(), compression, &encoder).code, heif_error_Ok);
    heif_encoder_set_lossy_quality(encoder, 95);
    heif_image* image = nullptr;
    heif_image_create(stored.cols, stored.rows, heif_colorspace_RGB, heif_chroma_interleaved_RGB, &image);
    heif_image_add_plane(image, heif_channel_interleaved, stored.cols, stored.rows, 8);
    int stride = 0;
    std::uint8_t* plane = heif_image_get_plane(image, heif_channel_interleaved, &stride);
    cv::Mat view(stored.size(), CV_8UC3, plane, static_cast<std::size_t>(stride));
    cv::cvtColor(stored, view, cv::COLOR_BGR2RGB);
    heif_encoding_options* options = heif_encoding_options_alloc();
    options->image_orientation = static_cast<heif_orientation>(orientation);
    heif_context_encode_image(context.get(), image, encoder, options, nullptr);
    heif_encoding_options_free(options);
    heif_image_release(image);
    heif_encoder_release(encoder);
    std::string bytes;
    heif_writer writer{};
    writer.writer_api_version = 1;
    writer.write = [](heif_context*, const void* data, std::size_t length, void* to) {
        static_cast<std::string*>(to)->assign(static_cast<const char*>(data), length);
        return heif_error{heif_error_Ok, heif_suberror_Unspecified, ""};
    };
    heif_context_write(context.get(), &writer, &bytes);
    return bytes;
}

class TurnedByContainerTest : public VariantTest, public ::testing::WithParamInterface<int> {};

TEST_P(TurnedByContainerTest, IsUprightInTheEnd)
{
    const cv::Mat upright = quarters(128, 96);
    for (const auto compression : {heif_compression_HEVC, heif_compression_AV1}) {
        const auto made = file("turned.heic", heif_of(stored_as(GetParam(), upright), compression, GetParam()));

        const Still still = prepare(as_it_is(made));

        EXPECT_EQ(stages::picture_size(made), (Size{128, 96}));
        EXPECT_LT(difference(pixels(still), upright), 4) << compression;
    }
}

INSTANTIATE_TEST_SUITE_P(AllEight, TurnedByContainerTest, ::testing::Range(1, 9));

TEST_F(VariantTest, AHeicThatIsCutCannotBeSalvagedAndSaysSo)
{
    const std::string whole = heif_of(quarters(128, 96), heif_compression_HEVC, 1);
    auto request = as_it_is(file("cut.heic", whole.substr(0, whole.size() - 100)));
    request.lenient = true;
    try {
        prepare(request);
        FAIL() << "it was taken";
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), Errc::input);
        EXPECT_NE(std::string(error.what()).find("cut short"), std::string::npos) << error.what();
    }
}

} // namespace
} // namespace longtake::test
