#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace longtake {

/// A take's life in the ledger. Intent is written and synced before a submit leaves the machine.
/// intent: it may have been sent, and nothing is known of it yet; waiting: the service turned it away for now and
/// nothing is owed; ambiguous: whether the service has it, or still has it, could not be found out; refused: the
/// service said no, or failed it.
enum class TakeState { intent, waiting, submitted, done, refused, ambiguous };

std::string word(TakeState state);

/// The state that has this word. Throws Error(internal) where none has.
TakeState take_state(const std::string& text);

/// One take as the ledger knows it, found by the fingerprint of everything that shapes it.
struct TakeRecord {
    std::string fingerprint;
    std::string shot;
    int index = 0;
    std::string kind;
    std::string provider;
    std::string model;
    double seconds = 0; ///< asked for
    TakeState state = TakeState::intent;
    std::string job;                ///< the service's id, once accepted; kept for as long as it may be owed for
    std::optional<double> estimate; ///< USD
    std::optional<double> charged;  ///< USD, as the service reported; empty: it did not say
    nlohmann::json footage;         ///< the finished take: Footage and what an extension needs; null before
    std::string message;            ///< the service's last word on a refusal
    std::string own_id;             ///< our own name for the submit, written before it leaves
    std::string account;            ///< whose it is: a salted hash of address and key; empty: not known, or free
    bool rehearsal = false;         ///< of a server on this machine: its money is play money
    std::int64_t submitted = 0;     ///< Unix seconds of acceptance
    std::int64_t expires = 0;       ///< Unix seconds after which the service forgets it; 0: not known
    std::int64_t updated = 0;       ///< Unix seconds
    std::int64_t deadline = 0; ///< of an intent in a ledger of many machines: when its sender has given up; 0: none

    /// "cup", or "cup+2" for what continues it: how users name a take.
    std::string name() const;

    /// Whether the service failed it and did not say that this was free.
    bool owed() const;

    /// Sent, or about to be, and not home: only looking, fetching and what the user decides may follow.
    bool away() const;
};

} // namespace longtake
