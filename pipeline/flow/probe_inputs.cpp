#include "pipeline/flow/probe_inputs.h"

#include "pipeline/av/clip/clip_facts.h"
#include "pipeline/av/probe.h"
#include "pipeline/av/sound/beats.h"
#include "pipeline/base/error.h"
#include "pipeline/base/parallel.h"
#include "stages/prepare/prepare.h"

#include <set>
#include <vector>

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

InputInfo picture_facts(const std::filesystem::path& file)
{
    InputInfo facts;
    facts.size = stages::picture_size(file);
    return facts;
}

InputInfo recording_facts(const std::filesystem::path& file)
{
    const av::MediaInfo info = av::probe(file);
    if (!info.audio) {
        throw Error(Errc::input, file.string() + ": has no sound in it");
    }
    InputInfo facts;
    facts.seconds = info.seconds_claimed;
    facts.sound = true;
    facts.bytes = info.bytes;
    return facts;
}

InputInfo sound_clip_facts(const std::filesystem::path& file)
{
    return av::clip_facts(file);
}

InputInfo damaged_clip_facts(const std::filesystem::path& file)
{
    return av::clip_facts(file, av::Damage::passed_over);
}

/// A file somebody named, and how its facts are found.
struct Named {
    std::string by; ///< "shot 'x'", "music"
    std::filesystem::path file;
    InputInfo (*facts)(const std::filesystem::path&);
};

std::vector<Named> named_by(const Storyboard& board)
{
    std::vector<Named> all;
    for (const Shot& shot : board.shots) {
        const auto name = [&](const auto& file, auto how) {
            if (file) {
                all.push_back({"shot '" + shot.id + "'", *file, how});
            }
        };
        for (const auto& picture : {shot.image, shot.end_image, shot.static_mask}) {
            name(picture, picture_facts);
        }
        for (const DynamicMask& mask : shot.dynamic_masks) {
            name(&mask.mask, picture_facts);
        }
        for (const auto& picture : shot.images) {
            name(&picture, picture_facts);
        }
        for (const auto& picture : shot.keyframes) {
            name(&picture, picture_facts);
        }
        for (const Reference& reference : shot.references) {
            name(&reference.file, reference.kind == Reference::Kind::picture ? picture_facts
                                  : reference.kind == Reference::Kind::film  ? sound_clip_facts
                                                                             : recording_facts);
        }
        name(shot.edit, sound_clip_facts);
        if (shot.lip_sync) {
            name(shot.lip_sync->audio, recording_facts);
        }
        name(shot.clip, shot.settings.lenient ? damaged_clip_facts : sound_clip_facts);
    }
    return all;
}

} // namespace

Inputs probe_inputs(const Storyboard& board)
{
    Inputs none;
    return probe_inputs(board, none);
}

Inputs probe_inputs(const Storyboard& board, Inputs& known)
{
    std::vector<Named> files = named_by(board);
    std::set<std::filesystem::path> seen;
    std::erase_if(files, [&](const Named& named) { return !seen.insert(named.file).second; });
    for (const auto& file : voice_files(board)) {
        if (seen.insert(file).second) {
            files.push_back({"voice", file, recording_facts});
        }
    }
    if (board.audio.music) { // also if it is a shot's clip: it has to have sound in it
        files.push_back({"music", *board.audio.music, recording_facts});
    }
    const auto found = parallel_map<InputInfo>(thread_count(0), files.size(), [&](std::size_t i) {
        if (const auto before = known.find(files[i].file); before != known.end()) {
            return before->second;
        }
        return in_context(files[i].by, [&] {
            need_file(files[i].file);
            return files[i].facts(files[i].file);
        });
    });
    Inputs facts;
    for (std::size_t i = 0; i < files.size(); ++i) {
        facts.emplace(files[i].file, found[i]);
        known.insert_or_assign(files[i].file, found[i]);
    }
    if (board.audio.beat) {
        facts.at(*board.audio.music).beats = in_context("music", [&] { return av::find_beats(*board.audio.music); });
    }
    return facts;
}

} // namespace longtake
