#include "pipeline/flow/scout.h"

#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "stages/prepare/prepare.h"

#include <functional>

namespace longtake {
namespace {

void need_file(const std::filesystem::path& file)
{
    std::error_code code;
    const auto status = std::filesystem::status(file, code);
    if (!std::filesystem::exists(status)) {
        throw Error(Errc::input, file.string() + ": no such file");
    }
    if (!std::filesystem::is_regular_file(status)) {
        throw Error(Errc::input, file.string() + ": is not a regular file");
    }
}

MediaFacts picture_facts(const std::filesystem::path& file)
{
    MediaFacts facts;
    facts.size = stages::picture_size(file);
    return facts;
}

MediaFacts recording_facts(const std::filesystem::path& file)
{
    const av::MediaInfo info = av::probe(file);
    if (!info.audio) {
        throw Error(Errc::input, file.string() + ": has no sound in it");
    }
    MediaFacts facts;
    facts.seconds = info.seconds_claimed;
    facts.sound = true;
    facts.bytes = info.bytes;
    return facts;
}

} // namespace

Facts scout(const Storyboard& board)
{
    Facts facts;
    const auto look = [&](const std::filesystem::path& file, const auto& how) {
        if (!facts.contains(file)) {
            need_file(file);
            facts[file] = how(file);
        }
    };
    for (const Shot& shot : board.shots) {
        in_context("shot '" + shot.id + "'", [&] {
            for (const auto& picture : {shot.image, shot.end_image, shot.static_mask}) {
                if (picture) {
                    look(*picture, picture_facts);
                }
            }
            for (const DynamicMask& mask : shot.dynamic_masks) {
                look(mask.mask, picture_facts);
            }
            for (const auto& picture : shot.images) {
                look(picture, picture_facts);
            }
            if (shot.lip_sync && shot.lip_sync->audio) {
                look(*shot.lip_sync->audio, recording_facts);
            }
            if (shot.clip) {
                look(*shot.clip, av::clip_facts);
            }
        });
    }
    if (board.audio.music) {
        in_context("music", [&] {
            need_file(*board.audio.music);
            (void)recording_facts(*board.audio.music);
        });
    }
    return facts;
}

} // namespace longtake
