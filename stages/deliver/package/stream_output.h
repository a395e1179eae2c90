#pragma once

#include "stages/deliver/output.h"
#include "stages/deliver/package/contents.h"

#include <filesystem>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace longtake::stages {

/// A stream in the making: a folder with a silent track for every size of its ladder, each an Output of its own, one
/// track of sound, captions, small pictures, chapters, and the manifests that name them. All sizes are cut at the same
/// frames, so that players change between them at every segment. All it is given must outlive it.
class StreamOutput : public Product {
public:
    /// As Output. `spec.file`: the manifest that players open first, in the stream's folder.
    StreamOutput(const OutputSpec& spec, const Timeline& timeline, const render::Soundtrack* mix,
                 const DeliverSettings& settings, SegmentMaker& maker);

    void order() override;
    void begin() override;

    /// Throws Error(unverified) where its tracks are not cut alike.
    Deliverable finish() override;

private:
    Deliverable made();
    void add_pictures(Unnamed& stream);
    void add_sound(Unnamed& stream);
    void add_captions(Unnamed& stream);
    void add_thumbnails(Unnamed& stream);
    void add_chapters(Unnamed& stream);
    void add_manifests(Unnamed& stream);
    void add_text(Unnamed& stream, const std::string& name, std::string_view bytes) const;
    void report(const std::string& rung, std::int64_t done);
    StreamTrack track_of(const std::string& name, const std::filesystem::path& part, double target) const;
    std::filesystem::path folder() const { return spec_.file.parent_path(); }

    const OutputSpec& spec_;
    const Timeline& timeline_;
    const render::Soundtrack* mix_;
    const DeliverSettings& settings_;
    DeliverSettings of_rungs_;    ///< the same, but for what is told
    std::list<OutputSpec> specs_; ///< of the rungs, from the largest
    std::list<Output> rungs_;     ///< of `specs_`
    std::mutex mutex_;
    std::map<std::string, std::int64_t> done_; ///< frames, by rung
    StreamContents contents_;
};

} // namespace longtake::stages
