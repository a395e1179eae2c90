#include "pipeline/model/campaign/price.h"

#include "pipeline/base/error.h"

#include <unicode/locid.h>
#include <unicode/numberformatter.h>
#include <unicode/ucurr.h>

#include <algorithm>
#include <regex>

namespace longtake {
namespace {

[[noreturn]] void no_price(const std::string& text, const std::string& why)
{
    throw Error(Errc::usage, "found '" + text + "'; must be a price such as 12.90 or \"EUR 12.90\"" + why);
}

icu::UnicodeString utf16(const std::string& text)
{
    return icu::UnicodeString::fromUTF8(text);
}

bool known_currency(const std::string& code)
{
    UErrorCode error = U_ZERO_ERROR;
    return ucurr_isAvailable(utf16(code).getTerminatedBuffer(), U_DATE_MIN, U_DATE_MAX, &error) != 0 &&
           U_SUCCESS(error);
}

} // namespace

Price parse_price(const std::string& text, const std::string& currency)
{
    static const std::regex k_form(R"(\s*(?:([A-Z]{3})\s*)?(-?\d{1,12})(?:[.,](\d{1,4}))?(?:\s*([A-Z]{3}))?\s*)");
    std::smatch found;
    if (!std::regex_match(text, found, k_form) || (found[1].matched && found[4].matched)) {
        no_price(text, " (digits, one point or comma before cents, and the currency's code or none)");
    }
    const std::string cents = found[3];
    if (cents.size() == 3) { // a thousand in one country, and a little more than one in another
        no_price(text, "; write " + found[2].str() + cents + " or " + found[2].str() + "." + cents.substr(0, 2));
    }
    Price price{found[2].str() + (cents.empty() ? "" : "." + cents), currency};
    for (const std::size_t code : {1, 4}) {
        price.currency = found[code].matched ? found[code].str() : price.currency;
    }
    if (!known_currency(price.currency)) {
        no_price(text, "; '" + price.currency + "' is no currency");
    }
    return price;
}

std::string price_text(const Price& price, const std::string& locale)
{
    UErrorCode error = U_ZERO_ERROR;
    const icu::CurrencyUnit unit(utf16(price.currency).getTerminatedBuffer(), error);
    const icu::Locale place = icu::Locale::forLanguageTag(locale, error);
    auto form = icu::number::NumberFormatter::withLocale(place).unit(unit).unitWidth(UNUM_UNIT_WIDTH_NARROW);
    if (price.amount.find('.') == std::string::npos) {
        form = form.precision(icu::number::Precision::integer());
    }
    std::string text;
    form.formatDecimal(price.amount, error).toString(error).toUTF8String(text);
    if (U_FAILURE(error)) {
        throw Error(Errc::usage, "'" + locale + "' and '" + price.currency + "': " + u_errorName(error));
    }
    return text;
}

} // namespace longtake
