#include "stages/deliver/check.h"

#include "pipeline/av/probe.h"
#include "pipeline/av/splice/splice_proof.h"
#include "pipeline/base/error.h"
#include "pipeline/base/hash.h"
#include "pipeline/base/parallel.h"
#include "pipeline/base/text.h"
#include "stages/deliver/webp_animation.h"

#include <fmt/format.h>

#include <cmath>
#include <future>
#include <string>
#include <utility>
#include <vector>

namespace longtake::stages {
namespace {

/// Formats of RGB pictures, which are sRGB where nothing else is said.
bool is_rgb(const std::string& container)
{
    return container == "gif" || container == "webp";
}

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
    if (!is_rgb(expected.container)) {
        findings.same("colour range", video.range, std::string("tv"));
        const bool high = expected.dynamic_range != DynamicRange::sdr;
        const bool pq = expected.dynamic_range == DynamicRange::pq;
        findings.same("colour primaries", video.primaries, std::string(high ? "bt2020" : "bt709"));
        findings.same("colour transfer", video.transfer,
                      std::string(!high ? "bt709"
                                  : pq  ? "smpte2084"
                                        : "arib-std-b67"));
        findings.same("colour matrix", video.matrix, std::string(high ? "bt2020nc" : "bt709"));
    }
    const bool says_rate = expected.container != "webp"; // which has durations alone
    if (says_rate && std::abs(video.rate.fps() - expected.rate.fps()) > 0.001 && measured.frames > 1) {
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
        std::abs(*measured.loudness - *expected.loudness) > expected.audio->tolerance) {
        findings.add(fmt::format("loudness is {:.1f} LUFS, not {:.1f}; if the sound is all peaks, lower \"loudness\"",
                                 *measured.loudness, *expected.loudness));
    }
}

void check_short_term(const std::filesystem::path& file, double ceiling, Findings& findings)
{
    const std::optional<double> loudest = av::loudest_short_term(file);
    if (loudest && *loudest > ceiling) {
        findings.add(
            fmt::format("short-term loudness is {:.1f} LUFS at its highest, over {:.1f}; the mix is too uneven",
                        *loudest, ceiling));
    }
}

av::Measured measured_as(const std::filesystem::path& file, const Expectation& expected, bool sounds,
                         const std::stop_token& stop)
{
    if (expected.container == "webp") { // whose animations libavcodec does not decode
        av::Measured measured = measure_webp(file, expected.rate);
        measured.frames = measured.frames == 0 ? expected.frames : measured.frames; // nothing moves
        return measured;
    }
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
    const av::MediaInfo info =
        read_back([&] { return expected.container == "webp" ? probe_webp(file) : probed(file, expected.proven); });
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
        if (expected.audio->short_term) {
            check_short_term(file, *expected.audio->short_term, findings);
        }
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
