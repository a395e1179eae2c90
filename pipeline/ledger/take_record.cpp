#include "pipeline/ledger/take_record.h"

#include "pipeline/base/error.h"

#include <fmt/format.h>

#include <array>

namespace longtake {

std::string word(TakeState state)
{
    switch (state) {
    case TakeState::intent: return "intent";
    case TakeState::waiting: return "waiting";
    case TakeState::submitted: return "submitted";
    case TakeState::done: return "done";
    case TakeState::refused: return "refused";
    case TakeState::ambiguous: return "ambiguous";
    }
    return "intent";
}

TakeState take_state(const std::string& text)
{
    constexpr std::array states = {TakeState::intent, TakeState::waiting, TakeState::submitted,
                                   TakeState::done,   TakeState::refused, TakeState::ambiguous};
    for (const TakeState state : states) {
        if (word(state) == text) {
            return state;
        }
    }
    throw Error(Errc::internal, "ledger: unknown take state '" + text + "'");
}

std::string TakeRecord::name() const
{
    return index == 0 ? shot : fmt::format("{}+{}", shot, index);
}

bool TakeRecord::owed() const
{
    return state == TakeState::refused && !job.empty() && charged != 0.0;
}

bool TakeRecord::away() const
{
    return state == TakeState::intent || state == TakeState::submitted || state == TakeState::ambiguous;
}

} // namespace longtake
