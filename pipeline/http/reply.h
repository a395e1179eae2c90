#pragma once

#include "pipeline/http/client.h"

#include <string_view>

namespace longtake::http {

/// Takes one line of an answer's head, as curl hands them over, into its status and headers; a status line starts anew,
/// because what came before was an interim answer. A header given twice is joined with a comma.
void take_header_line(Response& response, std::string_view line);

/// Whether this line ends the head of the final answer.
bool ends_head(const Response& response, std::string_view line);

} // namespace longtake::http
