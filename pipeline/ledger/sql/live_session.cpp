#include "pipeline/ledger/sql/live_session.h"

#include "pipeline/base/error.h"
#include "pipeline/base/random_name.h"

namespace longtake {
namespace {

std::string lock_of_session(const std::string& name)
{
    return "session-" + name;
}

} // namespace

LiveSession::LiveSession(std::shared_ptr<Database> database) : database_(std::move(database)), name_(random_name()) {}

LiveSession::~LiveSession()
{
    if (alive_) {
        database_->unlock(lock_of_session(name_));
    }
}

void LiveSession::need()
{
    if (!alive_ && !database_->try_lock(lock_of_session(name_))) {
        throw Error(Errc::internal, "a new session's own lock is taken");
    }
    alive_ = true;
}

bool LiveSession::is_gone(const std::string& other)
{
    if (other == name_ || !database_->try_lock(lock_of_session(other))) {
        return false;
    }
    database_->unlock(lock_of_session(other));
    return true;
}

} // namespace longtake
