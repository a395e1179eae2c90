/* longtake's C interface: the commands of the program, called in this process.
 *
 * Versioned by LONGTAKE_API_VERSION: what is here does what it does for as long as that number stays, and functions are
 * only added. No exception crosses it. Strings are UTF-8 and end with a zero byte. */
#ifndef LONGTAKE_H
#define LONGTAKE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LONGTAKE_API_VERSION 1

#if defined(__GNUC__)
#define LONGTAKE_API __attribute__((visibility("default")))
#else
#define LONGTAKE_API
#endif

/* The interface of the library that was loaded; compare it with LONGTAKE_API_VERSION. */
LONGTAKE_API int longtake_api_version(void);

/* "0.1.0". */
LONGTAKE_API const char* longtake_version(void);

/* Asks commands to stop, as the first Ctrl-C does: what is under way is put down where it can be gone on with, and the
 * command ends with LONGTAKE_INTERRUPTED. One may be shared by several calls. */
typedef struct longtake_stop longtake_stop;

LONGTAKE_API longtake_stop* longtake_stop_new(void);          /* NULL where there is no memory */
LONGTAKE_API void longtake_stop_request(longtake_stop* stop); /* from any thread; not from a signal handler */
LONGTAKE_API void longtake_stop_free(longtake_stop* stop);    /* after the calls that were given it; NULL is nothing */

/* Where the program would print a line. */
typedef enum longtake_stream {
    LONGTAKE_OUT = 1, /* results; with "--json" each line is one JSON object, the last one the command's result */
    LONGTAKE_ERR = 2  /* progress and complaints */
} longtake_stream;

/* Gets each line without its end, on whichever thread says it, one at a time. `user` is what longtake_run() was given.
 * Must not throw, and must not call longtake_run(). */
typedef void (*longtake_said)(longtake_stream stream, const char* line, void* user);

/* Exit statuses, the same as the program's. */
enum {
    LONGTAKE_DONE = 0,
    LONGTAKE_FAILED = 1, /* a full disk, a fault of longtake */
    LONGTAKE_USAGE = 2,
    LONGTAKE_INPUT = 3,
    LONGTAKE_CREDENTIALS = 4,
    LONGTAKE_PROVIDER = 5,
    LONGTAKE_BUDGET = 6,
    LONGTAKE_PENDING = 7,
    LONGTAKE_PARTIAL = 8,
    LONGTAKE_UNVERIFIED = 9,
    LONGTAKE_INTERRUPTED = 130
};

/* Runs one command, as `longtake ARGUMENTS...` does, and returns its exit status. Reads the environment and the user's
 * configuration as the program does; nobody is asked anything, so what is to be paid for needs "--yes". `said` and
 * `stop` may be NULL. Several threads may call it at once; "batch" and "worker" fork, and want a process without other
 * threads. Log lines of libav are turned off for the process. */
LONGTAKE_API int longtake_run(size_t count, const char* const* arguments, longtake_said said, void* user,
                              longtake_stop* stop);

#ifdef __cplusplus
}
#endif

#endif
