#include "stages/deliver/output.h"
#include "stages/deliver/rate_limit.h"

#include <algorithm>

// Of Output: how a track of a stream is made.
namespace longtake::stages {

/// A track is written while its segments are made, so that it can be looked at from its beginning.
SplicedFilm Output::grown(const std::filesystem::path& part)
{
    SplicedFilm film;
    std::optional<GrowingTrack> track;
    for (std::size_t piece = 0; piece < assembly_->pieces.size(); ++piece) {
        StoredSegment segment = maker_.wait(assembly_->order, assembly_->jobs[piece].key);
        film.parts.push_back(part_of(segment, media_.rate));
        while (lowered(film)) {
            segment = made_alone(assembly_->jobs[piece]);
            film.parts.back() = part_of(segment, media_.rate);
        }
        if (!track) {
            film.sources = {{segment.file, av::Origin::own}};
            track.emplace(part, media_, film.sources);
        }
        track->add(film.parts.back(), settings_.stop);
    }
    track->finish();
    return film;
}

StoredSegment Output::made_alone(const SegmentJob& job)
{
    const auto order = ordered({job}, rendition_.frames() - job.frames);
    maker_.start();
    return maker_.wait(order, job.key);
}

/// Whether the last part takes more than the rate limit's bucket holds where it begins, and is now asked to take less.
bool Output::lowered(const SplicedFilm& film)
{
    const std::optional<RateLimit> limit = rate_limit_of(media_.video);
    const std::size_t piece = film.parts.size() - 1;
    const auto over = limit ? first_overdraw(bytes_of(film), media_.rate, *limit) : std::nullopt;
    if (!over || over->part != piece || media_.video.encoder != "libx264") {
        return false;
    }
    const double tenths = std::max(k_least_start, over->fullness);
    if (tenths + 0.1 > start_of(assembly_->jobs[piece].media)) {
        return false;
    }
    begin_with(piece, tenths);
    return true;
}

} // namespace longtake::stages
