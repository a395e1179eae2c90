#include "pipeline/interchange/edit.h"
#include "pipeline/interchange/timecode.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <sstream>

namespace longtake::interchange {
namespace {

std::vector<std::string> words_of(const std::string& line)
{
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

bool is_number(const std::string& word)
{
    return !word.empty() && std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; });
}

/// An event with the place it has in the film.
struct EdlEvent {
    EditClip clip;
    std::int64_t at = 0;
    bool stands_still = false; ///< "M2" at speed 0
};

class EdlReader {
public:
    explicit EdlReader(const Rate& rate) : base_(timecode_base(rate)) {}

    std::vector<EditClip> read(std::string_view edl)
    {
        std::istringstream lines{std::string(edl)};
        for (std::string line; std::getline(lines, line);) {
            ++line_;
            if (line.ends_with('\r')) {
                line.pop_back();
            }
            read_line(line);
        }
        std::ranges::stable_sort(events_, {}, &EdlEvent::at);
        return end_to_end();
    }

private:
    [[noreturn]] void refuse(const std::string& why) const
    {
        throw Error(Errc::input, fmt::format("line {}: {}", line_, why));
    }

    void read_line(const std::string& line)
    {
        if (line.starts_with("* ") || line.starts_with("*\t")) {
            read_comment(line.substr(2));
        } else if (line.starts_with("FCM:")) {
            base_.drop = line.find("NON") == std::string::npos && base_.nominal % 30 == 0;
        } else if (const std::vector<std::string> words = words_of(line); !words.empty()) {
            if (words[0] == "M2") {
                read_speed(words);
            } else if (is_number(words[0]) && words.size() >= 8) {
                read_event(words);
            }
        }
    }

    /// 003 REEL V D 015 in out in out
    void read_event(const std::vector<std::string>& words)
    {
        const bool seen = words[2].find('V') != std::string::npos || words[2] == "B";
        current_ = std::nullopt;
        if (!seen) {
            return;
        }
        EdlEvent event;
        const auto time = [&](std::size_t from_end) { return frame_at(words[words.size() - from_end], base_); };
        const std::int64_t source_end = time(3);
        event.clip.name = words[1];
        event.clip.first = time(4);
        event.at = time(2);
        event.clip.frames = time(1) - event.at;
        if (words[3] != "C") {
            const std::string& frames = words[4];
            if (!is_number(frames)) {
                refuse(fmt::format("an edit of kind '{}' says its length in frames", words[3]));
            }
            std::from_chars(frames.data(), frames.data() + frames.size(), event.clip.after);
            event.clip.type = TransitionType::dissolve;
        }
        if (event.clip.frames <= 0) {
            return; // the clip that a dissolve comes from
        }
        if (source_end - event.clip.first != event.clip.frames) {
            refuse("the clip is shown at another speed, which a film cannot; take the effect off");
        }
        current_ = events_.size();
        events_.push_back(std::move(event));
    }

    /// M2 REEL 000.0 00:00:00:00
    void read_speed(const std::vector<std::string>& words)
    {
        double speed = 1;
        if (words.size() < 3 || !current_) {
            return;
        }
        std::from_chars(words[2].data(), words[2].data() + words[2].size(), speed);
        if (speed != 0) {
            refuse(fmt::format("the clip is shown at another speed ({}), which a film cannot; take the effect off",
                               words[2]));
        }
        events_[*current_].stands_still = true;
    }

    void read_comment(const std::string& text)
    {
        const std::size_t colon = text.find(": ");
        if (!current_ || colon == std::string::npos) {
            return;
        }
        EditClip& clip = events_[*current_].clip;
        const std::string key = text.substr(0, colon);
        const std::string value = text.substr(colon + 2, text.find_last_not_of(' ') - colon - 1);
        if (key == "SOURCE FILE") {
            clip.file = value;
        } else if (key == "TO CLIP NAME" || (key == "FROM CLIP NAME" && clip.type == TransitionType::cut)) {
            clip.name = value;
        } else if (key == "EFFECT NAME" && clip.type != TransitionType::cut) {
            const auto kinds = transition_kinds();
            const auto known = std::ranges::find(kinds, value, &TransitionTraits::name);
            clip.type = known == kinds.end() ? TransitionType::dissolve : known->type;
        }
    }

    /// A picture that stands still leads into the clip that follows it, as `held` says.
    std::vector<EditClip> end_to_end() const
    {
        std::vector<EditClip> clips;
        const EdlEvent* still = nullptr;
        std::int64_t end = events_.empty() ? 0 : events_.front().at;
        for (const EdlEvent& event : events_) {
            if (event.at != end) {
                throw Error(Errc::input,
                            fmt::format("clip {} '{}' {}; put the clips end to end", clips.size() + 1, event.clip.name,
                                        event.at > end ? "follows a gap" : "lies over the one before it"));
            }
            end = event.at + event.clip.frames;
            if (event.stands_still) {
                still = &event;
                continue;
            }
            EditClip clip = event.clip;
            if (still != nullptr) {
                join(clip, still->clip, clips);
                still = nullptr;
            }
            clips.push_back(std::move(clip));
        }
        if (clips.empty() || still != nullptr) {
            throw Error(Errc::input, "it has no clips, or ends with a picture that stands still; take that out");
        }
        return clips;
    }

    static void join(EditClip& clip, const EditClip& still, std::vector<EditClip>& clips)
    {
        if (still.first != clip.first || still.frames != still.after || clip.after > 0 || clips.empty()) {
            throw Error(Errc::input,
                        fmt::format("'{}' stands still, which a film shows during a transition alone; take "
                                    "the effect off",
                                    still.name));
        }
        clip.under = still.after;
        clip.type = still.type;
        clip.held = true;
    }

    TimecodeBase base_;
    int line_ = 0;
    std::optional<std::size_t> current_; ///< the event comments are about
    std::vector<EdlEvent> events_;
};

} // namespace

std::vector<EditClip> read_edl(std::string_view edl, const Rate& rate)
{
    return EdlReader(rate).read(edl);
}

} // namespace longtake::interchange
