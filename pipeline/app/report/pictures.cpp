#include "pipeline/app/report/pictures.h"

#include "pipeline/av/picture/picture_reader.h"
#include "pipeline/av/picture/picture_writer.h"
#include "pipeline/av/probe.h"
#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/parallel.h"
#include "pipeline/flow/look/source_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int k_box = 320;           ///< pixels, the longer side of a shot's picture
constexpr int k_small_box = 160;     ///< where there are many
constexpr int k_join_box = 224;      ///< of a join's
constexpr int k_quality = 5;         ///< libavcodec's quantiser: a picture of 320x180 has about 12 kB
constexpr std::int64_t k_close = 60; ///< frames: reading on is sooner done than looking for the place
constexpr std::size_t k_many = 48;   ///< shots or joins beyond which each has fewer pictures

/// The largest size of this aspect in a square box, even.
Size fitted(Size size, int box)
{
    const double scale = static_cast<double>(box) / std::max(size.width, size.height);
    const auto side = [&](int length) { return std::max(16, 2 * static_cast<int>(std::lround(length * scale / 2))); };
    return {side(size.width), side(size.height)};
}

/// The smallest file that shows the whole film in its own aspect and can be read from any place.
const Deliverable* best_file(const RunRecord& record)
{
    const Deliverable* best = nullptr;
    for (const Deliverable& made : record.deliverables) {
        const bool film = made.rungs.empty() && made.frames > 1 && made.size.height > 0 &&
                          made.file().extension() != ".jpg" && fs::exists(made.file());
        const bool same = film && std::abs(made.size.aspect() / record.timeline->size.aspect() - 1) < 0.02;
        const double wanted = static_cast<double>(record.timeline->frames()) / record.timeline->rate.fps();
        const bool whole = same && std::abs(made.rate.seconds(made.frames) - wanted) < 1;
        if (whole && (best == nullptr || made.size.width < best->size.width)) {
            best = &made;
        }
    }
    return best;
}

class Drawing {
public:
    Drawing(const MadeRun& run, const fs::path& folder)
        : record_(run.record), run_folder_(run.folder), folder_(folder),
          film_(record_.timeline ? best_file(record_) : nullptr)
    {
    }

    json all()
    {
        return {{"shots", record_.timeline ? shots_of_film() : shots_of_plan()},
                {"joins", film_ != nullptr ? joins() : json::array()},
                {"framings", framings()}};
    }

private:
    /// Writes a picture and gives its name as the page has it; null if there is none.
    json keep(const std::string& name, const std::optional<av::Frame>& rgb)
    {
        if (!rgb) {
            return nullptr;
        }
        write_atomic(folder_ / (name + ".jpg"), av::encode_jpeg(*rgb, k_quality));
        return folder_.filename().string() + "/" + name + ".jpg";
    }

    static std::optional<av::Frame> frame(const fs::path& file, std::int64_t number, Size size)
    {
        try {
            return av::PictureReader(file, number, size).next();
        } catch (const Error&) {
            return std::nullopt;
        }
    }

    using Frames = std::vector<std::optional<av::Frame>>;

    /// The film at frames of its timeline, in ascending order. Those that lie close together are decoded in one go.
    Frames film_frames(const std::vector<std::int64_t>& at, int box) const
    {
        if (film_ == nullptr) {
            Frames frames;
            std::ranges::transform(at, std::back_inserter(frames),
                                   [&](std::int64_t frame) { return footage_frame(frame, box); });
            return frames;
        }
        Frames frames(at.size());
        const auto number = [&](std::size_t i) {
            return std::min(film_->rate.frames(record_.timeline->rate.seconds(at[i])), film_->frames - 1);
        };
        try {
            std::optional<av::PictureReader> reader;
            std::int64_t next = 0;
            for (std::size_t i = 0; i < at.size(); ++i) {
                if (!reader || number(i) > next + k_close) {
                    next = number(i);
                    reader.emplace(film_->file(), next, fitted(film_->size, box));
                }
                for (; next <= number(i); ++next) {
                    frames[i] = reader->next();
                }
                if (!frames[i] && i > 0 && frames[i - 1]) { // the same frame once more
                    frames[i] = frames[i - 1]->share();
                }
            }
        } catch (const Error&) { // what could be read stays
        }
        return frames;
    }

    std::optional<av::Frame> footage_frame(std::int64_t at, int box) const
    {
        for (const Item& item : record_.timeline->items) {
            std::int64_t start = item.start;
            for (const Range& range : item.ranges) {
                if (at >= start && at < start + range.frames && range.kind == Range::Kind::footage) {
                    return frame(range.file, range.first + at - start, fitted(record_.timeline->size, box));
                }
                start += range.frames;
            }
        }
        return std::nullopt;
    }

    /// The picture or clip a shot is made from; shots that have one together show one file.
    json source(const std::string& shot)
    {
        const auto planned =
            std::ranges::find(record_.shots, shot, [](const json& each) { return each.value("id", ""); });
        if (planned == record_.shots.end() || !planned->value("picture", json()).is_string()) {
            return nullptr;
        }
        const fs::path file = planned->at("picture").get<std::string>();
        const auto known = sources_.find(file);
        if (known != sources_.end()) {
            return known->second;
        }
        ShotPlan asked;
        (planned->value("kind", "") == "clip" ? asked.shot.clip : asked.shot.image) = file;
        const int box = record_.shots.size() > k_many ? k_small_box : k_box;
        json name;
        try {
            name = keep("source-" + std::to_string(sources_.size()), look::source_picture(asked, {box, box}));
        } catch (const Error&) { // it is gone, or cannot be read
        }
        return sources_[file] = name;
    }

    /// The middles of the takes that came home.
    json frames_of_takes(const json& planned, std::size_t number)
    {
        json frames = json::array();
        const std::string id = planned.value("id", "");
        double at = 0;
        for (const TakeSummary& take : record_.takes) {
            if (take.name != id && !take.name.starts_with(id + "+")) {
                continue;
            }
            const fs::path file = run_folder_ / "takes" / (take.footage + ".mp4");
            if (!take.footage.empty() && fs::exists(file)) {
                const auto drawn = keep(fmt::format("take-{}-{}", number, frames.size()), middle(file));
                if (drawn.is_string()) {
                    frames.push_back({{"at", at + take.seconds / 2}, {"file", drawn}});
                }
            }
            at += take.seconds;
        }
        return frames;
    }

    static std::optional<av::Frame> middle(const fs::path& file)
    {
        try {
            const av::MediaInfo info = av::probe_header(file);
            if (!info.video) {
                return std::nullopt;
            }
            return frame(file, info.video->rate.frames(info.seconds_claimed / 2), fitted(info.video->size, k_box));
        } catch (const Error&) {
            return std::nullopt;
        }
    }

    json shots_of_plan()
    {
        json shots = json::array();
        for (const json& planned : record_.shots) {
            const std::string id = planned.value("id", "");
            shots.push_back({{"shot", id}, {"source", source(id)}, {"frames", frames_of_takes(planned, shots.size())}});
        }
        return shots;
    }

    json shots_of_film()
    {
        const Timeline& timeline = *record_.timeline;
        const std::vector<double> places =
            timeline.items.size() > k_many ? std::vector<double>{0.5} : std::vector<double>{0.12, 0.5, 0.88};
        const auto at = [&](const Item& item, double place) {
            return item.start + static_cast<std::int64_t>(static_cast<double>(item.frames) * place);
        };
        const auto drawn = parallel_map<Frames>(thread_count(0), timeline.items.size(), [&](std::size_t i) {
            std::vector<std::int64_t> wanted;
            for (const double place : places) {
                wanted.push_back(at(timeline.items[i], place));
            }
            return film_frames(wanted, k_box);
        });
        json shots = json::array();
        for (std::size_t i = 0; i < timeline.items.size(); ++i) {
            json frames = json::array();
            for (std::size_t k = 0; k < places.size(); ++k) {
                json file = keep(fmt::format("shot-{}-{}", i, k), drawn[i][k]);
                if (file.is_string()) {
                    frames.push_back({{"at", timeline.rate.seconds(at(timeline.items[i], places[k]))}, {"file", file}});
                }
            }
            const std::string& shot = timeline.items[i].shot;
            shots.push_back({{"shot", shot}, {"source", source(shot)}, {"frames", frames}});
        }
        return shots;
    }

    /// Of many joins the worst.
    std::set<std::size_t> joins_shown() const
    {
        std::vector<std::size_t> order(record_.seams.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
            order[i] = i;
        }
        std::ranges::stable_sort(order, {}, [&](std::size_t i) { return record_.seams[i].value("score", 100.0); });
        order.resize(std::min(order.size(), k_many));
        return {order.begin(), order.end()};
    }

    /// Six frames of each: at a cut three on either side, else from before the transition to after it.
    std::vector<std::int64_t> frames_of_join(const json& seam) const
    {
        constexpr int k_frames = 6;
        const std::int64_t frames = seam.at("transition").value("frames", std::int64_t{0});
        const bool held = seam.at("transition").value("held", false);
        const std::int64_t begin = seam.value("frame", std::int64_t{0}) - (held ? frames : 0);
        std::vector<std::int64_t> at;
        for (int k = 0; k < k_frames; ++k) {
            at.push_back(std::clamp<std::int64_t>(frames > 0 ? begin - 1 + k * (frames + 1) / (k_frames - 1)
                                                             : begin - k_frames / 2 + k,
                                                  0, record_.timeline->frames() - 1));
        }
        return at;
    }

    json joins()
    {
        const std::set<std::size_t> shown = joins_shown();
        const auto drawn = parallel_map<Frames>(thread_count(0), record_.seams.size(), [&](std::size_t i) {
            return shown.contains(i) ? film_frames(frames_of_join(record_.seams[i]), k_join_box) : Frames();
        });
        json strips = json::array();
        for (std::size_t i = 0; i < drawn.size(); ++i) {
            const std::vector<std::int64_t> at = frames_of_join(record_.seams[i]);
            json strip = json::array();
            for (std::size_t k = 0; k < drawn[i].size(); ++k) {
                json file = keep(fmt::format("join-{}-{}", i, k), drawn[i][k]);
                if (file.is_string()) {
                    strip.push_back({{"frame", at[k]}, {"file", file}});
                }
            }
            strips.push_back(strip);
        }
        return strips;
    }

    /// The windows over footage of another shape: the whole picture, and where the window's centre goes.
    json framings()
    {
        constexpr std::int64_t k_points = 48;
        const std::size_t count = std::min(record_.framings.size(), k_many);
        const auto drawn = parallel_map<std::optional<av::Frame>>(thread_count(0), count, [&](std::size_t i) {
            const json& framing = record_.framings[i];
            const std::int64_t middle =
                framing.at("first").get<std::int64_t>() + framing.at("frames").get<std::int64_t>() / 2;
            const auto window = framing.at("window").get<FramedWindow>();
            return frame(framing.at("file").get<std::string>(), middle, fitted(window.picture, k_box));
        });
        json framings = json::array();
        for (std::size_t i = 0; i < count; ++i) {
            const json& framing = record_.framings[i];
            const auto window = framing.at("window").get<FramedWindow>();
            const auto first = framing.at("first").get<std::int64_t>();
            const auto frames = framing.at("frames").get<std::int64_t>();
            json centres = json::array();
            for (std::int64_t k = 0; k <= k_points; ++k) {
                const PicturePoint at = centre_at(window.path, first + k * (frames - 1) / k_points);
                centres.push_back({at.x, at.y});
            }
            framings.push_back({{"shot", framing.at("shot")},
                                {"canvas", framing.at("canvas")},
                                {"file", keep(fmt::format("framing-{}", i), drawn[i])},
                                {"picture", window.picture},
                                {"window", window.window},
                                {"centres", centres}});
        }
        return framings;
    }

    const RunRecord& record_;
    const fs::path run_folder_;
    const fs::path folder_;
    std::map<fs::path, json> sources_; ///< by the picture or clip
    const Deliverable* const film_;
};

} // namespace

json draw_pictures(const MadeRun& run, const fs::path& folder)
{
    make_folder(folder);
    return Drawing(run, folder).all();
}

} // namespace longtake::app
