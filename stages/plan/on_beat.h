#pragma once

#include "pipeline/model/plan.h"

namespace longtake::stages {

/// Moves cuts, the middles of transitions and the entrances of overlays to the nearest beats of the film's music, if
/// `board`, which it was made from, asks for it, and notes how many are there. For a plan whose frames and transitions
/// are laid out, and whose takes are not chosen yet: what is rendered here is made as long as it has become.
///
/// A cut moves by 0.35 s at the most, and as many as can be do; no shot changes by more than that or a quarter of
/// itself, and the film keeps its length. A shot as long as its voice keeps that: its voice would be cut off, or a
/// pause come after it that nobody asked for. So do shots that lead up to something at their end (lip_sync, a paid
/// take with an end image). What is paid for is only made shorter, by trimming what its author's seconds buy: music is
/// no reason to buy other takes. Texts that set their shot's length are not given less time, and no clip goes on after
/// its `out`.
void put_on_beat(Plan& plan, const Storyboard& board, const Inputs& facts);

/// Whether a note of a plan says what came to lie on the beat: there is nothing to mend.
bool tells_of_beat(const std::string& note);

} // namespace longtake::stages
