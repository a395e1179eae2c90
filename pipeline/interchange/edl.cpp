#include "pipeline/interchange/events.h"
#include "pipeline/interchange/formats.h"
#include "pipeline/interchange/timecode.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace longtake::interchange {
namespace {

constexpr std::size_t k_reel = 8; ///< characters, as CMX 3600 has them

/// A tape's name for each file: the first letters of its shot, and a number where two would be called alike.
class Reels {
public:
    const std::string& of(const std::filesystem::path& file, const std::string& shot)
    {
        const auto known = names_.find(file);
        return known != names_.end() ? known->second : names_[file] = unused(capitals(shot));
    }

private:
    static std::string capitals(const std::string& shot)
    {
        std::string name;
        for (const char c : shot) {
            if (c >= 'a' && c <= 'z') {
                name += static_cast<char>(c - 'a' + 'A');
            } else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
                name += c;
            }
        }
        return name.empty() ? "REEL" : name.substr(0, k_reel);
    }

    std::string unused(const std::string& wanted)
    {
        std::string name = wanted;
        for (int number = 2; !taken_.insert(name).second; ++number) {
            const std::string digits = std::to_string(number);
            name = wanted.substr(0, k_reel - digits.size()) + digits;
        }
        return name;
    }

    std::map<std::filesystem::path, std::string> names_;
    std::set<std::string> taken_;
};

class EdlWriter {
public:
    explicit EdlWriter(const Cut& cut) : cut_(cut), rate_(cut.timeline.rate), hour_(3600 * timecode_base(rate_).nominal)
    {
        if (timecode_base(rate_).drop) {
            hour_ = frame_at("01:00:00;00", rate_);
        }
    }

    std::string write()
    {
        text_ = fmt::format("TITLE: {}\nFCM: {}\n", one_line(cut_.title),
                            timecode_base(rate_).drop ? "DROP FRAME" : "NON-DROP FRAME");
        for (const EditEvent& event : events_of(cut_.timeline)) {
            add(event);
        }
        add_music();
        return text_;
    }

private:
    /// Comments are one line each.
    static std::string one_line(std::string text)
    {
        std::ranges::replace_if(
            text, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
        return text;
    }

    void line(const std::string& reel, const char* channel, const std::string& edit, std::int64_t source,
              std::int64_t at, std::int64_t frames)
    {
        text_ += fmt::format("{:03}  {:<8} {:<5} {:<8} {} {} {} {}\n", number_, reel, channel, edit,
                             timecode(source, rate_), timecode(source + frames, rate_), timecode(hour_ + at, rate_),
                             timecode(hour_ + at + frames, rate_));
    }

    void comment(const char* key, const std::string& value)
    {
        if (!value.empty()) {
            text_ += fmt::format("* {}: {}\n", key, one_line(value));
        }
    }

    void next_event()
    {
        constexpr int k_most = 999; ///< three digits
        text_ += "\n";
        if (++number_ > k_most) {
            throw Error(Errc::usage, "an EDL has at most 999 events, and this film has more; export it as otio, fcpxml "
                                     "or mlt");
        }
    }

    void add(const EditEvent& event)
    {
        next_event();
        const Piece& piece = event.piece;
        const char* channel = piece.range->sound && !event.frozen ? "AA/V" : "V";
        const std::string& reel = reels_.of(piece.range->file, piece.item->shot);
        if (event.dissolve > 0) {
            line(reels_.of(event.from.range->file, event.from.item->shot), channel, "C", event.from.first, piece.at, 0);
        }
        line(reel, channel, event.dissolve > 0 ? fmt::format("D    {:03}", event.dissolve) : "C", piece.first, piece.at,
             piece.frames);
        if (event.frozen) { // as a tape that stands still; its length is that in the film
            text_ += fmt::format("M2   {:<8}       000.0                {}\n", reel, timecode(piece.first, rate_));
        }
        if (event.dissolve > 0) {
            comment("FROM CLIP NAME", event.from.item->shot);
            comment("TO CLIP NAME", piece.item->shot);
            comment("EFFECT NAME", word(event.type));
        } else {
            comment("FROM CLIP NAME", piece.item->shot);
        }
        comment("SOURCE FILE", piece.range->file.string());
        add_origin(piece);
    }

    void add_origin(const Piece& piece)
    {
        const Origin* origin = cut_.origin(*piece.range);
        if (origin == nullptr) {
            return;
        }
        comment("LONGTAKE TAKE", origin->take);
        comment("LONGTAKE MODEL", origin->provider + " " + origin->model);
        comment("LONGTAKE TASK", origin->task);
        comment("LONGTAKE COST", origin->cost ? fmt::format("{:.4f} USD", *origin->cost) : "");
        comment("LONGTAKE PROMPT", origin->prompt);
    }

    void add_music()
    {
        for (const MusicLoop& loop : music_loops(cut_)) {
            next_event();
            line("MUSIC", "AA", "C", 0, loop.at, loop.frames);
            comment("FROM CLIP NAME", "music");
            comment("SOURCE FILE", cut_.timeline.music->file.string());
        }
    }

    const Cut& cut_;
    const Rate rate_;
    std::int64_t hour_; ///< programmes begin at one hour
    Reels reels_;
    int number_ = 0;
    std::string text_;
};

} // namespace

std::string to_edl(const Cut& cut)
{
    return EdlWriter(cut).write();
}

} // namespace longtake::interchange
