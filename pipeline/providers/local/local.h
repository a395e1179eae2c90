#pragma once

#include "pipeline/providers/provider.h"

namespace longtake::local {

/// The provider that needs no account: renders each take from the shot's picture as a camera move or a morph.
/// Like a service it takes a job and hands out an MP4; the rendering happens when the footage is fetched. A job's
/// id is the job itself as JSON, so that a restarted program can fetch it from the ledger's record alone.
class LocalProvider final : public Provider {
public:
    std::string name() const override { return "local"; }
    nlohmann::json shape(const TakeRequest& request) const override;
    Submission submit(const TakeRequest& request, std::stop_token stop) override;
    JobState poll(const Job& job, std::stop_token stop) override;
    void download(const Ready& footage, const std::filesystem::path& file, const Progress& progress,
                  std::stop_token stop) override;
};

} // namespace longtake::local
