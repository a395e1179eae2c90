/* The header is C, and what it says can be linked from C. */
#include "pipeline/capi/longtake.h"

int status_of_version_command(void);

int status_of_version_command(void)
{
    const char *const arguments[] = {"--version"};
    return longtake_api_version() == LONGTAKE_API_VERSION ? longtake_run(1, arguments, NULL, NULL, NULL) : -1;
}
