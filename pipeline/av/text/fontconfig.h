#pragma once

#include "pipeline/av/text/typesetter.h"

#include <fontconfig/fontconfig.h>

#include <memory>
#include <string>

namespace longtake::av {

using Pattern = std::unique_ptr<FcPattern, Released<FcPatternDestroy>>;
using Letters = std::unique_ptr<FcCharSet, Released<FcCharSetDestroy>>;
using FontSet = std::unique_ptr<FcFontSet, Released<FcFontSetDestroy>>;

/// A text as fontconfig takes it.
inline const FcChar8* fc(const std::string& text)
{
    return reinterpret_cast<const FcChar8*>(text.c_str());
}

} // namespace longtake::av
