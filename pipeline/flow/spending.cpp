#include "pipeline/flow/spending.h"

namespace longtake {
namespace {

/// How many times as long as it may take to know of a submit a service may not know a job it accepted.
constexpr int k_missing_patience = 5;

/// A sandbox's bills are not the account's.
std::string account_of(const Provider& provider, const Service& service)
{
    return provider.rehearsal() ? provider.name() + " at " + service.base_url : provider.name();
}

} // namespace

Camera::Settings camera_settings(const FilmOptions& options, const Account& account, const std::string& provider,
                                 const Observer& observer)
{
    const ProviderFacts& facts = account.catalog.provider(provider);
    const Service service = account.service(provider);
    Camera::Settings camera;
    camera.takes = options.workdir.takes();
    camera.poll = account.poll;
    if (facts.paid) {
        camera.concurrency = service.concurrency.value_or(options.jobs > 0 ? options.jobs : facts.concurrency);
    }
    camera.reconcile = service.reconcile;
    camera.missing = service.reconcile * k_missing_patience;
    camera.task_timeout = service.task_timeout;
    camera.account = facts.paid ? account.rehearsal_account : "";
    camera.again = options.resume_command;
    camera.note = [observer](const std::string& shot, const std::string& text) {
        observer.tell({Event::Kind::note, "generate", shot, 0, 0, text});
    };
    return camera;
}

Purse::Settings purse_settings(const Plan& plan, const FilmOptions& options, const Account& account,
                               const Provider& provider, const Foresight& foresight)
{
    const Service service = account.service(plan.provider);
    Purse::Settings purse;
    purse.paid = plan.paid;
    purse.consent = [&] { return options.consent && options.consent(plan, foresight); };
    purse.max_cost = options.max_cost;
    purse.daily_cap = service.daily_cap;
    purse.account = account_of(provider, service);
    purse.spending = account.spending;
    return purse;
}

} // namespace longtake
