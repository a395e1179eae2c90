#include "pipeline/ledger/sql/database.h"

namespace longtake {

std::string text_of(const SqlValue& value)
{
    const auto* text = std::get_if<std::string>(&value);
    return text != nullptr ? *text : std::string();
}

std::int64_t integer_of(const SqlValue& value)
{
    if (const auto* real = std::get_if<double>(&value)) {
        return static_cast<std::int64_t>(*real);
    }
    const auto* integer = std::get_if<std::int64_t>(&value);
    return integer != nullptr ? *integer : 0;
}

double real_of(const SqlValue& value)
{
    const auto* real = std::get_if<double>(&value);
    return real != nullptr ? *real : static_cast<double>(integer_of(value));
}

void Database::together(const std::function<void()>& work)
{
    const std::lock_guard lock(mutex_);
    begin();
    try {
        work();
        commit();
    } catch (...) {
        roll_back();
        throw;
    }
}

} // namespace longtake
