#include "pipeline/flow/left_behind.h"

#include "pipeline/base/parallel.h"

#include <fmt/format.h>

#include <map>

namespace longtake {

LeftBehind::LeftBehind(Ledger& ledger, Generator& generator, const Foresight& foresight, std::string resume_command,
                       const Observer& observer)
    : generator_(generator), resume_command_(std::move(resume_command)), observer_(observer)
{
    for (const TakeRecord& record : ledger.takes()) {
        const bool ours = generator_.serves(record) || (record.provider != generator_.service() && !record.rehearsal);
        if (record.away() && ours && record.provider != "local" && !foresight.has(record.fingerprint)) {
            takes_.push_back(record);
        }
    }
}

void LeftBehind::warn(const TakeRecord& record, const std::string& text) const
{
    observer_.tell({Event::Kind::warning, "generate", record.name(), 0, 0,
                    fmt::format("a take of an earlier storyboard, from {}: {}", record.provider, text)});
}

void LeftBehind::name() const
{
    for (const TakeRecord& record : takes_) {
        if (record.state != TakeState::submitted) {
            warn(record,
                 fmt::format("{}{}it may have been made, and billed. Look for it in the service's own task list; if "
                             "it is there, `{} --adopt {}=TASK` fetches it",
                             record.message, record.message.empty() ? "" : "; ", resume_command_, record.name()));
        }
    }
}

void LeftBehind::fetch(Generator& generator, const TakeRecord& record) const
{
    const Progress progress = [&](std::int64_t done, std::int64_t total) {
        observer_.tell({Event::Kind::progress, "generate", record.name() + " (earlier)", done, total, ""});
    };
    try {
        generator.fetch(record.fingerprint, progress, observer_.stop);
        observer_.tell({Event::Kind::finished, "generate", record.name() + " (earlier)", 0, 0, ""});
    } catch (const std::exception& error) {
        if (!observer_.stopped()) {
            warn(record, error.what());
        }
    }
}

void LeftBehind::fetch(const Decisions& decisions, const OtherGenerator& other) const
{
    std::map<std::string, std::unique_ptr<Generator>> generators;
    std::vector<std::pair<Generator*, const TakeRecord*>> wanted;
    for (const TakeRecord& record : takes_) {
        const bool adopted = decisions.adopt.contains(record.fingerprint);
        if (record.state != TakeState::submitted && !adopted) {
            continue;
        }
        try {
            if (record.provider == generator_.service()) {
                wanted.emplace_back(&generator_, &record);
                continue;
            }
            auto& generator = generators[record.provider];
            if (!generator) {
                generator = other(record.provider);
            }
            wanted.emplace_back(generator.get(), &record);
        } catch (const std::exception& error) {
            warn(record, error.what());
        }
    }
    parallel_for(static_cast<int>(wanted.size()), wanted.size(),
                 [&](std::size_t i) { fetch(*wanted[i].first, *wanted[i].second); });
}

} // namespace longtake
