#pragma once

#include "pipeline/sandbox/apis/access.h"
#include "pipeline/sandbox/apis/fake_api.h"
#include "pipeline/sandbox/apis/kling_v1_requests.h"

namespace longtake::sandbox {

/// Kling's legacy API, `<prefix>/v1/videos/...`: the official service's own, DMXAPI's, and that of gateways that pass
/// it through.
class KlingV1Api : public FakeApi {
public:
    struct Traits {
        std::string name;    ///< of the account
        std::string prefix;  ///< before `/v1/videos`
        bool tokens = false; ///< takes signed tokens beside API keys
        ExtendBy extend_by = ExtendBy::video;
        std::vector<std::string> kinds;
    };
    KlingV1Api(ServiceState& service, Traits traits);

    Reply answer(Call call) override;

protected:
    /// What is not under `/v1/videos`. Throws Refusal(1202) unless overridden.
    virtual Reply elsewhere(const Call& call);

    Reply refused(const Refusal& refusal) const;
    Account account(const Call& call) const { return {traits_.name, call.account}; }

    ServiceState& service_;
    const Traits traits_;

private:
    Reply route(const Call& call);
    Reply create(const std::string& kind, const Call& call);
    Reply list(const std::string& kind, const Call& call);
    Reply one(const std::string& kind, const std::string& id, const Call& call);
};

/// `{"code":0,"message":"SUCCEED","request_id":...,"data":...}`
nlohmann::json official_envelope(nlohmann::json data);

/// The error envelope of a business code, with its HTTP status.
Reply official_refusal(const Refusal& refusal);

/// A task as `GET <create path>/{id}` shows it.
nlohmann::json official_task(const TaskView& view);

/// A whole number in a query, `fallback` if it is not there. Throws Refusal(1201) outside low..high.
std::int64_t query_number(const Call& call, const std::string& name, std::int64_t low, std::int64_t high,
                          std::optional<std::int64_t> fallback);

} // namespace longtake::sandbox
