#include "pipeline/flow/record/exported_cut.h"

#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"

namespace longtake {
namespace {

/// In frames at the film's rate; 0 where it cannot be read.
std::int64_t length_of(const std::filesystem::path& file, const Rate& rate)
{
    try {
        return rate.frames(av::probe_header(file).seconds_claimed);
    } catch (const Error&) {
        return 0;
    }
}

} // namespace

interchange::Cut exported_cut(const RunRecord& record, const std::filesystem::path& folder)
{
    interchange::Cut cut = interchange::cut_of(record, folder);
    const auto add = [&](const std::filesystem::path& file) {
        if (!cut.media_frames.contains(file)) {
            if (const std::int64_t frames = length_of(file, cut.timeline.rate); frames > 0) {
                cut.media_frames[file] = frames;
            }
        }
    };
    for (const Item& item : cut.timeline.items) {
        for (const Range& range : item.ranges) {
            if (range.kind == Range::Kind::footage) {
                add(range.file);
            }
        }
    }
    if (cut.timeline.music) {
        add(cut.timeline.music->file);
    }
    for (const Voice& voice : cut.timeline.voices) {
        add(voice.file);
    }
    return cut;
}

} // namespace longtake
