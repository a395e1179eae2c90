#include "pipeline/flow/film.h"

#include "pipeline/base/files.h"
#include "pipeline/base/parallel.h"
#include "pipeline/flow/canvases.h"
#include "pipeline/flow/decisions.h"
#include "pipeline/flow/delivery.h"
#include "pipeline/flow/explain.h"
#include "pipeline/flow/foresight.h"
#include "pipeline/flow/framings.h"
#include "pipeline/flow/guards.h"
#include "pipeline/flow/left_behind.h"
#include "pipeline/flow/outputs.h"
#include "pipeline/flow/probe_inputs.h"
#include "pipeline/flow/record/film_measures.h"
#include "pipeline/flow/record/recorder.h"
#include "pipeline/flow/spending.h"
#include "pipeline/flow/texts.h"
#include "pipeline/interchange/edit.h"
#include "stages/assemble/assemble.h"
#include "stages/plan/picture_notes.h"
#include "stages/plan/plan.h"

#include <algorithm>
#include <iterator>
#include <list>

namespace longtake {
namespace {

/// A cut that cannot be read, or is of other shots, is refused before anything is paid for.
void check_cut(const FilmOptions& options, const Plan& plan)
{
    if (options.cut) {
        std::vector<std::string> shots;
        std::ranges::transform(plan.shots, std::back_inserter(shots),
                               [](const ShotPlan& shot) { return shot.shot.id; });
        const auto clips = interchange::read_edit(*options.cut, plan.rate);
        in_context(options.cut->string(), [&] { interchange::check_shots(clips, shots); });
    }
}

void say_notes(const Plan& plan, const Observer& observer)
{
    for (const std::string& note : plan.notes) {
        observer.tell({Event::Kind::note, "plan", "", 0, 0, note});
    }
}

/// What is known before anything is made of how a film will look on its canvases.
void note_looks(Plan& plan, const std::vector<CanvasFilm>& canvases)
{
    std::vector<Size> sizes;
    for (const CanvasFilm& film : canvases) {
        sizes.push_back(film.plan.size);
    }
    stages::note_pictures(plan, sizes);
    note_texts(plan, canvases);
}

} // namespace

Plan plan_film(const Storyboard& board, const ModelCatalog& catalog)
{
    Inputs none;
    return plan_film(board, catalog, none);
}

Plan plan_film(const Storyboard& board, const ModelCatalog& catalog, Inputs& known)
{
    catalog.provider(board.provider);
    return stages::plan(board, catalog, probe_inputs(board, known));
}

stages::Comparison compare_offers(const Storyboard& board, const ModelCatalog& catalog)
{
    return stages::compare(board, catalog, probe_inputs(board));
}

Plan plan_film(const Storyboard& board, const FilmOptions& options, const Account& account)
{
    Plan plan = plan_film(board, account.catalog);
    load_texts(plan, account.preset_dirs);
    note_looks(plan, canvas_films(plan, outputs_for(board, plan, options, account), options.native));
    return plan;
}

Foresight look_ahead(const Plan& plan, const FilmOptions& options, const Account& account)
{
    if (!std::filesystem::exists(options.workdir.ledger())) {
        return nothing_there(plan);
    }
    const std::unique_ptr<Ledger> ledger = open_ledger(options.workdir.ledger(), Durability::read_only);
    FileHashes hashes(options.workdir.ledger(), Durability::read_only);
    const std::unique_ptr<Provider> provider = account.provider(plan.provider, true);
    Budget budget({}, *ledger);
    const Generator generator(*provider, *ledger, hashes, budget,
                              generator_settings(options, account, plan.provider, {}));
    const ImageRules& rules = account.catalog.provider(plan.provider).image;
    Stills stills(plan, rules, {}, *ledger, hashes, options.workdir.stills(), Stills::Mode::recall);
    return foresee(plan, stills, *ledger, generator);
}

namespace {

Durability durability_of(const FilmOptions& options)
{
    return options.ephemeral ? Durability::ephemeral : Durability::lasting;
}

/// One run of a film, from the lock on its working directory to the last file.
class Run {
public:
    Run(const Storyboard& board, const FilmOptions& options, const Account& account, const Observer& observer,
        RunRecorder& recorder, Plan plan, std::vector<stages::OutputSpec> outputs)
        : board_(board), options_(options), account_(account), observer_(observer), recorder_(recorder),
          plan_(std::move(plan)), outputs_(std::move(outputs)), provider_(account.provider(plan_.provider, false)),
          facts_(account.catalog.provider(plan_.provider)), workdir_(options.workdir),
          ledger_(open_ledger(options.commons, options.workdir, durability_of(options))),
          hashes_(options.workdir.ledger(), durability_of(options), options.commons.store),
          foresight_(nothing_there(plan_)),
          budget_(budget_settings(plan_, options, account, *provider_, foresight_), *ledger_),
          generator_(*provider_, *ledger_, hashes_, budget_,
                     generator_settings(options, account, plan_.provider, observer)),
          shots_(canvas_films(plan_, outputs_, options.native), {facts_, account.catalog, *ledger_, hashes_, generator_,
                                                                 observer_, options.workdir.stills(), shots_at_once()})
    {
        recorder.begin();
    }

    /// However it ends, the record has the takes and the money as they are then.
    FilmResult film()
    {
        try {
            FilmResult film = made();
            film.paid = generator_.paid();
            take_stock();
            return film;
        } catch (const Error&) {
            take_stock();
            throw;
        }
    }

private:
    /// Of a ledger that many films have together what is this one's.
    void take_stock()
    {
        recorder_.take_stock(options_.workdir.shares() ? ledger_->takes_of(generator_.asked_for()) : ledger_->takes(),
                             ledger_->spent(provider_->rehearsal()));
    }

    FilmResult made()
    {
        settle_the_past(plan_, options_, account_, *ledger_, budget_);
        refuse_strangers(outputs_, *ledger_, hashes_, options_);
        if (workdir_.first_run()) { // everything is to be paid for: no need to prepare anything before asking
            agree();
        }
        shots_.prepare();
        look_ahead();
        agree();
        workdir_.keep();
        FilmResult film;
        film.plan = plan_;
        film.failures = shoot();
        if (film.failures.empty()) {
            deliver(film);
        }
        return film;
    }

    int shots_at_once() const
    {
        const bool waits = facts_.paid && options_.jobs == 0; // for the service, not for a core
        return thread_count(waits ? facts_.concurrency : options_.jobs);
    }

    void agree()
    {
        need_affordable(foresight_, options_);
        need_consent(plan_, foresight_, options_);
    }

    void look_ahead()
    {
        const bool decided = !(options_.resubmit.empty() && options_.adopt.empty() && options_.accept.empty());
        if (!decided && (!plan_.paid || workdir_.first_run())) {
            return;
        }
        foresight_ = foresee(shots_.first_plan(), shots_.first_stills(), *ledger_, generator_);
        decisions_ = decisions_of(options_, foresight_, *ledger_, generator_);
        generator_.decide(decisions_);
        need_same_accounts(options_.workdir.shares() ? foresight_.records() : ledger_->takes(), generator_);
        if (decided) {
            foresight_ = foresee(shots_.first_plan(), shots_.first_stills(), *ledger_, generator_, decisions_);
        }
    }

    /// The shots, and beside them what earlier storyboards left with the services.
    std::vector<Failure> shoot()
    {
        if (!plan_.paid || options_.workdir.shares()) { // what others left there is theirs
            return shots_.shoot();
        }
        const LeftBehind left(*ledger_, generator_, foresight_, options_.resume_command, observer_);
        left.name();
        Budget nothing({}, *ledger_);
        std::vector<std::unique_ptr<Provider>> others;
        const auto other = [&](const std::string& name) {
            others.push_back(account_.provider(name, false));
            return std::make_unique<Generator>(*others.back(), *ledger_, hashes_, nothing,
                                               generator_settings(options_, account_, name, observer_));
        };
        std::vector<Failure> failures;
        std::exception_ptr thrown;
        parallel_for(2, 2, [&](std::size_t i) {
            try {
                if (i == 0) {
                    failures = shots_.shoot();
                } else {
                    left.fetch(decisions_, other);
                }
            } catch (...) {
                thrown = std::current_exception(); // fetch() throws nothing
            }
        });
        if (thrown) {
            std::rethrow_exception(thrown);
        }
        return failures;
    }

    /// The film as it was planned, or as somebody has cut it since.
    std::list<CanvasShots::Assembled> assembled() const
    {
        std::list<CanvasShots::Assembled> planned = shots_.assembled();
        if (!options_.cut) {
            return planned;
        }
        return in_context(options_.cut->string(), [&] {
            const auto clips = interchange::read_edit(*options_.cut, plan_.rate);
            return shots_.assembled(interchange::edits_of(clips, planned.front().timeline));
        });
    }

    void deliver(FilmResult& film)
    {
        std::list<CanvasShots::Assembled> canvases = assembled();
        std::list<Delivery> deliveries;
        FramingBook framings = options_.framing ? FramingBook::read(*options_.framing) : FramingBook();
        for (CanvasShots::Assembled& canvas : canvases) {
            std::vector<stages::Seam> seams; // those of the first are the film's
            canvas.timeline = fixed_film(framed(std::move(canvas.timeline), plan_, *ledger_, observer_, framings),
                                         options_, observer_, deliveries.empty() ? film.seams : seams);
            deliveries
                .emplace_back(canvas.timeline, canvas.film.outputs, board_.title, *ledger_, hashes_, options_,
                              observer_)
                .find_finished();
        }
        if (options_.framing) {
            framings.write(*options_.framing);
        }
        write_down(canvases.front().timeline);
        film.nothing_to_do = shots_.idle() && std::ranges::all_of(deliveries, &Delivery::complete);
        for (Delivery& delivery : deliveries) {
            delivery.make_rest();
            if (!options_.commons.helps()) {
                std::ranges::copy(delivery.deliverables(), std::back_inserter(film.deliverables));
            }
        }
        in_order_asked(film.deliverables);
        if (options_.report) {
            RunRecord& record = recorder_.record();
            record.deliverables = film.deliverables;
            for (const CanvasShots::Assembled& canvas : canvases) {
                add_framings(record, canvas.timeline);
            }
            measure_film(record, outputs_, options_.workdir, observer_);
        }
    }

    void write_down(const Timeline& timeline)
    {
        write_atomic(options_.workdir.root / "timeline.json", nlohmann::json(timeline).dump(1));
        recorder_.record().timeline = timeline;
    }

    void in_order_asked(std::vector<Deliverable>& deliverables) const
    {
        std::ranges::sort(deliverables, {}, [&](const Deliverable& deliverable) {
            return std::ranges::find(outputs_, deliverable.file(), &stages::OutputSpec::file) - outputs_.begin();
        });
    }

    const Storyboard& board_;
    const FilmOptions& options_;
    const Account& account_;
    const Observer& observer_;
    RunRecorder& recorder_;
    const Plan plan_;
    const std::vector<stages::OutputSpec> outputs_;
    const std::unique_ptr<Provider> provider_;
    const ProviderFacts& facts_;
    HeldWorkdir workdir_; // the lock comes before the ledger is opened
    const std::unique_ptr<Ledger> ledger_;
    FileHashes hashes_;
    Foresight foresight_;
    Decisions decisions_;
    Budget budget_;
    Generator generator_;
    CanvasShots shots_;
};

} // namespace

namespace {

/// Consent from the control file or from who can be asked, whoever is first; asked once.
std::function<bool(const Plan&, const Foresight&)> approval(const FilmOptions& options, bool rehearsal, LiveRun& live)
{
    return [ask = options.consent, rehearsal, &live,
            answer = std::make_shared<std::optional<bool>>()](const Plan& plan, const Foresight& foresight) {
        if (!*answer) {
            const auto fresh = foresight.fresh_cost();
            *answer = live.approved({{"takes", foresight.takes.size()},
                                     {"fresh", foresight.fresh()},
                                     {"provider", plan.provider},
                                     {"cost", fresh ? nlohmann::json(*fresh) : nlohmann::json()},
                                     {"spent", foresight.spent},
                                     {"rehearsal", rehearsal},
                                     {"priced_on", plan.priced_on}},
                                    ask ? std::function<bool()>([=] { return ask(plan, foresight); }) : nullptr);
        }
        return **answer;
    };
}

} // namespace

FilmResult make_film(const Storyboard& board, const FilmOptions& asked, const Account& account,
                     const Observer& observer)
{
    FilmOptions options = asked;
    LiveRun live({{"kind", asked.workdir.shares() ? "row" : "film"},
                  {"title", board.title},
                  {"command", asked.command.empty() ? asked.resume_command : asked.command}},
                 observer, asked.steering, LiveRun::Looks::by_themselves);
    if (asked.approve) {
        options.consent = approval(asked, !account.rehearsal_account.empty(), live);
    }
    RunRecorder recorder(board, options, live);
    return recorder.record_run([&](const Observer& watched) {
        Inputs none;
        Plan plan = plan_film(board, account.catalog, options.known_inputs != nullptr ? *options.known_inputs : none);
        std::vector<stages::OutputSpec> outputs = outputs_for(board, plan, options, account);
        refuse_own_sources(outputs, plan);
        check_cut(options, plan);
        load_texts(plan, account.preset_dirs);
        note_looks(plan, canvas_films(plan, outputs, options.native));
        recorder.planned(plan);
        say_notes(plan, watched);
        return Run(board, options, account, watched, recorder, std::move(plan), std::move(outputs)).film();
    });
}

} // namespace longtake
