#pragma once

#include "pipeline/providers/provider.h"

#include <functional>
#include <string>

namespace longtake::remote {

/// Which of a service's calls makes a take.
enum class Endpoint { text, image, images, reference, edit, extend, lip_sync, effect };

Endpoint endpoint_of(const TakeRequest& request);

/// "an extension", for messages.
std::string words_for(Endpoint call);

/// Whether the take arrives at its shot's end image.
bool arrives(const TakeRequest& request);

/// Motion-brush masks belong to the shot's own picture, and so to its opening take alone.
bool has_masks(const TakeRequest& request);

/// The asked-for length in whole seconds.
int whole_seconds(const TakeRequest& request);

/// The author's aspect ratio, or of 16:9, 9:16 and 1:1 the one nearest to the plan's size.
std::string aspect_ratio_of(const TakeRequest& request);

/// The prompt with the service's own names for the request's references: `name_of` is given the kind and the place
/// among those of its kind, from 1. "@mug" that names no reference stays as it is.
std::string named_prompt(const TakeRequest& request, const std::function<std::string(Reference::Kind, int)>& name_of);

/// "image/jpeg" or "image/png".
std::string content_type_of(const Still& still);

/// Throws Error(usage) "shot 'cup': <why>" unless `fine`.
void require(bool fine, const TakeRequest& request, const std::string& why);

/// Everything that shapes the footage of a remote take: words and numbers as asked for, files by their content's hash.
/// Members nobody asked for are left out, so that a new one leaves the takes of before as they are.
nlohmann::json shape_of_take(const TakeRequest& request, bool sends_cfg);

} // namespace longtake::remote
