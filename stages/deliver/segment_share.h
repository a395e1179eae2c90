#pragma once

#include "stages/deliver/segment_store.h"

#include <optional>
#include <string>
#include <vector>

namespace longtake::stages {

/// Others who make segments of the same film, each with a store of its own. Calls may wait for a network; safe from
/// several threads.
class SegmentShare {
public:
    SegmentShare() = default;
    SegmentShare(const SegmentShare&) = delete;
    SegmentShare& operator=(const SegmentShare&) = delete;
    virtual ~SegmentShare() = default;

    /// Whether this is a helper of whoever puts the film together: it makes what is offered, and waits for nothing.
    virtual bool helps() const noexcept = 0;

    /// Whether to offer now what is not begun. Asked often, it answers at once most times.
    virtual bool wants_help() = 0;

    /// Lets others make these segments, if they are faster.
    virtual void offer(const std::vector<std::string>& keys) = 0;

    /// Whether this one makes a segment, from now on alone; else another does, or has.
    virtual bool claim(const std::string& key) = 0;

    /// A claimed segment is made, and kept in this one's store.
    virtual void made(const std::string& key, const StoredSegment& segment) = 0;

    /// Brings a segment that another has made into this one's store; empty: it is not made (any more).
    virtual std::optional<StoredSegment> fetch(const std::string& key, SegmentStore& store) = 0;
};

} // namespace longtake::stages
