#include "pipeline/av/bitstream/av1/codec.h"

#include "pipeline/av/bitstream/av1/config.h"
#include "pipeline/base/error.h"
#include "tests/av/av1/streams.h"
#include "tests/support/temp_dir.h"

#include <gtest/gtest.h>

#include <random>

namespace longtake::av::av1 {
namespace {

/// A stream's header, and its temporal units with their delimiters.
struct Coded {
    std::unique_ptr<StreamHeader> header;
    std::vector<Bytes> units;
    Bytes sequence;
};

class Av1CodecTest : public ::testing::Test {
protected:
    Coded coded(const std::string& name, const std::string& more = k_tagged)
    {
        Av1Spec spec = spec_called(name);
        const std::string options = more + spec.options;
        spec.options = options.c_str();
        Coded coded;
        coded.units = units_of(write_av1(dir_ / "in.obu", spec));
        coded.sequence = sequence_header_in(coded.units.front());
        coded.header = read_header({}, coded.units.front());
        return coded;
    }

    static std::string blocker_of(const Coded& stream) { return stream.header->copy_blocker(); }

    static Bytes bytes_of(View view) { return {view.begin(), view.end()}; }

    static std::vector<ObuType> types_in(View unit)
    {
        std::vector<ObuType> types;
        for (const Obu& obu : split_obus(unit)) {
            types.push_back(obu.type);
        }
        return types;
    }

    /// A unit without OBUs of a type.
    static Bytes without(View unit, ObuType type)
    {
        Bytes rest;
        for (const Obu& obu : split_obus(unit)) {
            if (obu.type != type) {
                rest.insert(rest.end(), obu.whole.begin(), obu.whole.end());
            }
        }
        return rest;
    }

    test::TempDir dir_;
};

TEST_F(Av1CodecTest, AHeaderSaysWhatAPacketHolds)
{
    const Coded stream = coded("Svt");
    EXPECT_EQ(blocker_of(stream), "");
    EXPECT_EQ(stream.header->pixel_format(), "yuv420p");
    EXPECT_EQ(stream.header->profile(), 0);
    for (std::size_t i = 0; i < stream.units.size(); ++i) {
        const CodedPicture seen = stream.header->look_at(stream.units[i], false);
        EXPECT_EQ(seen.pictures, 1) << "hidden ones come with the next that is shown: " << i;
        EXPECT_EQ(seen.entry, i % 6 == 0) << i;
        EXPECT_EQ(seen.restart, seen.entry) << i;
        EXPECT_FALSE(seen.leading || seen.bidirectional || seen.parameter_sets) << i;
        EXPECT_EQ(seen.copy_blocker, "") << i;
    }
    const Coded deep = coded("SvtTenBit");
    EXPECT_EQ(blocker_of(deep), "");
    EXPECT_EQ(deep.header->pixel_format(), "yuv420p10le");
}

/// SVT-AV1 1.4 calls such frames forward key frames; decoding cannot begin at them.
TEST_F(Av1CodecTest, IntraOnlyFramesAreNoEntries)
{
    const Coded stream = coded("SvtIntraOnly");
    int entries = 0;
    for (const Bytes& unit : stream.units) {
        entries += stream.header->look_at(unit, true).entry ? 1 : 0;
    }
    EXPECT_EQ(entries, 1);
}

TEST_F(Av1CodecTest, SaysWhyAStreamCannotBeCopied)
{
    EXPECT_EQ(blocker_of(coded("AomMonochrome")), "it is not 8-bit or 10-bit 4:2:0");
    EXPECT_EQ(blocker_of(coded("Aom444")), "it is not 8-bit or 10-bit 4:2:0");
    EXPECT_EQ(blocker_of(coded("AomStill")), "it is a still picture");
    EXPECT_EQ(blocker_of(coded("AomModel")), "its buffer model would not hold in another stream");
    EXPECT_EQ(blocker_of(coded("Aom", "-color_range pc ")), "its colours are full range");
    EXPECT_EQ(blocker_of(coded("Aom", "")), "its colours are untagged, BT.601 at this size");
    EXPECT_EQ(blocker_of(coded("Aom", "-colorspace bt470bg -color_primaries bt709 ")), "its matrix is not BT.709");
    EXPECT_EQ(blocker_of(coded("Aom", "-colorspace bt709 -color_primaries bt2020 -color_trc bt709 ")),
              "its colour primaries or transfer are not BT.709");
    for (const char* name :
         {"SvtSuperres", "SvtGrain", "AomIds", "AomNoOrderHints", "AomTiles", "AomTiming", "Rav1e"}) {
        EXPECT_EQ(blocker_of(coded(name)), "") << name;
    }
}

/// What FFmpeg 5.1 writes into the header of a file for SVT-AV1 is not the stream's own.
TEST_F(Av1CodecTest, TheStreamsOwnHeaderComesBeforeTheContainers)
{
    const Coded stream = coded("Svt");
    const Coded other = coded("Aom");
    const Bytes record = build_config(other.sequence);
    EXPECT_EQ(read_header(record, stream.units.front())->identity(), stream.header->identity());
    EXPECT_EQ(read_header(record, stream.units.at(1))->identity(), other.header->identity());
    EXPECT_EQ(read_header(record)->identity(), other.header->identity());
    EXPECT_NE(stream.header->identity(), other.header->identity());
    EXPECT_THROW(read_header({}), Error);
    EXPECT_THROW(read_header(Bytes{0x81, 1, 0x0c, 0}, stream.units.at(1)), Error);
}

TEST_F(Av1CodecTest, WhatChangesOnTheWayIsNotCopied)
{
    const Coded stream = coded("Svt");
    const Coded other = coded("Aom");
    EXPECT_EQ(stream.header->look_at(other.units.front(), true).copy_blocker, "its sequence header changes on the way");
    Bytes layered = stream.units.at(1);
    const Bytes layer{0x36, 0x20, 1, 0x80};
    layered.insert(layered.end(), layer.begin(), layer.end());
    EXPECT_EQ(stream.header->look_at(layered, false).copy_blocker, "it has several layers");
    Bytes tiles = stream.units.at(1);
    append_obu(tiles, ObuType::tile_list, Bytes{1});
    EXPECT_EQ(stream.header->look_at(tiles, false).copy_blocker, "it is made of lists of tiles");
    EXPECT_EQ(stream.header->look_at(stream.units.at(1), false).copy_blocker, "");
}

TEST_F(Av1CodecTest, ASplicedStreamHasTheHeaderOfEachSourceAtItsEntries)
{
    const Coded one = coded("Svt");
    const Coded two = coded("Rav1e"); // of level 31, whatever its size
    const auto splicer = make_splicer();
    splicer->add_source(*one.header, Origin::own);
    splicer->add_source(*two.header, Origin::foreign);
    const auto spliced = read_header(splicer->header());
    EXPECT_EQ(spliced->level(), 31) << "the highest";
    EXPECT_EQ(splicer->header(), build_config(sequence_header_of(splicer->header())));

    std::vector<Bytes> units;
    for (const auto& [stream, source] : {std::pair{&one, 0}, std::pair{&two, 1}, std::pair{&one, 0}}) {
        for (std::size_t i = 0; i < stream->units.size(); ++i) {
            const auto sample =
                splicer->take(stream->units[i], false, i == 0, *stream->header, static_cast<std::size_t>(source));
            EXPECT_EQ(sample.entry, i % 6 == 0);
            EXPECT_EQ(types_in(sample.data).front() == ObuType::sequence_header, sample.entry);
            EXPECT_TRUE(spliced->same_picture(sample.data, false, *stream->header, stream->units[i])) << i;
            EXPECT_FALSE(spliced->same_picture(sample.data, false, *stream->header,
                                               stream->units[(i + 1) % stream->units.size()]))
                << i;
            append_obu(units.emplace_back(), ObuType::temporal_delimiter, {});
            units.back().insert(units.back().end(), sample.data.begin(), sample.data.end());
        }
    }
    const auto digests =
        test::frame_digests({write_units(dir_ / "film.obu", units), write_units(dir_ / "1.obu", one.units),
                             write_units(dir_ / "2.obu", two.units)});
    std::vector<std::string> wanted = digests[1];
    wanted.insert(wanted.end(), digests[2].begin(), digests[2].end());
    wanted.insert(wanted.end(), digests[1].begin(), digests[1].end());
    EXPECT_EQ(digests[0], wanted);
}

TEST_F(Av1CodecTest, AnEntryWithoutAHeaderGetsIt)
{
    const Coded stream = coded("Aom");
    const auto splicer = make_splicer();
    splicer->add_source(*stream.header, Origin::foreign);
    const Bytes bare = without(stream.units.front(), ObuType::sequence_header);
    const Bytes whole = bytes_of(splicer->take(stream.units.front(), true, true, *stream.header, 0).data);
    EXPECT_EQ(bytes_of(splicer->take(bare, true, true, *stream.header, 0).data), whole);
    EXPECT_EQ(types_in(whole), (std::vector{ObuType::sequence_header, ObuType::frame}));
}

/// Metadata stays, and what files are not to hold goes.
TEST_F(Av1CodecTest, SamplesHoldWhatFilesAreToHold)
{
    const Coded stream = coded("Aom");
    const auto splicer = make_splicer();
    splicer->add_source(*stream.header, Origin::foreign);
    Bytes unit = stream.units.at(1);
    append_obu(unit, ObuType::padding, Bytes{1, 2, 3});
    append_obu(unit, ObuType::metadata, Bytes{4, 5});
    const auto sample = splicer->take(unit, false, false, *stream.header, 0);
    auto wanted = types_in(stream.units.at(1));
    wanted.erase(wanted.begin()); // the delimiter
    wanted.push_back(ObuType::metadata);
    EXPECT_EQ(types_in(sample.data), wanted);
}

/// What goes wrong in joins: another sequence header than the source's, one frame less of several in a unit, an entry
/// that is none.
TEST_F(Av1CodecTest, PlantedFaultsAreOtherPictures)
{
    const Coded one = coded("Svt");
    const Coded two = coded("Aom");
    const auto splicer = make_splicer();
    splicer->add_source(*one.header, Origin::foreign);
    const auto film = read_header(splicer->header());
    const Bytes entry = bytes_of(splicer->take(one.units[0], true, true, *one.header, 0).data);
    ASSERT_TRUE(film->same_picture(entry, true, *one.header, one.units[0]));
    Bytes swapped;
    append_obu(swapped, ObuType::sequence_header, two.sequence);
    const Bytes frame = without(entry, ObuType::sequence_header);
    swapped.insert(swapped.end(), frame.begin(), frame.end());
    EXPECT_FALSE(film->same_picture(swapped, true, *one.header, one.units[0]));
    EXPECT_FALSE(film->same_picture(frame, true, *one.header, one.units[0])) << "a sync sample without a header";

    const Bytes group = bytes_of(splicer->take(one.units[1], false, false, *one.header, 0).data);
    const auto obus = split_obus(group);
    ASSERT_GT(obus.size(), 1U) << "hidden frames, which those after it refer to";
    EXPECT_FALSE(film->same_picture(View(group).subspan(obus.front().whole.size()), false, *one.header, one.units[1]));
    EXPECT_FALSE(film->look_at(group, true).restart) << "whatever the container says";
}

TEST_F(Av1CodecTest, PicturesOfAnotherKindAreNoSource)
{
    const auto splicer = make_splicer();
    splicer->add_source(*coded("Svt").header, Origin::foreign);
    EXPECT_THROW(splicer->add_source(*coded("SvtTenBit").header, Origin::foreign), Error);
    EXPECT_THROW(splicer->add_source(*coded("AomTiles").header, Origin::foreign), Error) << "of another size";
}

/// Every end but a result and Error(input) fails the test.
TEST_F(Av1CodecTest, DamageIsAnErrorAndNothingWorse)
{
    std::mt19937 random(1);
    const Coded stream = coded("AomIds");
    int refused = 0;
    for (int round = 0; round < 4000; ++round) {
        Bytes unit = stream.units[random() % stream.units.size()];
        unit.resize(std::min<std::size_t>(unit.size(), 1 + random() % 60));
        for (auto changes = random() % 3; changes > 0; --changes) {
            unit[random() % unit.size()] = static_cast<std::uint8_t>(random());
        }
        unit.shrink_to_fit();
        try {
            stream.header->look_at(unit, true);
            const auto header = read_header(unit, {});
            const auto splicer = make_splicer();
            splicer->add_source(*header, Origin::foreign);
            splicer->take(unit, true, true, *header, 0);
        } catch (const Error& error) {
            ASSERT_EQ(error.code(), Errc::input) << error.what();
            ++refused;
        }
    }
    EXPECT_GT(refused, 100);
}

} // namespace
} // namespace longtake::av::av1
