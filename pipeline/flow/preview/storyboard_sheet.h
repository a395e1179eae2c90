#pragma once

#include "pipeline/flow/account.h"
#include "pipeline/flow/options.h"
#include "pipeline/model/plan.h"

#include <string>

namespace longtake {

/// The storyboard as a sheet to send for approval: every shot with its picture, length, model, cost and prompt, and
/// what the film is and costs above them. One PNG as long as it takes, or a PDF of A4 pages, six shots on each.
enum class SheetForm { png, pdf };

/// The bytes of the file. `options.workdir` as make_animatic(). Throws as that does.
std::string storyboard_sheet(const Storyboard& board, const Plan& plan, const FilmOptions& options,
                             const Account& account, const Observer& observer, SheetForm form);

} // namespace longtake
