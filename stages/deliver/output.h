#pragma once

#include "pipeline/render/rendition.h"
#include "stages/deliver/check.h"
#include "stages/deliver/deliver.h"
#include "stages/deliver/encoder_frames.h"
#include "stages/deliver/levels.h"
#include "stages/deliver/segment_maker.h"
#include "stages/deliver/segment_plan.h"
#include "stages/deliver/splicer.h"

#include <exception>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace longtake::stages {

/// A deliverable in the making: a file, or a stream of several.
class Product {
public:
    virtual ~Product() = default;

    /// Orders the segments it needs.
    virtual void order() = 0;

    virtual void begin() = 0;

    /// Waits for the end. Throws what making it threw.
    virtual Deliverable finish() = 0;
};

/// A deliverable whose files are complete and checked, and have no names yet.
struct Unnamed {
    Deliverable deliverable;
    std::vector<PartFile> parts; ///< one for each of its files
};

/// Gives them their names, in the order of `parts`.
Deliverable name_files(Unnamed unnamed, const OutputSpec& spec, const DeliverSettings& settings);

/// One file in the making, on a thread of its own. All it is given must outlive it.
class Output : public Product {
public:
    /// Who gives the finished file its name: it itself at once, or whoever asks for it.
    enum class Naming { itself, owner };

    /// `mix`: the film's sound; null: none, or heard as it is.
    Output(const OutputSpec& spec, const Timeline& timeline, const render::Soundtrack* mix,
           const DeliverSettings& settings, SegmentMaker& maker, Naming naming = Naming::itself);
    ~Output() override;
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;

    void order() override;
    void begin() override;
    Deliverable finish() override;

    /// Waits for the end; once. With Naming::owner.
    Unnamed finish_unnamed();

    const render::Rendition& rendition() const noexcept { return rendition_; }

private:
    /// What it is put together from.
    struct Assembly {
        SplicePlan plan;
        std::vector<Piece> pieces;    ///< into `plan`
        std::vector<SegmentJob> jobs; ///< of the pieces; no key: copied from a clip
        std::shared_ptr<SegmentOrder> order;

        std::vector<std::string> keys() const;
    };

    void join();
    /// A file that was encoded in one go.
    struct Encoded {
        LevelledSound sound;
        std::int64_t pictures = 0; ///< bytes
    };

    void run();
    void make();
    bool made_whole() const;
    void prepare_light();
    av::MediaSpec media_spec() const;
    void assemble(const ClipIndexes& indexes);
    std::shared_ptr<SegmentOrder> ordered(const std::vector<SegmentJob>& jobs, std::int64_t done);
    SplicedFilm film();
    bool grows() const { return media_.container == "cmaf"; }
    SplicedFilm grown(const std::filesystem::path& part);
    StoredSegment made_alone(const SegmentJob& job);
    bool lowered(const SplicedFilm& film);
    std::optional<std::size_t> tightened(const SplicedFilm& film);
    void begin_with(std::size_t piece, double start);
    Deliverable encode_whole(const std::filesystem::path& part);
    Encoded encode(const std::filesystem::path& part, const av::MediaSpec& media, double from = 0, double to = 1);
    LevelledSound encode_to_size(const std::filesystem::path& part);
    Deliverable splice_film(const std::filesystem::path& part);
    Deliverable splice_pieces(const std::filesystem::path& part);
    Deliverable checked(const std::filesystem::path& part, const LevelledSound& sound, bool proven) const;
    Expectation expectation() const;
    LevelledSound sound() const;
    bool stopped() const { return settings_.stop.stop_requested(); }

    const OutputSpec& spec_;
    const Naming naming_;
    const render::Rendition rendition_;
    const EncoderFrames frames_;
    const render::Soundtrack* mix_;
    const DeliverSettings& settings_;
    SegmentMaker& maker_;
    av::MediaSpec media_;
    std::optional<Assembly> assembly_; ///< empty: it is encoded in one go
    std::exception_ptr failure_;
    std::optional<Unnamed> made_;
    std::optional<Deliverable> deliverable_; ///< with Naming::itself
    std::thread thread_;
};

} // namespace longtake::stages
