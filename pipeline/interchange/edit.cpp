#include "pipeline/interchange/edit.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

namespace longtake::interchange {
namespace {

/// A range of the film as it was assembled.
struct Source {
    const Item* item = nullptr;
    const Range* range = nullptr;
    std::int64_t offset = 0; ///< of the range in its item

    bool still() const { return range->kind == Range::Kind::still; }
    bool has(std::int64_t frame) const
    {
        return still() || (frame >= range->first && frame < range->first + range->frames);
    }
};

std::vector<Source> sources_of(const Timeline& film)
{
    std::vector<Source> sources;
    for (const Item& item : film.items) {
        std::int64_t offset = 0;
        for (const Range& range : item.ranges) {
            sources.push_back({&item, &range, offset});
            offset += range.frames;
        }
    }
    return sources;
}

std::vector<std::string> shots_of(const Timeline& film)
{
    std::vector<std::string> shots;
    for (const Item& item : film.items) {
        shots.push_back(item.shot);
    }
    return shots;
}

/// Keeps those for which `right` holds, if there are any.
template <typename Right>
void prefer(std::vector<Source>& sources, const Right& right)
{
    if (std::ranges::any_of(sources, right)) {
        std::erase_if(sources, [&](const Source& source) { return !right(source); });
    }
}

class Matcher {
public:
    explicit Matcher(const Timeline& film) : film_(film), sources_(sources_of(film)) {}

    Source find(const EditClip& clip, std::size_t number) const
    {
        std::vector<Source> found = sources_;
        std::erase_if(found, [&](const Source& source) { return !may_be(clip, source); });
        if (found.empty()) {
            throw Error(Errc::input,
                        fmt::format("clip {} '{}' is none of the film's shots ({}); name it after its shot, "
                                    "or take it out",
                                    number, clip.name, join(shots_of(film_))));
        }
        const std::string& shot = clip.shot.empty() ? clip.name : clip.shot;
        prefer(found, [&](const Source& source) { return source.range->sha256 == clip.sha256; });
        prefer(found, [&](const Source& source) { return source.range->file.filename() == clip.file.filename(); });
        prefer(found, [&](const Source& source) { return source.item->shot == shot; });
        prefer(found, [&](const Source& source) { return source.has(clip.first); });
        return found.front();
    }

private:
    static bool may_be(const EditClip& clip, const Source& source)
    {
        const bool same_file = !clip.file.empty() && source.range->file.filename() == clip.file.filename();
        const bool same_bytes = !clip.sha256.empty() && source.range->sha256 == clip.sha256;
        return same_file || same_bytes || source.item->shot == clip.shot || source.item->shot == clip.name;
    }

    const Timeline& film_;
    std::vector<Source> sources_;
};

/// A shot's frames in the edit, before its transitions.
struct Shown {
    ShotEdit edit;
    std::int64_t has = 0; ///< frames of the shot from its beginning
    bool still = false;
    EditClip clip;
};

Shown shown_of(const EditClip& clip, std::size_t number, const Matcher& matcher)
{
    const Source source = matcher.find(clip, number);
    const std::int64_t frames = clip.frames > 0 ? clip.frames : source.range->frames;
    if (source.still()) {
        return {{source.item->shot, 0, frames}, std::numeric_limits<std::int64_t>::max(), true, clip};
    }
    const std::int64_t begin = clip.frames > 0 ? clip.first : source.range->first;
    const std::int64_t last = source.range->first + source.range->frames;
    const bool goes_on = source.range != &source.item->ranges.back();
    if (begin < source.range->first || begin >= last || (goes_on && begin + frames > last)) {
        throw Error(
            Errc::input,
            fmt::format("clip {} '{}' shows frames {} to {} of its footage, and the film has {} to {} of it; trim "
                        "it within them",
                        number, clip.name, begin, begin + frames, source.range->first, last));
    }
    return {{source.item->shot, source.offset + begin - source.range->first, frames}, source.item->frames, false, clip};
}

bool goes_on(const Shown& before, const Shown& after)
{
    return before.edit.shot == after.edit.shot && !before.still &&
           after.clip.before + after.clip.after + after.clip.under == 0 &&
           before.edit.from + before.edit.frames == after.edit.from;
}

/// Gives a transition its frames: of the shot before, those after its end, of the one it leads into, those before its
/// beginning. Where one of them has none it lies where it can, and at last the incoming picture stands still.
void lay_transition(Shown& before, Shown& into)
{
    std::int64_t lead = into.clip.before;
    std::int64_t tail = into.clip.after;
    const std::int64_t length = lead + tail + into.clip.under;
    if (length == 0) {
        return;
    }
    const auto fits = [&](std::int64_t first, std::int64_t last) {
        return (into.still || into.edit.from >= first) && before.edit.from + before.edit.frames + last <= before.has;
    };
    bool held = into.clip.held;
    if (!held && !fits(lead, tail)) {
        held = !fits(0, length) && !fits(length, 0);
        lead = fits(0, length) ? 0 : length;
        tail = length - lead;
    }
    if (held) {
        lead = length;
        tail = 0;
    }
    before.edit.frames += tail + into.clip.under;
    into.edit.way = {into.clip.type, length, held};
    if (!held) {
        into.edit.from -= into.still ? 0 : lead;
        into.edit.frames += lead;
    }
}

/// No frame of the film is covered by three shots.
void need_room(const std::vector<Shown>& shown)
{
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const TimelineTransition& way = shown[i].edit.way;
        const std::int64_t in = way.held ? 0 : way.frames;
        const std::int64_t out = i + 1 < shown.size() ? shown[i + 1].edit.way.frames : 0;
        if (in + out > shown[i].edit.frames) {
            throw Error(Errc::input,
                        fmt::format("clip {} '{}' is {} frames long, too short for the transitions of {} and "
                                    "{} frames beside it; shorten those",
                                    i + 1, shown[i].clip.name, shown[i].edit.frames, in, out));
        }
    }
}

} // namespace

void check_shots(const std::vector<EditClip>& clips, const std::vector<std::string>& shots)
{
    for (const EditClip& clip : clips) {
        if (!clip.shot.empty() && std::ranges::find(shots, clip.shot) == shots.end()) {
            throw Error(Errc::input,
                        fmt::format("clip '{}' is of the shot '{}', which the storyboard does not have ({}); "
                                    "name it after one of these, or take it out",
                                    clip.name, clip.shot, join(shots)));
        }
    }
}

std::vector<ShotEdit> edits_of(const std::vector<EditClip>& clips, const Timeline& film)
{
    const Matcher matcher(film);
    std::vector<Shown> shown;
    for (std::size_t i = 0; i < clips.size(); ++i) {
        Shown next = shown_of(clips[i], i + 1, matcher);
        if (!shown.empty() && goes_on(shown.back(), next)) {
            shown.back().edit.frames += next.edit.frames;
            continue;
        }
        if (!shown.empty()) {
            lay_transition(shown.back(), next);
        }
        shown.push_back(std::move(next));
    }
    need_room(shown);
    std::vector<ShotEdit> edits;
    std::ranges::transform(shown, std::back_inserter(edits), &Shown::edit);
    return edits;
}

std::vector<EditClip> read_edit(const std::filesystem::path& file, const Rate& rate)
{
    return in_context(file.string(), [&] {
        const std::string extension = file.extension().string();
        if (extension != ".otio" && extension != ".edl") {
            throw Error(Errc::usage, "a cut is read from .otio or .edl; export it as one of these");
        }
        const std::string text = read_text(file);
        if (extension == ".edl") {
            return read_edl(text, rate);
        }
        const nlohmann::json otio = nlohmann::json::parse(text, nullptr, false);
        if (otio.is_discarded()) {
            throw Error(Errc::input, "it is no JSON");
        }
        return read_otio(otio, rate);
    });
}

} // namespace longtake::interchange
