#include "stages/deliver/check.h"

#include "pipeline/av/probe.h"
#include "pipeline/av/splice/splice_proof.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/parallel.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <cmath>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace longtake::stages {
namespace {

constexpr double k_loudness_tolerance = 1.0; ///< LU

constexpr const char* k_failed = "the finished file failed its check: ";

/// Collects "what: found, expected" for everything that is off.
class Findings {
public:
    template <class Value>
    void same(const char* what, const Value& found, const Value& expected)
    {
        if (!(found == expected)) {
            add(fmt::format("{} is {}, not {}", what, found, expected));
        }
    }

    void add(std::string finding) { findings_.push_back(std::move(finding)); }

    /// Throws Error(unverified) with all of them.
    void need_none() const
    {
        if (!findings_.empty()) {
            throw Error(Errc::unverified, k_failed + join(findings_, "; "));
        }
    }

private:
    std::vector<std::string> findings_;
};

void check_picture(const av::MediaInfo::Video& video, const av::Measured& measured, const Expectation& expected,
                   Findings& findings)
{
    findings.same("frame count", measured.frames, expected.frames);
    findings.same("codec", video.codec, expected.video_codec);
    findings.same("size", video.size.text(), expected.size.text());
    findings.same("sample aspect ratio", video.sample_aspect_ratio, std::string("1:1"));
    findings.same("colour range", video.range, std::string("tv"));
    findings.same("colour primaries", video.primaries, std::string("bt709"));
    findings.same("colour transfer", video.transfer, std::string("bt709"));
    findings.same("colour matrix", video.matrix, std::string("bt709"));
    if (std::abs(video.rate.fps() - expected.rate.fps()) > 0.001 && measured.frames > 1) {
        findings.add(fmt::format("rate is {}, not {}", video.rate.text(), expected.rate.text()));
    }
    if (!measured.constant_rate) {
        findings.add("frame rate is not constant");
    }
}

void check_sound(const av::Measured& measured, const Expectation& expected, Findings& findings)
{
    if (measured.true_peak && *measured.true_peak > expected.audio->true_peak) {
        findings.add(
            fmt::format("true peak is {:.2f} dBTP, over {:.2f}", *measured.true_peak, expected.audio->true_peak));
    }
    if (expected.loudness && measured.loudness &&
        std::abs(*measured.loudness - *expected.loudness) > k_loudness_tolerance) {
        findings.add(fmt::format("loudness is {:.1f} LUFS, not {:.1f}; if the sound is all peaks, lower \"loudness\"",
                                 *measured.loudness, *expected.loudness));
    }
}

av::Measured measured_as(const std::filesystem::path& file, const Expectation& expected, bool sounds,
                         const std::stop_token& stop)
{
    if (!expected.proven) {
        return av::measure(file, stop);
    }
    av::Measured measured;
    if (sounds) {
        measured = av::measure_sound(file, expected.levels, stop);
    }
    measured.frames = expected.frames;
    return measured;
}

/// Reads back what was written.
template <class Read>
auto read_back(Read&& read)
{
    return av::as_unverified(k_failed, std::forward<Read>(read));
}

/// QuickTime's header does not say the range, the stream does.
av::MediaInfo probed(const std::filesystem::path& file, bool proven)
{
    av::MediaInfo info = proven ? av::probe_header(file) : av::probe(file);
    return info.video && info.video->range == "unknown" ? av::probe(file) : info;
}

} // namespace

Deliverable check_sound_track(const std::filesystem::path& file, const Expectation& expected, std::stop_token stop)
{
    const av::MediaInfo info = read_back([&] { return av::probe_header(file); });
    const av::Measured measured = read_back([&] { return av::measure_sound(file, expected.levels, stop); });
    Findings findings;
    if (!info.audio) {
        findings.add("there is no sound");
    }
    if (expected.levels) {
        check_sound(measured, expected, findings);
    }
    findings.need_none();
    Deliverable deliverable;
    deliverable.files = {{file, sha256_of_file(file), info.bytes}};
    deliverable.audio_codec = info.audio->codec;
    deliverable.loudness = measured.loudness;
    deliverable.true_peak = measured.true_peak;
    return deliverable;
}

Deliverable check_file(const std::filesystem::path& file, const Expectation& expected, std::stop_token stop)
{
    const av::MediaInfo info = read_back([&] { return probed(file, expected.proven); });
    auto sha256 = std::async(k_beside, sha256_of_file, file); // beside the decoding, which is the longer
    const av::Measured measured = read_back([&] { return measured_as(file, expected, info.audio.has_value(), stop); });
    Findings findings;
    if (info.video) {
        check_picture(*info.video, measured, expected, findings);
    } else {
        findings.add("there is no picture");
    }
    findings.same("sound", info.audio ? "there" : "missing", expected.audio ? "there" : "missing");
    if (info.audio && expected.audio && expected.levels) {
        check_sound(measured, expected, findings);
    }
    if (expected.max_bytes && info.bytes > *expected.max_bytes) {
        findings.add(fmt::format("{} bytes is over the platform's limit of {}; raise --crf, or add --fit-limits",
                                 info.bytes, *expected.max_bytes));
    }
    findings.need_none();
    Deliverable deliverable;
    deliverable.files = {{file, sha256.get(), info.bytes}};
    deliverable.frames = measured.frames;
    deliverable.size = info.video->size;
    deliverable.rate = expected.rate;
    deliverable.video_codec = info.video->codec;
    deliverable.audio_codec = info.audio ? info.audio->codec : "";
    deliverable.loudness = measured.loudness;
    deliverable.true_peak = measured.true_peak;
    return deliverable;
}

} // namespace longtake::stages
