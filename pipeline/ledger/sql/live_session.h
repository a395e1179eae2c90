#pragma once

#include "pipeline/ledger/sql/database.h"

#include <memory>
#include <string>

namespace longtake {

/// The name by which a session with a database says what is its own, and others see whether it still lives: by a lock
/// that ends with it. Throws Error(storage) where the database cannot be reached.
class LiveSession {
public:
    explicit LiveSession(std::shared_ptr<Database> database);
    ~LiveSession();
    LiveSession(const LiveSession&) = delete;
    LiveSession& operator=(const LiveSession&) = delete;

    const std::string& name() const noexcept { return name_; }

    /// From here on it is seen to live: called before anything is said to be its own.
    void need();

    /// Whether the session of that name has ended; never of this one.
    bool is_gone(const std::string& other);

private:
    const std::shared_ptr<Database> database_;
    const std::string name_;
    bool alive_ = false; ///< the lock is held
};

} // namespace longtake
