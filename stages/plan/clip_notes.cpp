#include "stages/plan/clip_notes.h"

#include "stages/plan/format.h"

#include <fmt/format.h>

#include <algorithm>

namespace longtake::stages {
namespace {

/// What films change of this clip, or leave out.
std::vector<std::string> clip_notes(const Shot& shot, const InputInfo& facts)
{
    std::vector<std::string> notes = facts.notes;
    if (facts.interlaced) {
        notes.emplace_back(shot.settings.each_field
                               ? "is interlaced: every field becomes a picture, where the film is fast enough"
                               : "is interlaced: every two fields become one picture; \"fields\": \"double\" (--fields "
                                 "double) makes one of each");
    }
    return notes;
}

std::string shots_text(const std::vector<std::string>& ids)
{
    constexpr std::size_t most = 3;
    std::string text = ids.size() == 1 ? "shot " : "shots ";
    for (std::size_t i = 0; i < std::min(ids.size(), most); ++i) {
        text += (i == 0 ? "'" : ", '") + ids[i] + "'";
    }
    return ids.size() > most ? fmt::format("{} and {} more", text, ids.size() - most) : text;
}

} // namespace

void note_clips(Plan& plan, const Inputs& facts)
{
    std::vector<std::pair<std::string, std::vector<std::string>>> notes;
    for (const ShotPlan& shot : plan.shots) {
        if (shot.kind != ShotPlan::Kind::clip) {
            continue;
        }
        for (const std::string& note : clip_notes(shot.shot, facts_of(facts, *shot.shot.clip))) {
            const auto found = std::find_if(notes.begin(), notes.end(), [&](const auto& n) { return n.first == note; });
            auto& shots =
                found == notes.end() ? notes.emplace_back(note, std::vector<std::string>{}).second : found->second;
            shots.push_back(shot.shot.id);
        }
    }
    for (const auto& [note, shots] : notes) {
        plan.notes.push_back(shots_text(shots) + ": " + note);
    }
}

} // namespace longtake::stages
