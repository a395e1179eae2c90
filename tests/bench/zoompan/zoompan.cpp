// Renders a zoom with longtake's local renderer, or measures how evenly a zoom in a raw file moves; see run.sh.
#include "pipeline/providers/local/easing.h"
#include "pipeline/providers/local/move.h"
#include "pipeline/providers/take_renderer.h"
#include "tests/providers/local/rendering.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace longtake;

constexpr Size k_size{1280, 720};
constexpr std::int64_t k_frames = 150;
constexpr CameraMove k_zoom{.zoom = -10};

double cpu_seconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void draw(const std::string& file)
{
    cv::imwrite(file, test::dots(k_size.width, k_size.height, 160, 14));
}

/// Prints the CPU milliseconds a frame, all threads and the preparation of the picture included.
void render(const std::string& picture, const std::string& raw)
{
    std::ofstream out(raw, std::ios::binary);
    const double begin = cpu_seconds();
    double writing = 0;
    const local::TakeRenderer renderer({.image = picture, .camera = k_zoom, .size = k_size, .frames = k_frames});
    test::Rendered frame(k_size);
    for (std::int64_t i = 0; i < k_frames; ++i) {
        renderer.render(i, frame.view());
        const double before = cpu_seconds();
        for (const cv::Mat* plane : {&frame.luma, &frame.cb, &frame.cr}) {
            out.write(reinterpret_cast<const char*>(plane->data), static_cast<std::streamsize>(plane->total()));
        }
        writing += cpu_seconds() - before;
    }
    std::printf("%.2f\n", (cpu_seconds() - begin - writing) / k_frames * 1e3);
}

/// Follows one dot through I420 frames and compares its way with the geometry of the zoom.
void measure(const std::string& raw)
{
    std::ifstream in(raw, std::ios::binary);
    const local::Move move(k_zoom, k_size, k_size.width / 2.0, k_size.height / 2.0);
    const local::Easing easing({.seconds = 5, .move_seconds = 5, .idle = local::k_idle});
    test::Rendered frame(k_size);
    std::vector<cv::Point2d> off;
    for (std::int64_t i = 0; i < k_frames; ++i) {
        for (cv::Mat* plane : {&frame.luma, &frame.cb, &frame.cr}) {
            in.read(reinterpret_cast<char*>(plane->data), static_cast<std::streamsize>(plane->total()));
        }
        const double scale = move.at(easing.at(static_cast<double>(i) / 30).progress)[0];
        const cv::Point2d wanted(k_size.width / 2.0 - 0.5 + 160.5 / scale, k_size.height / 2.0 - 0.5 + 160.5 / scale);
        off.push_back(test::dot_near(frame.luma, wanted, 26) - wanted);
    }
    double step = 0;
    double bend = 0;
    double square = 0;
    for (std::size_t i = 2; i < off.size(); ++i) {
        step = std::max(step, cv::norm(off[i] - off[i - 1]));
        const double second = cv::norm(off[i] - 2 * off[i - 1] + off[i - 2]);
        bend = std::max(bend, second);
        square += second * second;
    }
    std::printf("step error max %.3f px, jitter (second difference) max %.3f rms %.3f px\n", step, bend,
                std::sqrt(square / static_cast<double>(off.size() - 2)));
}

} // namespace

int main(int argc, char** argv)
{
    const std::string verb = argc > 1 ? argv[1] : "";
    if (verb == "draw" && argc == 3) {
        draw(argv[2]);
    } else if (verb == "render" && argc == 4) {
        render(argv[2], argv[3]);
    } else if (verb == "measure" && argc == 3) {
        measure(argv[2]);
    } else {
        std::fprintf(stderr, "usage: zoompan draw PNG | render PNG RAW | measure RAW\n");
        return 2;
    }
}
