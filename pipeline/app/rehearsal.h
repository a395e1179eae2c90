#pragma once

#include "pipeline/app/session.h"
#include "pipeline/base/child.h"

#include <map>
#include <memory>
#include <string>

namespace longtake::app {

/// A sandbox of every service in a process of its own, which ends with this object.
class Rehearsal {
public:
    /// Starts it, says so, and waits until it listens. Throws Error(internal) if it does not.
    explicit Rehearsal(Session& session);

    /// Flags of a rehearsal: there is nothing to pay, and its account is thrown away with it.
    static MakeOptions agreed(MakeOptions options);

    /// The environment with every service's address and keys the sandbox's, and quick looks at it.
    const Environment& environment() const noexcept { return environment_; }

private:
    std::unique_ptr<Child> server_;
    Environment environment_;
};

/// The environment as it is, but for these variables.
Environment with_variables(const Environment& environment, std::map<std::string, std::string> variables);

} // namespace longtake::app
