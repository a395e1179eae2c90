#pragma once

#include "pipeline/base/spending.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace longtake {

/// Lets money out: only with consent, never over a cap. What a submit may cost is reserved before it leaves.
class Purse {
public:
    struct Settings {
        bool paid = false;               ///< false: everything is free, nothing is asked
        std::function<bool()> consent;   ///< asked once, before the first paid submit of a run
        std::optional<double> max_cost;  ///< USD for the film, what is paid for already included
        std::optional<double> planned;   ///< USD the whole plan costs; empty: a price is unknown
        std::optional<double> daily_cap; ///< USD a UTC day, over all processes
        std::string account;             ///< whose day it is
        std::filesystem::path spending;  ///< the file all processes share; empty: none can be kept
    };

    /// Throws Error(budget) if a daily cap is set and the shared file cannot be kept.
    explicit Purse(Settings settings);

    /// Before a submit. `again`: it is not part of the plan's cost, another one was paid or may be owed for already.
    /// Throws Error(budget) saying which cap or price stands against it.
    void reserve(const std::string& id, std::optional<double> cost, bool again);

    void settle(const std::string& id, std::optional<double> charged);
    void release(const std::string& id, std::optional<double> cost, bool again);

private:
    void need_consent();

    Settings settings_;
    std::unique_ptr<Spending> spending_;
    std::mutex mutex_;
    std::optional<bool> consent_;
    double beyond_plan_ = 0; ///< USD reserved for takes that the plan does not count
};

} // namespace longtake
