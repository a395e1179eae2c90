#include "pipeline/base/error.h"

namespace longtake {

int exit_status(Errc code) noexcept
{
    switch (code) {
    case Errc::internal: return 1;
    case Errc::usage: return 2;
    case Errc::input: return 3;
    case Errc::credentials: return 4;
    case Errc::provider: return 5;
    case Errc::budget: return 6;
    case Errc::pending: return 7;
    case Errc::partial: return 8;
    case Errc::storage: return 1;
    case Errc::unverified: return 9;
    case Errc::interrupted: return 130;
    }
    return 1;
}

std::string_view word(Errc code) noexcept
{
    switch (code) {
    case Errc::internal: return "internal";
    case Errc::usage: return "usage";
    case Errc::input: return "input";
    case Errc::credentials: return "credentials";
    case Errc::provider: return "provider";
    case Errc::budget: return "budget";
    case Errc::pending: return "pending";
    case Errc::partial: return "partial";
    case Errc::storage: return "storage";
    case Errc::unverified: return "unverified";
    case Errc::interrupted: return "interrupted";
    }
    return "internal";
}

} // namespace longtake
