#include "core/time/scheduler.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "core/base/ensure.hpp"
#include "core/state/visitors.hpp"

using namespace retrace;

namespace {

struct Bench {
    Scheduler scheduler{StepRate{1000}};
    std::string log;
    Timer a{scheduler, "a", [this] { log += "a" + std::to_string(scheduler.now().step) + " "; }};
    Timer b{scheduler, "b", [this] { log += "b" + std::to_string(scheduler.now().step) + " "; }};
};

}  // namespace

TEST_CASE_METHOD(Bench, "events run at their moment, in the order of moment and setting") {
    b.set_at({5});
    a.set_at({5});
    scheduler.run(4);
    CHECK(log.empty());
    scheduler.run(1);
    CHECK(log == "b5 a5 ");
    CHECK(scheduler.next() == Moment::never());
}

TEST_CASE_METHOD(Bench, "an event set at now by a callback runs before the next step") {
    Timer chain{scheduler, "chain", [this] { a.set_in(0); }};
    chain.set_at({3});
    b.set_at({4});
    scheduler.run(10);
    CHECK(log == "a3 b4 ");
    CHECK(scheduler.now() == Moment{10});
}

TEST_CASE_METHOD(Bench, "a saved scheduler goes on the same in a twin") {
    a.set_at({7});
    b.set_at({7});
    scheduler.run(3);
    Bench twin;
    load_state(twin.scheduler, save(scheduler));
    CHECK(twin.scheduler.now() == Moment{3});
    twin.scheduler.run(10);
    scheduler.run(10);
    CHECK(twin.log == log);
    CHECK(log == "a7 b7 ");
    CHECK(digest(twin.scheduler) == digest(scheduler));
}

TEST_CASE_METHOD(Bench, "two timers of one name are a mistake") {
    CHECK_THROWS_AS(Timer(scheduler, "a", [] {}), InternalError);
}

TEST_CASE("a frequency converts exactly both ways, for ever") {
    const StepRate rate{100'000'000};
    const Frequency pit{rate, 105'000'000, 88};  // 1.19318181... MHz
    for (const u64 ticks : {u64{1}, u64{2}, u64{65536}, u64{1'193'182}, u64{1} << 45}) {
        const Moment moment = pit.moment_of(ticks);
        CHECK(pit.ticks_at(moment) == ticks);
        CHECK(pit.ticks_at({moment.step - 1}) == ticks - 1);
    }
    const Frequency fast{StepRate{1000}, 3000};  // three ticks a step
    CHECK(fast.moment_of(4) == Moment{2});
    CHECK(fast.ticks_at({2}) == 6);
}
