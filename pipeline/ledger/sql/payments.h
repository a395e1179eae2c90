#pragma once

#include "pipeline/ledger/ledger.h"

#include <cstdint>
#include <string>

namespace longtake {

/// USD as whole millionths.
std::int64_t micros_of(double usd);

/// What a sum comes to, in millionths; the row stays locked until the transaction ends.
std::int64_t locked_sum(Database& database, const std::string& name);
std::int64_t sum_of(Database& database, const std::string& name);

/// Changes the payment of a take's own id, and the sums that it counts in, in the transaction that is open.
/// `film`, `day`: the sums of a payment that begins; empty: it counts in none.
void write_payment(Database& database, const TakeRecord& take, Payment payment, const std::string& film,
                   const std::string& day);

/// Takes away a payment and what it counted for.
void remove_payment(Database& database, const std::string& own_id);

} // namespace longtake
