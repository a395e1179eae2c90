#include "pipeline/flow/record/report_page.h"

#include "pipeline/base/error.h"
#include "pipeline/model/run_record.h"
#include "pipeline/model/schema/embedded.h"

#include <string_view>

namespace longtake {
namespace {

using nlohmann::json;

/// JSON inside a script element: nothing in it may end that (HTML, "Restrictions for contents of script elements").
std::string for_script(const json& data)
{
    std::string text;
    for (const char c : data.dump(-1, ' ', false, json::error_handler_t::replace)) {
        text += c == '<' ? std::string("\\u003c") : std::string(1, c);
    }
    return text;
}

std::string page_with(const std::string& element)
{
    constexpr std::string_view k_place = "<!--longtake:run-->";
    std::string page(embedded("report"));
    const std::size_t at = page.find(k_place);
    if (at == std::string::npos) {
        throw Error(Errc::internal, "the page of reports has no place for a run");
    }
    return page.replace(at, k_place.size(), element);
}

} // namespace

std::string report_page(const json& data)
{
    return page_with("<script type=\"application/json\" id=\"run\">" + for_script(data) + "</script>");
}

std::string live_page()
{
    return page_with("<div id=\"live\" hidden></div>");
}

json empty_report()
{
    json report = RunRecord();
    report["pictures"] = {{"shots", json::array()}, {"joins", json::array()}, {"framings", json::array()}};
    report["films"] = json::array();
    return report;
}

} // namespace longtake
