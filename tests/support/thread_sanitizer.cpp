// OpenCV works on a pool of threads that the thread sanitizer does not see through, for neither is compiled with it:
// what they hand each other looks like races in whatever they are given. Under the sanitizer OpenCV works where it is
// called.
#ifdef __SANITIZE_THREAD__

#include <opencv2/core/utility.hpp>

namespace {

[[maybe_unused]] const bool k_alone = [] {
    cv::setNumThreads(1);
    return true;
}();

} // namespace

#endif
