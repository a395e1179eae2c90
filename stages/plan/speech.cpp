#include "stages/plan/speech.h"

#include "pipeline/base/error.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::stages {
namespace {

/// "wav" of "a/b.WAV"
std::string extension_of(const std::filesystem::path& file)
{
    std::string extension = file.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    return extension.empty() ? extension : extension.substr(1);
}

[[noreturn]] void refuse_speech(const Shot& shot, const std::string& why)
{
    throw Error(Errc::usage, fmt::format("shot '{}': lip_sync: {}", shot.id, why));
}

/// A service lays speech on one finished film of its own; a shot chained from last frames is several.
void check_film(const ModelChoice& choice, const Pieces& pieces)
{
    const LipSyncLimits& limits = *choice.provider.lip_sync;
    const auto is_chain = [](const TakePiece& piece) { return piece.kind == PlannedTake::Kind::chain; };
    const bool chained = std::any_of(pieces.begin(), pieces.end(), is_chain);
    if (pieces.size() > 1 && (chained || !limits.max_extended)) {
        refuse_speech(choice.shot, fmt::format("{} lays speech on the film of one take, and this shot has {}; make it "
                                               "short enough for one, or split it",
                                               choice.provider.name, pieces.size()));
    }
    const double longest = pieces.size() > 1 ? *limits.max_extended : limits.max_seconds;
    const double film = billed_seconds(pieces);
    if (film < limits.min_seconds || film > longest) {
        refuse_speech(choice.shot,
                      fmt::format("{} lays speech on films of {:.6g} to {:.6g} s, and this one lasts {:.6g} s",
                                  choice.provider.name, limits.min_seconds, longest, film));
    }
}

void check_recording(const ModelChoice& choice, const std::filesystem::path& file, const InputInfo& recording)
{
    const LipSyncLimits& limits = *choice.provider.lip_sync;
    const std::string name = file.filename().string();
    if (std::find(limits.audio.begin(), limits.audio.end(), extension_of(file)) == limits.audio.end()) {
        refuse_speech(choice.shot, fmt::format("{} is none of the formats {} takes: {}", name, choice.provider.name,
                                               join(limits.audio)));
    }
    if (recording.bytes > limits.max_audio_bytes) {
        refuse_speech(choice.shot, fmt::format("{} has {:.1f} MB, and {} takes at most {:.0f} MB", name,
                                               static_cast<double>(recording.bytes) / 1e6, choice.provider.name,
                                               static_cast<double>(limits.max_audio_bytes) / 1e6));
    }
}

} // namespace

PlannedTake speech_take(const ModelChoice& choice, const Pieces& pieces, const Inputs& facts)
{
    check_film(choice, pieces);
    const LipSync& speech = *choice.shot.lip_sync;
    if (speech.audio) {
        check_recording(choice, *speech.audio, facts_of(facts, *speech.audio));
    }
    PlannedTake take;
    take.kind = PlannedTake::Kind::lip_sync;
    take.index = static_cast<int>(pieces.size());
    take.seconds = billed_seconds(pieces);
    take.prompt = speech.text;
    take.cost = choice.provider.lip_sync_price(take.seconds);
    return take;
}

std::vector<std::string> speech_notes(const ModelChoice& choice, const Inputs& facts)
{
    const LipSync& speech = *choice.shot.lip_sync;
    if (!speech.audio) {
        return {};
    }
    const double lasts = facts_of(facts, *speech.audio).seconds;
    if (lasts <= *choice.shot.seconds) {
        return {};
    }
    return {fmt::format("shot '{}': {} lasts {:.1f} s, the shot {:.6g} s: the rest is not heard", choice.shot.id,
                        speech.audio->filename().string(), lasts, *choice.shot.seconds)};
}

} // namespace longtake::stages
