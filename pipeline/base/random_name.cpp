#include "pipeline/ledger/sql/session_name.h"

#include <fmt/format.h>

#include <random>

namespace longtake {

std::string new_session_name()
{
    std::random_device random;
    return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

} // namespace longtake
