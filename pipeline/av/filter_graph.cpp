#include "pipeline/av/filter_graph.h"

#include "pipeline/av/ffmpeg.h"

#include <fmt/format.h>

namespace longtake::av {

struct FilterGraph::Impl {
    std::string description;
    GraphPtr graph;
    AVFilterContext* source = nullptr; ///< owned by the graph
    AVFilterContext* sink = nullptr;   ///< owned by the graph
    int width = 0, height = 0, format = -1;

    bool fits(const AVFrame* frame) const
    {
        return graph && frame->width == width && frame->height == height && frame->format == format;
    }

    void configure(const AVFrame* frame)
    {
        width = frame->width;
        height = frame->height;
        format = frame->format;
        graph.reset(avfilter_graph_alloc());
        graph->nb_threads = 1;
        const AVRational sar = frame->sample_aspect_ratio.num > 0 ? frame->sample_aspect_ratio : AVRational{1, 1};
        const std::string arguments = fmt::format("video_size={}x{}:pix_fmt={}:time_base=1/90000:pixel_aspect={}/{}",
                                                  width, height, format, sar.num, sar.den);
        check(avfilter_graph_create_filter(&source, avfilter_get_by_name("buffer"), "in", arguments.c_str(), nullptr,
                                           graph.get()),
              "filter input");
        check(avfilter_graph_create_filter(&sink, avfilter_get_by_name("buffersink"), "out", nullptr, nullptr,
                                           graph.get()),
              "filter output");
        AVFilterInOut* outputs = avfilter_inout_alloc();
        AVFilterInOut* inputs = avfilter_inout_alloc();
        outputs->name = av_strdup("in");
        outputs->filter_ctx = source;
        inputs->name = av_strdup("out");
        inputs->filter_ctx = sink;
        const int parsed = avfilter_graph_parse_ptr(graph.get(), description.c_str(), &inputs, &outputs, nullptr);
        avfilter_inout_free(&inputs);
        avfilter_inout_free(&outputs);
        check(parsed, "filter '" + description + "'");
        check(avfilter_graph_config(graph.get(), nullptr), "filter '" + description + "'");
    }
};

FilterGraph::FilterGraph(std::string description) : impl_(std::make_unique<Impl>())
{
    impl_->description = std::move(description);
}

FilterGraph::~FilterGraph() = default;
FilterGraph::FilterGraph(FilterGraph&&) noexcept = default;
FilterGraph& FilterGraph::operator=(FilterGraph&&) noexcept = default;

Frame FilterGraph::apply(const Frame& frame)
{
    push(frame);
    Frame out;
    check(av_buffersink_get_frame(impl_->sink, out.get()), "filter '" + impl_->description + "'");
    return out;
}

void FilterGraph::push(const Frame& frame)
{
    if (!impl_->fits(frame.get())) {
        impl_->configure(frame.get());
    }
    check(av_buffersrc_write_frame(impl_->source, frame.get()), "filter '" + impl_->description + "'");
}

void FilterGraph::finish()
{
    if (impl_->graph) {
        check(av_buffersrc_add_frame(impl_->source, nullptr), "filter '" + impl_->description + "'");
    }
}

std::optional<Frame> FilterGraph::pull()
{
    if (!impl_->graph) {
        return std::nullopt;
    }
    Frame out;
    const int got = av_buffersink_get_frame(impl_->sink, out.get());
    if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) {
        return std::nullopt;
    }
    check(got, "filter '" + impl_->description + "'");
    return out;
}

} // namespace longtake::av
