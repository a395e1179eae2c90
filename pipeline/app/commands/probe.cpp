#include "pipeline/app/session.h"

#include "pipeline/av/probe.h"

#include <fmt/format.h>

#include <memory>

namespace longtake::app {
namespace {

struct ProbeOptions {
    StreamOptions streams;
    std::vector<std::filesystem::path> files;
};

void print(const std::filesystem::path& file, const av::MediaInfo& info, const av::Measured& measured, Console& console)
{
    console.print(file.string() + ":");
    console.print(
        fmt::format("  container  {}, {:.3f} s claimed, {} bytes", info.container, info.seconds_claimed, info.bytes));
    if (info.video) {
        const auto& v = *info.video;
        console.print(fmt::format("  picture    {} {}, {}, {} fps, {}, SAR {}, {}/{}/{}/{}", v.codec, v.profile,
                                  v.size.text(), v.rate.text(), v.pixel_format, v.sample_aspect_ratio, v.range,
                                  v.primaries, v.transfer, v.matrix));
        console.print(fmt::format("  decoded    {} frames ({} claimed), {} rate", measured.frames, v.frames_claimed,
                                  measured.constant_rate ? "constant" : "variable"));
    }
    if (info.audio) {
        const auto& a = *info.audio;
        console.print(fmt::format("  sound      {} {}, {} Hz, {} channels, {:.3f} s decoded", a.codec, a.profile,
                                  a.sample_rate, a.channels, static_cast<double>(measured.samples) / 48000.0));
        if (measured.loudness) {
            console.print(fmt::format("  loudness   {:.1f} LUFS, true peak {:.1f} dBTP", *measured.loudness,
                                      measured.true_peak.value_or(-99)));
        }
    }
}

int probe_all(const ProbeOptions& options, Session& session)
{
    configure(options.streams, session);
    nlohmann::json files = nlohmann::json::array();
    for (const auto& file : options.files) {
        const av::MediaInfo info = av::probe(file);
        const av::Measured measured = av::measure(file, session.environment.stop);
        print(file, info, measured, session.console);
        files.push_back({{"file", file.string()}, {"claimed", info}, {"measured", measured}});
    }
    session.console.result({{"files", files}});
    return 0;
}

} // namespace

void add_probe_command(CLI::App& app, Session& session, Status& status)
{
    auto options = std::make_shared<ProbeOptions>();
    CLI::App* command = app.add_subcommand("probe", "What a media file really contains: decoded, counted, measured");
    command->add_option("files", options->files, "Media files")->required();
    add_stream_options(*command, options->streams);
    command->callback([options, &session, &status] { status = probe_all(*options, session); });
}

} // namespace longtake::app
