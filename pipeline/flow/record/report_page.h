#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace longtake {

/// The page of reports (pipeline/app/report/web) with a run or a batch in it. Nothing in `data` can end the element it
/// stands in.
std::string report_page(const nlohmann::json& data);

/// The same without one: `longtake watch` tells it what there is.
std::string live_page();

/// What such a page shows of a run that nothing is known of: RunRecord with no pictures and no films.
nlohmann::json empty_report();

} // namespace longtake
