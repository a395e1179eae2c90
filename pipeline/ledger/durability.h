#pragma once

namespace longtake {

/// How long what is written into a ledger has to last.
enum class Durability {
    lasting, ///< what was committed survives power loss
    /// Gone with the program, so that nobody will ever ask whether a file is still the same, nor is anything
    /// synced. Never where money is spent.
    ephemeral,
    /// Only looked at: nothing is written, not even beside it. Where the file is an older format's, or its folder
    /// cannot be written, a copy is looked at.
    read_only,
};

} // namespace longtake
