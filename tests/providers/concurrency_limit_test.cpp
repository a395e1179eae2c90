#include "pipeline/providers/concurrency_limit.h"

#include "tests/providers/told_service.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace longtake {
namespace {

using test::GeneratorTest;
using ::testing::HasSubstr;

TEST_F(GeneratorTest, AFullAccountTeachesHowManyFitAtOnce)
{
    settings_.concurrency = 3;
    service_.submissions = {Declined{Declined::Then::wait_for_slot, Errc::provider, "1303 parallel task over limit"}};
    shoot(request());
    EXPECT_THAT(notes_, HasSubstr("waiting for a free place (1 at once from now on)"));
    EXPECT_EQ(submits(), 2U);
}

TEST_F(GeneratorTest, NeverMoreAtOnceThanTheLimit)
{
    settings_.concurrency = 2;
    Budget budget(budget_, *ledger_);
    Generator generator(service_, *ledger_, hashes_, budget, settings_);
    std::atomic<int> most{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 6; ++i) {
        threads.emplace_back([&, i] {
            generator.shoot(request(std::to_string(i)), {}, {});
            int running = 0;
            for (const TakeRecord& take : ledger_->takes()) {
                running += take.state == TakeState::submitted ? 1 : 0;
            }
            most = std::max(most.load(), running);
        });
    }
    threads.clear();
    EXPECT_LE(most, 2);
    EXPECT_EQ(submits(), 6U);
}

} // namespace
} // namespace longtake
