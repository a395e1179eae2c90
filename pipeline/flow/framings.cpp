#include "pipeline/flow/framings.h"

#include "pipeline/av/clip/clip_facts.h"
#include "pipeline/av/clip/conformed_reader.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/flow/step.h"
#include "pipeline/image/frame_clip.h"
#include "pipeline/model/schema/schema.h"
#include "stages/plan/format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>

namespace longtake {
namespace {

/// Raise it when looking for what matters changes.
constexpr int k_framing_version = 1;

/// Within this a picture fills a frame of another shape without anybody missing something.
constexpr double k_same_aspect = 0.01;

/// What was found of a range; no window: it is shown whole.
struct FoundFraming {
    std::optional<FramedWindow> window;
    std::string note;
};

void to_json(nlohmann::json& json, const FoundFraming& found)
{
    json = {{"window", found.window ? nlohmann::json(*found.window) : nlohmann::json()}, {"note", found.note}};
}

void from_json(const nlohmann::json& json, FoundFraming& found)
{
    if (!json.at("window").is_null()) {
        found.window = json.at("window").get<FramedWindow>();
    }
    json.at("note").get_to(found.note);
}

FoundFraming find_framing(const Range& range, const Timeline& timeline, const Focus& focus)
{
    const Size picture = av::clip_facts(range.file, av::damage_of(range)).size;
    const double aspect = timeline.size.aspect();
    if (std::abs(picture.aspect() / aspect - 1) < k_same_aspect) {
        return {};
    }
    const image::Framing found =
        image::frame_clip(range.file, range.first, range.frames, aspect, {focus, timeline.rate});
    return {FramedWindow{picture, found.window, found.path}, found.note};
}

/// Where a clip is damaged nobody looks for what matters: its middle is shown.
bool is_framed(const Range& range)
{
    return range.kind == Range::Kind::footage && !range.damaged &&
           (range.fit == Fit::automatic || range.fit == Fit::crop);
}

constexpr const char* k_framings_schema = "longtake/framings/1";

void need_part(const FramedWindow& framed)
{
    const Size& window = framed.window;
    const Size& picture = framed.picture;
    if (window.width < 2 || window.height < 2 || window.width > picture.width || window.height > picture.height) {
        throw Error(Errc::input,
                    fmt::format("a window of {} is no part of a picture of {}", window.text(), picture.text()));
    }
}

} // namespace

FramingBook FramingBook::read(const std::filesystem::path& file)
{
    FramingBook book;
    if (!std::filesystem::exists(file)) {
        return book;
    }
    const nlohmann::json json = read_json(file);
    if (!json.is_object() || json.value("schema", "") != k_framings_schema) {
        throw Error(Errc::input, fmt::format("{}: these are no framings ({}); name another file, or one that is not "
                                             "there to have them written",
                                             file.string(), k_framings_schema));
    }
    try {
        for (const nlohmann::json& entry : json.at("framings")) {
            book.entries_.push_back({entry.at("shot"), entry.at("aspect"), entry.at("sha256"), entry.at("first"),
                                     entry.at("window").get<FramedWindow>()});
            need_part(book.entries_.back().window);
        }
    } catch (const std::exception& problem) {
        throw Error(Errc::input, fmt::format("{}: entry {}: {}", file.string(), book.entries_.size(), problem.what()));
    }
    return book;
}

const FramingBook::Entry* FramingBook::entry(const std::string& shot, const std::string& aspect,
                                             const Range& range) const
{
    const auto found = std::ranges::find_if(entries_, [&](const Entry& entry) {
        return entry.shot == shot && entry.aspect == aspect && entry.sha256 == range.sha256 &&
               entry.first == range.first;
    });
    return found == entries_.end() ? nullptr : &*found;
}

const FramedWindow* FramingBook::find(const std::string& shot, const std::string& aspect, const Range& range) const
{
    const Entry* found = entry(shot, aspect, range);
    return found == nullptr ? nullptr : &found->window;
}

void FramingBook::note(const std::string& shot, const std::string& aspect, const Range& range,
                       const FramedWindow& window)
{
    if (entry(shot, aspect, range) == nullptr) {
        entries_.push_back({shot, aspect, range.sha256, range.first, window});
    }
}

void FramingBook::write(const std::filesystem::path& file) const
{
    nlohmann::json list = nlohmann::json::array();
    for (const Entry& entry : entries_) {
        list.push_back({{"shot", entry.shot},
                        {"aspect", entry.aspect},
                        {"sha256", entry.sha256},
                        {"first", entry.first},
                        {"window", entry.window}});
    }
    const nlohmann::json json = {{"schema", k_framings_schema}, {"framings", std::move(list)}};
    write_atomic(file, json.dump(1) + "\n");
}

Timeline framed(Timeline timeline, const Plan& plan, Ledger& ledger, const Observer& observer, FramingBook& book)
{
    const std::string aspect = stages::exact_aspect(timeline.size);
    for (std::size_t i = 0; i < timeline.items.size(); ++i) {
        const Focus& focus = plan.shots[i].shot.settings.focus;
        for (Range& range : timeline.items[i].ranges) {
            if (!is_framed(range)) {
                continue;
            }
            const std::string& shot = plan.shots[i].shot.id;
            if (const FramedWindow* known = book.find(shot, aspect, range)) {
                range.framed = *known;
                continue;
            }
            const nlohmann::json in = {{"version", k_framing_version},
                                       {"sha256", range.sha256},
                                       {"first", range.first},
                                       {"frames", range.frames},
                                       {"rate", timeline.rate},
                                       {"aspect", aspect},
                                       {"focus", focus}};
            const auto found = step<FoundFraming>(
                ledger, "frame", in, [&] { return find_framing(range, timeline, focus); },
                [](const FoundFraming&) { return true; });
            range.framed = found.result.window;
            if (range.framed) {
                book.note(shot, aspect, range, *range.framed);
            }
            if (!found.reused && !found.result.note.empty()) {
                observer.tell({Event::Kind::note, "frame", shot, 0, 0,
                               fmt::format("shot '{}' on {}: {}", shot, aspect, found.result.note)});
            }
        }
    }
    return timeline;
}

} // namespace longtake
