#include "pipeline/sandbox/apis/call.h"

#include <algorithm>
#include <iterator>

namespace longtake::sandbox {
namespace {

constexpr BusinessCode k_business_codes[] = {
    {1000, 401, "Authentication failed"},
    {1001, 401, "Authorization is empty"},
    {1002, 401, "Authorization is invalid"},
    {1003, 401, "Authorization is not yet valid"},
    {1004, 401, "Authorization has expired"},
    {1100, 429, "Account exception"},
    {1101, 429, "Account in arrears"},
    {1102, 429, "Account balance not enough"},
    {1103, 403, "No permission to access the requested resource"},
    {1200, 400, "Invalid request parameters"},
    {1201, 400, "Invalid parameters"},
    {1202, 404, "The requested method is invalid"},
    {1203, 404, "The requested resource does not exist"},
    {1300, 400, "Trigger the platform strategy"},
    {1301, 400, "Trigger the content security policy of the platform"},
    {1302, 429, "The API request is too fast"},
    {1303, 429, "parallel task over resource pack limit"},
    {1304, 429, "Trigger the IP whitelisting policy"},
    {5000, 500, "Server internal error"},
    {5001, 503, "Server temporarily unavailable, usually under maintenance"},
    {5002, 504, "Server internal timeout"},
};

} // namespace

const BusinessCode* business_code(int code)
{
    const auto* found = std::find_if(std::begin(k_business_codes), std::end(k_business_codes),
                                     [code](const BusinessCode& row) { return row.code == code; });
    return found == std::end(k_business_codes) ? nullptr : found;
}

} // namespace longtake::sandbox
