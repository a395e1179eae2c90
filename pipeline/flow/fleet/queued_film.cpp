#include "pipeline/flow/fleet/queued_film.h"

#include "pipeline/base/error.h"
#include "pipeline/base/files.h"
#include "pipeline/base/passing_path.h"
#include "pipeline/flow/account.h"
#include "pipeline/flow/batch/row_messages.h"
#include "pipeline/flow/fleet/shared_segments.h"
#include "pipeline/flow/fleet/shipment.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <climits>

namespace longtake {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::chrono::seconds k_longest_pause{300};

/// Pauses grow with every claim: what a service or a store is down for is not asked for every second.
std::chrono::seconds pause_before_next(int claims)
{
    constexpr std::chrono::seconds k_pause{5};
    return std::min(k_pause * claims, k_longest_pause);
}

/// Lower-case words that any store takes: "Cup, Nr. 7" is "cup-nr-7".
std::string slug(const std::string& text)
{
    std::string words;
    for (const char c : text) {
        const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_';
        if (plain) {
            words += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        } else if (!words.empty() && words.back() != '-' && words.back() != '.') {
            words += '-';
        }
    }
    while (!words.empty() && (words.back() == '-' || words.back() == '.')) {
        words.pop_back();
    }
    return words.empty() ? "film" : words;
}

/// A row on its way through one worker.
class QueuedFilm {
public:
    QueuedFilm(const FleetPlace& place, const Account& account, const Observer& observer)
        : place_(place), account_(account), observer_(observer), database_(open_database(place.ledger, true)),
          queue_(database_, worker_name()), hashes_(hashes_file(place), Durability::lasting, place.store)
    {
    }

    /// False where there is none.
    bool claim()
    {
        auto row = queue_.claim(place_.batch);
        if (!row) {
            return false;
        }
        take(std::move(*row));
        return true;
    }

    /// Finds a row that another has. False where it is no longer made.
    bool look_up(const RowWithParts& wanted)
    {
        auto row = queue_.row(wanted.batch, wanted.name);
        if (!row || row->state != "work") {
            return false;
        }
        take(std::move(*row));
        return true;
    }

    const QueuedRow& row() const noexcept { return row_; }

    void make(RowState& state)
    {
        const fs::path folder = place_.cache / "rows" / row_.batch / folder_name();
        const auto share = shared(SharedSegments::Role::finisher, folder);
        take_result(film(folder, share), state);
        if (share->passed() > 0) {
            state.notes.push_back(fmt::format("{} segments of it were made by other workers", share->passed()));
        }
        ship(state, folder / "films");
    }

    /// Makes segments of the film, and leaves nothing else.
    void help()
    {
        const PassingPath folder(place_.cache / "help" / row_.batch /
                                 (folder_name() + "-" + std::to_string(::getpid())));
        film(folder.get(), shared(SharedSegments::Role::helper, folder.get()));
    }

    /// Writes down what came of it.
    void finish(const RowState& state)
    {
        row_.outcome = state.outcome;
        row_.message = state.message;
        row_.result = state;
        if (state.outcome == word(Errc::interrupted)) {
            queue_.give_back(row_, std::chrono::seconds(0));
        } else if (state.outcome == word(Errc::pending) || state.outcome == word(Errc::storage)) {
            queue_.give_back(row_, pause_before_next(row_.claims));
        } else {
            queue_.finish(row_);
        }
    }

private:
    void take(QueuedRow row)
    {
        row_ = std::move(row);
        batch_ = queue_.batch(row_.batch).value_or(QueuedBatch{row_.batch, row_.batch, json::object()});
    }

    std::string folder_name() const { return slug(std::to_string(row_.number) + "-" + row_.name); }

    std::shared_ptr<SharedSegments> shared(SharedSegments::Role role, const fs::path& folder)
    {
        return std::make_shared<SharedSegments>(role, database_, queue_, place_.store, row_, worker_name(),
                                                folder / "scratch");
    }

    FilmResult film(const fs::path& folder, std::shared_ptr<stages::SegmentShare> share)
    {
        bool rehearsal = false;
        FilmOptions options = film_options(batch_.settings, rehearsal);
        options.workdir = {folder, place_.cache};
        options.output = folder / "films";
        options.overwrite = true; // they are this row's own, and go to the store
        options.name = row_.name;
        options.consent = [](const Plan&, const Foresight&) { return true; }; // whoever queued it has agreed
        options.commons = {database_, row_.batch, place_.store, std::move(share)};
        const json board = unpacked(row_.board, *place_.store, hashes_, place_.cache / "inputs");
        const Storyboard storyboard = storyboard_from_json(board, folder, "row '" + row_.name + "'");
        need_same_money(storyboard, rehearsal);
        return make_film(storyboard, options, account_, observer_);
    }

    /// Throws where a rehearsal's row would be paid for by this worker, or the other way round.
    void need_same_money(const Storyboard& storyboard, bool rehearsal) const
    {
        const auto provider = account_.provider(storyboard.provider, false);
        if (account_.catalog.provider(storyboard.provider).paid && provider->rehearsal() != rehearsal) {
            throw Error(Errc::credentials,
                        rehearsal
                            ? "this batch was queued as a rehearsal against a sandbox, and this worker reaches the "
                              "real service: give it the sandbox's address. Nothing was sent"
                            : "this batch was queued for the real service, and this worker reaches a sandbox: "
                              "give it the service's address and keys. Nothing was sent");
        }
    }

    /// Puts the finished files in the store, named for people, and says of them where they are there.
    void ship(RowState& state, const fs::path& folder)
    {
        for (Deliverable& deliverable : state.deliverables) {
            for (DeliveredFile& file : deliverable.files) {
                const fs::path name = file.file.lexically_relative(folder);
                place_.store->put(file.file, film_key(batch_, std::to_string(row_.number) + "-" + row_.name, name));
                file.file = name;
            }
        }
        std::error_code none;
        if (state.done()) {
            fs::remove_all(folder, none); // what they are made of stays
        }
    }

    const FleetPlace& place_;
    const Account& account_;
    const Observer& observer_;
    const std::shared_ptr<Database> database_;
    RowQueue queue_;
    FileHashes hashes_;
    QueuedRow row_;
    QueuedBatch batch_;
};

/// What `work` comes to, as an outcome.
template <class Work>
void settle_outcome(RowState& state, Work&& work)
{
    try {
        work();
    } catch (const Error& error) {
        state.outcome = word(error.code());
        state.message = error.what();
    } catch (const std::exception& error) {
        state.outcome = word(Errc::internal);
        state.message = error.what();
    }
}

} // namespace

std::string worker_name()
{
    std::array<char, HOST_NAME_MAX + 1> host{};
    ::gethostname(host.data(), HOST_NAME_MAX);
    return std::string(host.data()) + ":" + std::to_string(::getpid());
}

fs::path hashes_file(const FleetPlace& place)
{
    make_folder(place.cache);
    return place.cache / "ledger.db";
}

std::string film_key(const QueuedBatch& batch, const std::string& row, const fs::path& file)
{
    std::string key = "films/" + slug(batch.name) + "-" + batch.id.substr(0, 8) + "/" + slug(row);
    for (const fs::path& part : file) {
        key += "/" + slug(part.string());
    }
    return key;
}

json film_settings(const FilmOptions& options, bool rehearsal)
{
    json settings = {{"presets", options.presets},
                     {"native", options.native},
                     {"posters", options.posters},
                     {"copy", options.copy},
                     {"chapters", options.chapters},
                     {"verify_all", options.verify_all},
                     {"fit_limits", options.limits == LimitsPolicy::fit},
                     {"rehearsal", rehearsal}};
    settings["max_cost"] = options.max_cost ? json(*options.max_cost) : json();
    settings["crf"] = options.crf ? json(*options.crf) : json();
    settings["encoder_preset"] = options.encoder_preset ? json(*options.encoder_preset) : json();
    settings["version"] = options.version;
    return settings;
}

FilmOptions film_options(const json& settings, bool& rehearsal)
{
    FilmOptions options;
    options.presets = settings.at("presets").get<std::vector<std::string>>();
    options.native = settings.at("native");
    options.posters = settings.at("posters");
    options.copy = settings.at("copy");
    options.chapters = settings.at("chapters");
    options.verify_all = settings.at("verify_all");
    options.limits = settings.at("fit_limits") ? LimitsPolicy::fit : LimitsPolicy::refuse;
    options.version = settings.at("version");
    options.jobs = 1;
    if (const json& cap = settings.at("max_cost"); !cap.is_null()) {
        options.max_cost = cap.get<double>();
    }
    if (const json& crf = settings.at("crf"); !crf.is_null()) {
        options.crf = crf.get<double>();
    }
    if (const json& preset = settings.at("encoder_preset"); !preset.is_null()) {
        options.encoder_preset = preset.get<std::string>();
    }
    rehearsal = settings.at("rehearsal");
    return options;
}

namespace {

/// A process's messages, and what it watches.
struct RowOffice {
    RowOffice(int messages, const std::function<std::stop_token()>& watch_signals) : out(messages), watch(state, out)
    {
        observer.listener = [this](const Event& event) { watch.hear(event); };
        observer.stop = watch_signals ? watch_signals() : std::stop_token();
    }

    RowMessages out;
    RowState state;
    RowWatch watch;
    Observer observer;
};

} // namespace

int make_queued_film(const FleetPlace& place, const Account& account,
                     const std::function<std::stop_token()>& watch_signals, int messages)
{
    RowOffice office(messages, watch_signals);
    RowMessages& out = office.out;
    RowState& state = office.state;
    QueuedFilm film(place, account, office.observer);
    if (!film.claim()) {
        return 0;
    }
    out.send({{"claimed", {{"batch", film.row().batch}, {"name", film.row().name}}}});
    state.number = film.row().number;
    state.name = film.row().name;
    state.key = film.row().film_key;
    const auto began = std::chrono::steady_clock::now();
    settle_outcome(state, [&] { film.make(state); });
    state.took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    film.finish(state);
    out.send(state);
    return 0;
}

int help_queued_film(const FleetPlace& place, const RowWithParts& row, const Account& account,
                     const std::function<std::stop_token()>& watch_signals, int messages)
{
    RowOffice office(messages, watch_signals);
    QueuedFilm film(place, account, office.observer);
    if (!film.look_up(row)) {
        return 0;
    }
    office.out.send({{"claimed", {{"batch", row.batch}, {"name", row.name}, {"helps", true}}}});
    office.state.name = row.name;
    office.state.outcome = "done";
    settle_outcome(office.state, [&] { film.help(); });
    office.out.send(office.state);
    return 0;
}

} // namespace longtake
