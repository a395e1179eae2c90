#include "pipeline/flow/spending.h"

namespace longtake {
namespace {

/// How many times as long as it may take to know of a submit a service may not know a job it accepted.
constexpr int k_missing_patience = 5;

/// A take that nobody has heard of for so long is taken to be done at the service.
constexpr std::chrono::minutes k_place_lasts{15};

/// Where many machines share the places: so long a film waits for one before it lets another have its worker.
constexpr std::chrono::minutes k_place_patience{1};

/// A sandbox's bills are not the account's.
std::string account_of(const Provider& provider, const Service& service)
{
    return provider.rehearsal() ? provider.name() + " at " + service.base_url : provider.name();
}

} // namespace

Generator::Settings generator_settings(const FilmOptions& options, const Account& account, const std::string& provider,
                                       const Observer& observer)
{
    const ProviderFacts& facts = account.catalog.provider(provider);
    const Service service = account.service(provider);
    Generator::Settings generator;
    generator.takes = options.workdir.takes();
    generator.poll = account.poll;
    if (facts.paid) {
        generator.concurrency = service.concurrency.value_or(options.jobs > 0 ? options.jobs : facts.concurrency);
    }
    generator.submit_timeout = service.submit_timeout;
    generator.reconcile = service.reconcile;
    if (options.commons.spans()) {
        generator.place_patience = k_place_patience;
    }
    generator.missing = service.reconcile * k_missing_patience;
    generator.task_timeout = service.task_timeout;
    generator.account = facts.paid ? account.rehearsal_account : "";
    generator.resume_command = options.resume_command;
    generator.note = [observer](const std::string& shot, const std::string& text) {
        observer.tell({Event::Kind::note, "generate", shot, 0, 0, text});
    };
    generator.pause = observer.pause;
    return generator;
}

Budget::Settings budget_settings(const Plan& plan, const FilmOptions& options, const Account& account,
                                 const Provider& provider, const Foresight& foresight)
{
    const Service service = account.service(plan.provider);
    Budget::Settings budget;
    budget.paid = plan.paid;
    budget.consent = [&] { return options.consent && options.consent(plan, foresight); };
    budget.max_cost = options.commons.helps() ? 0 : options.max_cost;
    budget.daily_cap = service.daily_cap;
    budget.account = account_of(provider, service);
    budget.spending = account.spending;
    if (options.workdir.shares()) { // one process's own limit would not do
        const ProviderFacts& facts = account.catalog.provider(plan.provider);
        budget.places = service.concurrency.value_or(facts.concurrency);
        budget.place_lasts = k_place_lasts;
    }
    budget.submit_lasts = std::chrono::ceil<std::chrono::seconds>(service.submit_timeout + service.submit_timeout / 4);
    return budget;
}

} // namespace longtake
