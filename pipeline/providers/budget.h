#pragma once

#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/spending.h"

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace longtake {

/// Lets money out: only with consent, never over a cap. What a submit may cost is reserved, and its intent written
/// down, before it leaves; what it came to is settled in both books, the film's ledger and the machine's spending.
class Budget {
public:
    struct Settings {
        bool paid = false;              ///< false: everything is free, nothing is asked
        std::function<bool()> consent;  ///< asked once, before the first paid submit of a run
        std::optional<double> max_cost; ///< USD for the film, all that its ledger has reserved and was charged included
        std::optional<double> daily_cap;      ///< USD a UTC day, over all processes
        std::string account;                  ///< whose day it is
        std::filesystem::path spending;       ///< the file all processes share; empty: none can be kept
        int places = 0;                       ///< takes the account may have under way, over all processes; 0: any
        std::chrono::seconds place_lasts{0};  ///< how long one that has not come home is taken to hold its place
        std::chrono::seconds submit_lasts{0}; ///< within which an intent is sent, or not at all
    };

    /// Throws Error(budget) if a daily cap is set and the shared file cannot be kept.
    Budget(Settings settings, Ledger& ledger);

    /// Makes the two books agree after a run that was killed between them: a reservation without an intent is released.
    /// Throws Error(input) where the shared file knows submits that this ledger does not: it is not the newest.
    void balance_books();

    /// Before a submit: reserves `take.estimate` for `take.own_id` and writes the take down, as an intent, whose
    /// deadline it gets. False where the account has no place free for it: nothing is written down then. Throws
    /// Error(budget) saying which cap or price stands against it; nothing is written down then either.
    bool intend(TakeRecord& take);

    /// The service gives the account fewer places than was said.
    void lower_places(const TakeRecord& take);

    /// Writes the take down with what it was charged, as far as that is known.
    void settle(const TakeRecord& take);

    /// Writes the take down as one for which nothing is owed.
    void release(const TakeRecord& take);

private:
    void need_consent();
    void need_price(const TakeRecord& take) const;
    void reserve(const TakeRecord& take);
    Caps caps() const;
    [[noreturn]] void refuse(const TakeRecord& take, const Admission& admission) const;
    [[noreturn]] void refuse_day(const TakeRecord& take, double today) const;
    void release_quietly(const TakeRecord& take) noexcept;
    template <class Work>
    void in_spending(Work&& work);

    Settings settings_;
    Ledger& ledger_;
    std::unique_ptr<Spending> spending_;
    std::mutex mutex_;
    std::optional<bool> consent_;
};

} // namespace longtake
