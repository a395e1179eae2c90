#include "pipeline/app/watch/watched_run.h"

#include "pipeline/app/report/report.h"
#include "pipeline/app/run_folder.h"
#include "pipeline/base/error.h"
#include "pipeline/base/text.h"
#include "pipeline/flow/batch/batch_log.h"
#include "pipeline/flow/live/control_file.h"
#include "pipeline/flow/live/event_log.h"
#include "pipeline/flow/record/recorder.h"
#include "pipeline/ledger/ledger.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <string_view>
#include <utility>

namespace longtake::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::chrono::milliseconds k_between_watch_looks{250};
constexpr std::chrono::seconds k_between_ledgers{1};

/// A batch's own folder in that of its films, else the working directory.
fs::path watched_folder(const fs::path& where)
{
    if (fs::is_directory(batch_folder(where))) {
        return batch_folder(where);
    }
    return fs::is_directory(where) ? where : Workdir::beside(where).root;
}

/// What changes as soon as a file does, or with every commit of a database.
std::string stamp_of(const fs::path& file)
{
    std::string stamp;
    for (const char* suffix : {"", "-wal"}) {
        struct stat found {};
        if (::stat((file.string() + suffix).c_str(), &found) == 0) {
            stamp +=
                fmt::format("{} {} {}.{};", found.st_ino, found.st_size, found.st_mtim.tv_sec, found.st_mtim.tv_nsec);
        }
    }
    return stamp;
}

/// Pictures by the name that the shelf has for their folder now: a second run's have the same names.
json renamed(json pictures, const std::string& from, const std::string& to)
{
    for (json& each : pictures) {
        if (each.is_structured()) {
            each = renamed(std::move(each), from, to);
        } else if (each.is_string() && each.get_ref<const std::string&>().starts_with(from)) {
            each = to + each.get<std::string>().substr(from.size());
        }
    }
    return pictures;
}

} // namespace

WatchedRun::WatchedRun(Settings settings)
    : settings_(std::move(settings)), feed_(empty_view(fs::absolute(settings_.where).lexically_normal().string())),
      launcher_(settings_.program)
{
    if (!fs::exists(settings_.where)) {
        throw Error(Errc::usage, "'" + settings_.where.string() +
                                     "' is not there; name a working directory, the folder of a batch's films, or a "
                                     "storyboard");
    }
    feed_.change([this](Feed::Change& change) { change.set({"steers"}, settings_.steers); });
    find_folder();
}

/// A batch's folder may come to be while its films' is watched.
void WatchedRun::find_folder()
{
    fs::path folder = watched_folder(settings_.where);
    if (folder == folder_) {
        return;
    }
    folder_ = std::move(folder);
    tail_ = std::make_unique<LineTail>(folder_ / k_events_file);
    begin_anew();
}

/// Another run, of which nothing is known.
void WatchedRun::begin_anew()
{
    record_shown_ = false;
    pictures_shown_ = false;
    ledger_seen_.clear();
    record_seen_.clear();
    pictures_of_ = {};
    shelf_.clear_films();
    std::vector<fs::path> roots = {folder_, settings_.scratch};
    if (folder_.filename() == batch_folder({}).filename()) {
        roots.push_back(folder_.parent_path());
    }
    if (const auto own = settings_.own.recall(folder_)) {
        roots.push_back(own->output);
    }
    shelf_.allow(roots);
    pictures_.reset();
    std::error_code ignored;
    fs::remove_all(settings_.scratch / fmt::format("live{}", runs_seen_), ignored);
    const std::string name = fmt::format("live{}", ++runs_seen_);
    pictures_ = std::make_unique<LivePictures>(settings_.scratch / name, folder_ / "takes");
    shelf_.put_pictures(name, settings_.scratch / name);
}

void WatchedRun::watch(const std::stop_token& stop)
{
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    while (!stop.stop_requested()) {
        look();
        never.wait_for(lock, stop, k_between_watch_looks, [] { return false; });
    }
}

void WatchedRun::look()
{
    find_folder();
    const bool alive = tail_->descriptor() >= 0 && running(tail_->descriptor()) > 0; // before its last words are read
    const LineTail::News news = tail_->look();
    if (news.anew) {
        begin_anew();
    }
    hear(news, alive || news.anew);
    read_ledger();
    if (is_over()) {
        read_record();
    } else {
        show_pictures();
    }
    show_launcher();
}

bool WatchedRun::is_over() const
{
    const std::string state = feed_.whole().at("state");
    return state == "ended" || state == "none" || state == "lost";
}

void WatchedRun::hear(const LineTail::News& news, bool alive)
{
    feed_.change([&](Feed::Change& change) {
        RunView view(change, shelf_);
        for (const std::string& line : news.lines) {
            try {
                view.hear(line);
            } catch (const json::exception&) { // what it says is not what it should be
            }
        }
        if (!alive && news.lines.empty() && !is_over()) {
            change.set({"state"}, "lost");
            change.set({"ask"}, nullptr);
            change.set({"items"}, json::object());
        }
    });
}

/// Takes and money, as the ledger has them.
void WatchedRun::read_ledger()
{
    const fs::path file = Workdir{folder_}.ledger();
    const auto now = Clock::now();
    const std::string stamp = stamp_of(file);
    if (stamp.empty() || stamp == ledger_seen_ || now - ledger_read_ < k_between_ledgers) {
        return;
    }
    ledger_read_ = now;
    ledger_seen_ = stamp;
    try {
        const std::unique_ptr<Ledger> ledger = open_ledger(file, Durability::read_only);
        json takes = json::array();
        if (feed_.whole().at("kind") != "batch") {
            for (const TakeRecord& take : ledger->takes()) {
                RunRecord one;
                one.takes.push_back(summary_of(take));
                takes.push_back(json(one).at("takes").at(0));
            }
        }
        const double rehearsed = ledger->spent(true);
        const double spent = ledger->spent(false);
        ++ledgers_read_;
        feed_.change([&](Feed::Change& change) {
            change.set({"record", "takes"}, std::move(takes));
            change.set({"record", "spent"}, spent > 0 ? spent : rehearsed);
            change.set({"rehearsal"}, spent == 0 && rehearsed > 0);
        });
    } catch (const Error&) { // it is being made, or is not for this program
        ledger_seen_.clear();
    }
}

void WatchedRun::show_pictures()
{
    const json& record = feed_.whole().at("record");
    const std::tuple now(ledgers_read_, record.at("shots").size(), pictures_->ready());
    if (now == pictures_of_) {
        return;
    }
    pictures_of_ = now;
    pictures_->want(record.at("shots"), record.at("takes"));
    json drawn = pictures_->drawn(record.at("shots"), record.at("takes"));
    feed_.change([&](Feed::Change& change) { change.set({"record", "pictures"}, std::move(drawn)); });
}

/// The record of a run that is over, and its report's pictures once they are drawn.
void WatchedRun::read_record()
{
    const std::string state = feed_.whole().at("state");
    if (feed_.whole().at("kind") == "batch" || fs::is_directory(folder_ / "rows")) {
        return show_old_rows();
    }
    const fs::path file = Workdir{folder_}.record();
    if (pictures_shown_ || state == "lost" || !fs::exists(file)) {
        return;
    }
    const std::string stamp = stamp_of(file) + stamp_of(folder_ / "report" / "pictures" / "pictures.json");
    if (std::exchange(record_seen_, stamp) == stamp) {
        return show_pictures();
    }
    try {
        MadeRun made{folder_, read_run_record(file)};
        if (!record_shown_) {
            record_shown_ = true;
            feed_.change([&](Feed::Change& change) { show_record(made.record, change); });
        }
        if (auto drawn = kept_pictures(made)) {
            pictures_shown_ = true;
            const std::string name = fmt::format("report{}", runs_seen_);
            shelf_.put_pictures(name, folder_ / "report" / "pictures");
            json pictures = renamed(std::move(*drawn), "pictures/", name + "/");
            feed_.change([&](Feed::Change& change) { change.set({"record", "pictures"}, std::move(pictures)); });
        } else {
            show_pictures();
        }
    } catch (const Error& error) {
        pictures_shown_ = true;
        feed_.change([&](Feed::Change& change) { change.set({"said"}, error.what()); });
    }
}

void WatchedRun::show_record(const json& record, Feed::Change& change)
{
    json shown = record;
    shown["pictures"] = change.whole().at("record").at("pictures");
    shown["films"] = json::array();
    for (const json& made : record.at("deliverables")) {
        const fs::path film = made.at("file").get<std::string>();
        const std::string number = std::to_string(shown["films"].size());
        shelf_.put_film(number, film);
        shown["films"].push_back({{"preset", made.at("preset")},
                                  {"name", film.filename().string()},
                                  {"url", "files/" + number},
                                  {"there", shelf_.has(film)}});
    }
    change.set({"record"}, std::move(shown));
    change.set({"state"}, "ended");
}

/// A batch of which no events are kept: its rows as they were left.
void WatchedRun::show_old_rows()
{
    if (record_shown_ || feed_.whole().at("state") != "none") {
        return;
    }
    record_shown_ = true;
    BatchResult result;
    result.rows = read_row_states(folder_);
    if (result.rows.empty()) {
        return;
    }
    feed_.change([&](Feed::Change& change) {
        change.set({"kind"}, "batch");
        change.set({"state"}, "ended");
        change.set({"record", "title"}, folder_.parent_path().filename().string());
        RunView view(change, shelf_);
        view.hear(rows_planned(result).dump(-1, ' ', false, json::error_handler_t::replace));
        for (std::size_t i = 0; i < result.rows.size(); ++i) {
            view.hear(row_ended(i, result.rows[i]).dump(-1, ' ', false, json::error_handler_t::replace));
        }
    });
}

/// Whether a run can be begun again from here, and what became of the last that was.
void WatchedRun::show_launcher()
{
    json again;
    std::optional<std::string> complaint;
    const auto now = Clock::now();
    const bool looks = now - own_read_ >= k_between_ledgers;
    std::optional<OwnRun> own = looks ? settings_.own.recall(folder_) : std::nullopt;
    const json& seen = feed_.whole();
    {
        const std::lock_guard lock(steering_);
        if (looks) {
            own_read_ = now;
            now_.own = std::move(own);
        }
        now_.folder = folder_;
        now_.run = seen.at("run");
        now_.goes_on = !is_over();
        now_.steered_here = seen.at("control") == "own";
        if (now_.own && settings_.steers) {
            again = {{"command", "longtake " + join(words_again(*now_.own, false), " ")},
                     {"going", launcher_.goes_on()}};
        }
        complaint = launcher_.complaint();
    }
    feed_.change([&](Feed::Change& change) {
        change.set({"again"}, std::move(again));
        if (complaint && is_over()) {
            change.set({"said"}, *complaint);
        }
    });
}

void WatchedRun::begin_again(bool retry)
{
    if (!now_.own) {
        throw Error(Errc::usage, "this folder was not run by you on this machine; begin it yourself");
    }
    if (now_.goes_on || launcher_.goes_on()) {
        throw Error(Errc::usage, "it goes on already");
    }
    launcher_.begin(*now_.own, retry, settings_.own.log_of(now_.folder));
}

void WatchedRun::steer(const std::string& what, const std::string& run)
{
    if (!settings_.steers) {
        throw Error(Errc::usage, "this page is for looking alone (--no-control)");
    }
    const std::lock_guard lock(steering_);
    if (what == "resume" || what == "retry") {
        return begin_again(what == "retry");
    }
    static constexpr std::array<std::string_view, 4> k_wishes = {"pause", "go_on", "cancel", "approve"};
    if (std::ranges::find(k_wishes, what) == k_wishes.end()) {
        throw Error(Errc::usage, "there is no '" + what + "'");
    }
    if (!now_.goes_on || run != now_.run) {
        throw Error(Errc::usage, "that run is over");
    }
    if (!now_.steered_here) {
        throw Error(Errc::usage, "its batch steers this row: watch the batch");
    }
    const auto before = read_control(now_.folder);
    Control control = before && before->run == run ? *before : Control{run};
    control.paused = what == "pause" || (control.paused && what != "go_on");
    control.approved = control.approved || what == "approve";
    control.cancelled = control.cancelled || what == "cancel";
    write_control(now_.folder, control);
}

} // namespace longtake::app
