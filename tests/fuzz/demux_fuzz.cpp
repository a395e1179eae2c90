// libFuzzer over what is read, and copied, of a clip without decoding it: the first byte chooses, the others are the
// file.
#include "pipeline/av/clip/clip_facts.h"
#include "pipeline/av/probe.h"
#include "pipeline/av/splice/clip_index.h"
#include "pipeline/av/splice/splice_proof.h"
#include "pipeline/av/splice/splice_writer.h"
#include "pipeline/av/version.h"
#include "tests/fuzz/memory_file.h"

#include <nlohmann/json.hpp>

#include <array>
#include <string>

namespace longtake::fuzz {
namespace {

constexpr std::size_t k_choices = 1; // bytes

/// A run copied twice, the second time under other ids, and held against the clip, which may be too damaged for that.
void spliced(const std::string& file, const av::ClipIndex& index, const av::PacketRun& run)
{
    const MemoryFile film(nullptr, 0);
    av::SpliceSpec spec;
    spec.media.size = index.size;
    spec.media.rate = index.rate;
    spec.media.video.codec = "h264";
    spec.sources = {{file}, {file}};
    spec.reorder = index.reorder;
    av::SpliceWriter writer(film.path(), spec);
    writer.copy(file, 0, run);
    writer.copy(file, 1, run);
    writer.finish();
    try {
        const av::VerifiedPart part{file, run};
        av::verify_splice(film.path(), index.rate, std::array{part, part}, av::VerifyDepth::joins);
    } catch (const Error& error) {
        if (error.code() != Errc::unverified) {
            throw;
        }
    }
}

/// What is copied of a clip by its index, as that is kept.
void copied(const std::string& file)
{
    const auto index = nlohmann::json(av::index_clip(file)).get<av::ClipIndex>();
    index.longest_gop();
    const auto run = index.run_within(0, index.frames);
    if (run && index.copy_blocker.empty()) {
        spliced(file, index, *run);
    }
}

} // namespace
} // namespace longtake::fuzz

// NOLINTBEGIN: libFuzzer's names
extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/)
{
    longtake::av::quiet_log();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t length)
{
    using namespace longtake;
    using namespace longtake::fuzz;
    if (length <= k_choices) {
        return 0;
    }
    const MemoryFile file(data + k_choices, length - k_choices);
    const av::Damage damage = (data[0] & 1U) != 0 ? av::Damage::passed_over : av::Damage::refused;
    answered([&] { av::clip_facts(file.path(), damage); });
    answered([&] { copied(file.path()); });
    answered(
        [&] { nlohmann::json((data[0] & 2U) != 0 ? av::probe_take(file.path()) : av::probe(file.path())).dump(); });
    return 0;
}
// NOLINTEND
