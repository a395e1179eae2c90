#include "stages/plan/clip_notes.h"

#include "stages/plan/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace longtake::stages {
namespace {

/// How a clip's pictures fall on a film's frames where neither rate is a multiple of the other; empty otherwise, and
/// where they are but a few in a thousand apart.
std::string judder(Rate clip, Rate film)
{
    constexpr double k_alike = 0.005;
    const double share = std::max(film.fps() / clip.fps(), clip.fps() / film.fps());
    if (std::abs(share / std::round(share) - 1) < k_alike) {
        return {};
    }
    const int pictures = static_cast<int>(std::lround(clip.fps()));
    const int frames = static_cast<int>(std::lround(film.fps()));
    const int common = std::gcd(pictures, frames);
    const int of = std::min(pictures, frames) / common;
    const int times = std::max(pictures, frames) / std::min(pictures, frames);
    const int more = std::max(pictures, frames) / common - times * of;
    const std::string pattern =
        frames > pictures ? fmt::format("of every {} pictures {} {} shown {} times and the others {}", of, more,
                                        more == 1 ? "is" : "are", times + 1, times)
                          : fmt::format("one of {:.3g} pictures is left out", clip.fps() / (clip.fps() - film.fps()));
    return fmt::format("{} pictures a second in a film of {}: {}, which judders; \"fps\": {} shows them evenly",
                       clip.text(), film.text(), pattern, clip.text());
}

/// What films change of this clip, or leave out.
std::vector<std::string> clip_notes(const Shot& shot, const InputInfo& facts, Rate film)
{
    std::vector<std::string> notes = facts.notes;
    if (facts.interlaced) {
        notes.emplace_back(shot.settings.each_field
                               ? "is interlaced: every field becomes a picture, where the film is fast enough"
                               : "is interlaced: every two fields become one picture; \"fields\": \"double\" (--fields "
                                 "double) makes one of each");
    }
    if (const std::string uneven = facts.rate ? judder(*facts.rate, film) : ""; !uneven.empty()) {
        notes.push_back(uneven);
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
        for (const std::string& note : clip_notes(shot.shot, facts_of(facts, *shot.shot.clip), plan.rate)) {
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
