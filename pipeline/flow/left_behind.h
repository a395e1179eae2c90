#pragma once

#include "pipeline/flow/foresight.h"
#include "pipeline/flow/options.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace longtake {

/// Takes that earlier runs sent and the plan does not have, because the storyboard was changed: what was accepted is
/// paid for, and so it is fetched; what may have been is named.
class LeftBehind {
public:
    /// A generator for takes of another service than the film's; throws Error where it cannot be reached without a key.
    using OtherGenerator = std::function<std::unique_ptr<Generator>(const std::string& provider)>;

    LeftBehind(Ledger& ledger, Generator& generator, const Foresight& foresight, std::string resume_command,
               const Observer& observer);

    /// Warns of what may have been accepted.
    void name() const;

    /// Fetches what was accepted, several at once, and keeps it. What cannot be fetched is a warning.
    void fetch(const Decisions& decisions, const OtherGenerator& other) const;

private:
    void fetch(Generator& generator, const TakeRecord& record) const;
    void warn(const TakeRecord& record, const std::string& text) const;

    Generator& generator_;
    std::string resume_command_;
    const Observer& observer_;
    std::vector<TakeRecord> takes_;
};

} // namespace longtake
