#include "pipeline/app/report/open.h"

#include <spawn.h>
#include <unistd.h>

namespace longtake::app {

void open_in_browser(const std::string& page, Session& session)
{
    std::string opener = "xdg-open";
    std::string argument = page;
    char* const arguments[] = {opener.data(), argument.data(), nullptr};
    pid_t child = 0;
    if (::posix_spawnp(&child, opener.c_str(), nullptr, nullptr, arguments, ::environ) != 0) {
        session.console.warn("there is no xdg-open that could show it; open the page in a browser yourself");
    }
}

} // namespace longtake::app
