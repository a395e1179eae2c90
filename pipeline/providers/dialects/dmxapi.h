#pragma once

#include "pipeline/providers/dialects/remote.h"
#include "pipeline/providers/dialects/responses.h"

namespace longtake::remote {

/// DMXAPI: Kling's legacy calls under a prefix, and `/v1/responses` for the catalog's routes that name a query. What it
/// charges is its own, so charges in the reply are not taken for ours.
class DmxapiProvider final : public RemoteProvider {
public:
    explicit DmxapiProvider(const ProviderSettings& settings);

    Submission submit(const TakeRequest& request, std::stop_token stop) override;
    /// `/v1/responses` takes no id of ours, and so cannot be asked about one.
    Lookup lookup(const TakeRequest& request) const override;
    Search search(const TakeRequest& request, std::stop_token stop) override;
    Job adopt(const TakeRequest& request, const std::string& task) const override;
    JobState poll(const Job& job, std::stop_token stop) override;

protected:
    std::string credential() const override { return key_; }
    std::string authorization() override { return "Bearer " + key_; }
    std::string authorization_for(const std::string& path) override;
    std::string probe_path() const override { return "/kling/v1/videos/text2video/0"; }
    bool sends_cfg(const TakeRequest& request) const override;

private:
    /// The way through `/v1/responses`; null: this take goes through a legacy call.
    const Route* responses_route(const TakeRequest& request) const;

    /// Asks, which owes nothing however often it is sent.
    Answer ask(const responses::Question& question, const std::stop_token& stop);

    std::string key_;
};

} // namespace longtake::remote
