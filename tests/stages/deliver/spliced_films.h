#pragma once

#include "pipeline/av/bitstream/h264/parameter_sets.h"
#include "pipeline/av/clip/video_reader.h"
#include "pipeline/av/splice/splice_proof.h"
#include "pipeline/av/splice/splice_writer.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/render/composer.h"
#include "stages/deliver/deliver.h"
#include "stages/deliver/segment_maker.h"
#include "stages/deliver/splicer.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/no_threads.h"
#include "tests/support/scenes.h"
#include "tests/support/temp_dir.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <fstream>

namespace longtake::stages {

/// Films of scenes at 320x180, 24 fps, spliced into one file.
class SplicedFilms : public ::testing::Test {
protected:
    struct Join {
        TransitionType type = TransitionType::cut;
        std::int64_t frames = 0;
        bool held = false;
    };

    /// The scenes one after the other, each whole, with cuts.
    Timeline scenes_film(const std::vector<test::Scene>& scenes) { return scenes_film(scenes, Join()); }

    /// The same, joined in another way.
    Timeline scenes_film(const std::vector<test::Scene>& scenes, const Join& join)
    {
        Timeline timeline;
        timeline.rate = {24, 1};
        timeline.size = {320, 180};
        std::int64_t end = 0;
        for (std::size_t i = 0; i < scenes.size(); ++i) {
            const std::string name = "clip" + std::to_string(i);
            Range range;
            range.file = test::write_scene(dir_ / (name + ".mp4"), scenes[i]);
            range.frames = scenes[i].frames;
            Item segment{name, end, range.frames, {}, {range}};
            if (i > 0) {
                segment.transition = {join.type, join.frames, join.held};
                segment.start -= join.held ? 0 : join.frames;
            }
            end = segment.start + segment.frames;
            timeline.items.push_back(segment);
        }
        return timeline;
    }

    /// The film at its own size and rate.
    static render::Rendition own(const Timeline& timeline) { return {timeline, {timeline.size}, timeline.rate}; }

    std::filesystem::path spliced(const Timeline& timeline, const std::string& name = "film.mp4")
    {
        indexes_ = index_clips(timeline);
        plan_ = plan_splice(own(timeline), indexes_, copy_terms(preset_, timeline.rate));
        film_ = gathered(timeline);
        const auto file = dir_ / name;
        splice(file, film_, media_of(timeline), {}, {});
        verify_film(file, film_, timeline.rate, av::VerifyDepth::joins);
        verify_film(file, film_, timeline.rate, av::VerifyDepth::all);
        return file;
    }

    /// The parts of a film, those encoded that have to be.
    SplicedFilm gathered(const Timeline& timeline)
    {
        const render::Rendition rendition = own(timeline);
        const av::ClipIndex* leading = leading_clip(plan_, indexes_);
        const av::MediaSpec media =
            leading != nullptr ? av::beside_copies(media_of(timeline), *leading) : media_of(timeline);
        std::vector<std::string> keys;
        std::vector<SegmentJob> wanted;
        for (const Piece& piece : pieces(timeline)) {
            keys.emplace_back();
            if (piece.copy == nullptr) {
                const av::MediaSpec segment = segment_media(media, piece);
                keys.back() = segment_key(rendition, piece, segment);
                wanted.push_back({piece.at, piece.frames, segment, keys.back()});
            }
        }
        SegmentStore store(dir_ / ("segments" + std::to_string(stores_++)));
        SegmentMaker maker(timeline, store, {});
        const auto order = maker.order(rendition, wanted, {});
        maker.start();
        return film_of(pieces(timeline), keys, maker.wait(order), indexes_, timeline.rate);
    }

    std::vector<Piece> pieces(const Timeline& timeline) const { return cut_into_pieces(plan_, own(timeline), 10); }

    av::MediaSpec media_of(const Timeline& timeline) const
    {
        av::MediaSpec media;
        media.size = timeline.size;
        media.rate = timeline.rate;
        media.video = preset_.video;
        media.video.encoder_preset = speed_;
        media.container = container_;
        return media;
    }

    void expect_copied(const std::filesystem::path& file) const
    {
        const auto film = test::frame_hashes(file);
        ASSERT_EQ(std::ssize(film), plan_.frames());
        std::map<std::filesystem::path, std::vector<std::string>> sources;
        for (const PlannedSpan& stretch : plan_.planned) {
            if (stretch.kind != Span::Kind::copy) {
                continue;
            }
            auto& source = sources[stretch.file];
            source = source.empty() ? test::frame_hashes(stretch.file) : source;
            for (std::int64_t i = 0; i < stretch.frames; ++i) {
                EXPECT_EQ(film[static_cast<std::size_t>(stretch.at + i)],
                          source[static_cast<std::size_t>(stretch.source + i)])
                    << "frame " << stretch.at + i;
            }
        }
    }

    /// Every copied frame equals its source; every encoded one resembles what was composed, and no neighbour more.
    void expect_right(const std::filesystem::path& file, const Timeline& timeline)
    {
        ASSERT_EQ(plan_.frames(), timeline.frames());
        EXPECT_EQ(test::run("ffmpeg -nostdin -v warning -xerror -i '" + file.string() + "' -f null - 2>&1").printed,
                  "");
        expect_copied(file);
        expect_composed(file, timeline);
    }

    static double difference(const av::Frame& a, const av::Frame& b)
    {
        double sum = 0;
        const Size size = a.size();
        for (int y = 0; y < size.height; ++y) {
            for (int x = 0; x < size.width; ++x) {
                const double d = a.plane(0)[y * a.stride(0) + x] - b.plane(0)[y * b.stride(0) + x];
                sum += d * d;
            }
        }
        return sum / (size.width * size.height);
    }

    static double psnr(double mse) { return 10 * std::log10(255.0 * 255 / std::max(mse, 1e-6)); }

    void expect_composed(const std::filesystem::path& file, const Timeline& timeline)
    {
        render::Composer composer(timeline);
        std::vector<av::Frame> wanted;
        while (auto frame = composer.next()) {
            wanted.push_back(std::move(*frame));
        }
        av::VideoReader reader(file);
        for (std::size_t i = 0; auto shown = reader.next(); ++i) {
            ASSERT_LT(i, wanted.size());
            EXPECT_NEAR(shown->seconds, timeline.rate.seconds(static_cast<std::int64_t>(i)), 1e-4);
            const double here = difference(shown->frame, wanted[i]);
            EXPECT_GE(psnr(here), 32) << "frame " << i;
            for (const std::size_t other : {i - 1, i + 1}) {
                if (other < wanted.size() && difference(wanted[i], wanted[other]) > 1) {
                    EXPECT_LT(here, difference(shown->frame, wanted[other])) << "frame " << i << " shows " << other;
                }
            }
        }
    }

    /// The error a file is refused with; "" when it passes.
    std::string refusal(const std::filesystem::path& file, const Timeline& timeline, av::VerifyDepth depth) const
    {
        try {
            verify_film(file, film_, timeline.rate, depth);
            return "";
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), Errc::unverified);
            return error.what();
        }
    }

    Preset preset_ = master_preset();
    std::string speed_ = "veryfast"; ///< of encoding, in the encoder's words
    std::string container_ = "mp4";
    test::TempDir dir_;
    ClipIndexes indexes_;
    SplicePlan plan_;
    SplicedFilm film_;
    int stores_ = 0;
};

} // namespace longtake::stages
