#pragma once

#include <string>

namespace longtake {

/// An amount of money.
struct Price {
    std::string amount;   ///< decimal, "12.90": exact, with as many decimals as were given
    std::string currency; ///< ISO 4217
};

/// A price as people write it: "12.90", "12,90", "EUR 12.90", "12.90 EUR"; without a currency it is `currency`'s.
/// Throws Error(usage) for what is no price, and for "1.299", which is one number here and another there.
Price parse_price(const std::string& text, const std::string& currency);

/// As it is written in `locale` (BCP 47): "€12.90", "12,90 €"; with the currency's decimals (CLDR's, by ICU), none of
/// them in "€49" if none were given. Throws Error(usage) for a currency that is none.
std::string price_text(const Price& price, const std::string& locale);

} // namespace longtake
