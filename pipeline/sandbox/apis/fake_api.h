#pragma once

#include "pipeline/sandbox/service_state.h"

#include <memory>

namespace longtake::sandbox {

/// One service's dialect: its paths, words and errors.
class FakeApi {
public:
    virtual ~FakeApi() = default;

    /// `call.path` is what follows the surface's base address.
    virtual Reply answer(Call call) = 0;
};

std::unique_ptr<FakeApi> make_kling(ServiceState& service);
std::unique_ptr<FakeApi> make_dmxapi(ServiceState& service);
std::unique_ptr<FakeApi> make_newapi(ServiceState& service);
/// `name`: of the account, and of the provider whose routes it serves; another service may relay it.
std::unique_ptr<FakeApi> make_wavespeed(ServiceState& service, const std::string& name = "wavespeed");
std::unique_ptr<FakeApi> make_302ai(ServiceState& service);

} // namespace longtake::sandbox
