#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace longtake::stages {

/// In which order segments are made, frame by frame, by however many workers. Segments that show the same time form a
/// window: they are worked at together, so that each frame is composed once and soon forgotten. Knows neither threads
/// nor encoders; used under its user's lock.
class SegmentSchedule {
public:
    struct Segment {
        double pixels = 0; ///< of a frame
        std::int64_t frames = 0;
        bool alone = false; ///< its encoder must not be at work in two windows at once
    };

    /// A segment's next frame.
    struct Turn {
        std::size_t window = 0;
        std::size_t segment = 0; ///< in its window
    };

    /// `memory`: bytes that the encoders of all windows at work may take. One window always may.
    explicit SegmentSchedule(double memory) : memory_(memory) {}

    /// A window's number. `in_turn`: it is begun before all that have none or a later one, whatever it costs: somebody
    /// waits for films from their beginning.
    std::size_t add(const std::vector<Segment>& segments, std::optional<std::int64_t> in_turn = {});

    /// What a free worker goes on with, and nobody else until it is released: in the windows at work, the first first,
    /// the segment that is furthest behind; else the next in turn, or the costliest window that waits, if there is
    /// memory for it. So the cheap ones come last, and workers end at about the same time. Empty: nothing for now.
    std::optional<Turn> claim();

    /// `over`: nothing more is to be done for the segment.
    void release(Turn turn, bool over);

    /// Whether all of a window is over.
    bool is_over(std::size_t window) const { return !windows_.contains(window); }

    /// Whether any window waits to be begun.
    bool waiting() const { return !waiting_.empty() || !in_turn_.empty(); }

    /// The windows that wait to be begun, the last to be begun first.
    std::vector<std::size_t> not_begun() const;

private:
    struct Progress {
        Segment segment;
        std::int64_t done = 0;
        bool busy = false;
        bool over = false;

        double share() const { return static_cast<double>(done) / static_cast<double>(segment.frames); }
    };
    using Window = std::vector<Progress>;

    std::optional<Turn> behind();
    bool begin_next();
    bool has_one_alone(std::size_t window) const;
    std::size_t next() const;
    void begin(std::size_t window);

    const double memory_;
    std::map<std::size_t, Window> windows_;            ///< that are not over
    std::vector<std::size_t> at_work_;                 ///< the first begun first
    std::multimap<double, std::size_t> waiting_;       ///< by what they cost
    std::multimap<std::int64_t, std::size_t> in_turn_; ///< by their turn
    std::size_t count_ = 0;
};

} // namespace longtake::stages
