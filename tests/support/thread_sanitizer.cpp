// What the thread sanitizer is spared: libraries that are not compiled with it look like races where they hand things
// from thread to thread by means it does not see.
#ifdef __SANITIZE_THREAD__

#include <httplib.h>
#include <opencv2/core.hpp>

#include <regex>
#include <thread>

namespace {

/// OpenCV works where it is called, not on its pool of threads.
void keep_opencv_alone()
{
    cv::setNumThreads(1);
}

/// Tables that are made once, by whoever comes first, are made before there are threads.
void fill_tables()
{
    const cv::Mat zeros = cv::Mat::zeros(1, 1, CV_8U);
    (void)std::regex_match("a", std::regex("\\w"));
    httplib::Server server;
    server.Get("/",
               [](const httplib::Request&, httplib::Response& response) { response.set_content("a", "text/plain"); });
    const int port = server.bind_to_any_port("127.0.0.1");
    std::thread listener([&] { server.listen_after_bind(); });
    (void)httplib::Client("127.0.0.1", port).Get("/");
    server.stop();
    listener.join();
}

[[maybe_unused]] const bool k_ready = [] {
    keep_opencv_alone();
    fill_tables();
    return true;
}();

} // namespace

#endif
