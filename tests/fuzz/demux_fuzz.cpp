// libFuzzer over what is read of a clip before it is decoded: the first byte chooses, the others are the file.
#include "pipeline/av/clip_facts.h"
#include "pipeline/av/clip_index.h"
#include "pipeline/av/packet_run_reader.h"
#include "pipeline/av/probe.h"
#include "pipeline/av/version.h"
#include "tests/fuzz/memory_file.h"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace longtake::fuzz {
namespace {

constexpr std::size_t k_choices = 1; // bytes

/// What is copied of a clip: the index, as it is kept, and the packets of its longest run.
void copied(const std::string& file)
{
    const auto index = nlohmann::json(av::index_clip(file)).get<av::ClipIndex>();
    index.longest_gop();
    const auto run = index.run_within(0, index.frames);
    if (!run || !index.obstacle.empty()) {
        return;
    }
    av::PacketRunReader reader(file, *run, index.rate);
    while (reader.next() != nullptr) {
        if (reader.shown() >= run->packets) {
            std::abort();
        }
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
