#pragma once

#include "pipeline/sandbox/studio.h"

#include <memory>

namespace longtake::sandbox {

/// One service's dialect: its paths, words and errors.
class Surface {
public:
    virtual ~Surface() = default;

    /// `call.path` is what follows the surface's base address.
    virtual Reply answer(Call call) = 0;
};

std::unique_ptr<Surface> make_kling(Studio& studio);
std::unique_ptr<Surface> make_dmxapi(Studio& studio);
std::unique_ptr<Surface> make_newapi(Studio& studio);
/// `name`: of the account, and of the provider whose routes it serves; another service may relay it.
std::unique_ptr<Surface> make_wavespeed(Studio& studio, const std::string& name = "wavespeed");
std::unique_ptr<Surface> make_302ai(Studio& studio);

} // namespace longtake::sandbox
