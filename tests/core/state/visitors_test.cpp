#include "core/state/visitors.hpp"

#include <catch2/catch.hpp>

#include "core/base/ensure.hpp"

using namespace retrace;

namespace {

enum class Mode : u8 { Idle, Busy };
struct Inner {
    u16 count = 3;
    Mode mode = Mode::Idle;
};
struct Outer {
    bool on = true;
    std::array<u8, 4> bytes{};
    std::array<Inner, 2> inner{};
    std::vector<u8> large = std::vector<u8>(10000);
    std::optional<u32> maybe;
    std::map<u32, u16> table;
    std::deque<u16> queue;
    std::string text;
};

}  // namespace

template <> inline constexpr auto retrace::fields<Inner> = describe(field("count", &Inner::count), field("mode", &Inner::mode));
template <> inline constexpr auto retrace::fields<Outer> = describe(
    field("on", &Outer::on), field("bytes", &Outer::bytes), field("inner", &Outer::inner), field("large", &Outer::large),
    field("maybe", &Outer::maybe), field("table", &Outer::table), field("queue", &Outer::queue), field("text", &Outer::text));

namespace {

struct Part {
    Outer state;
    void visit(StateVisitor& v) { visit_fields(v, state); }
};

Part lively() {
    Part part;
    part.state.inner[1] = {0xbeef, Mode::Busy};
    part.state.large[9999] = 7;
    part.state.maybe = 5;
    part.state.table = {{1, 2}, {9, 8}};
    part.state.queue = {4, 5, 6};
    part.state.text = "abc";
    return part;
}

}  // namespace

TEST_CASE("state that was saved and loaded has the same digest and no difference") {
    Part one = lively(), two;
    CHECK(digest(one) != digest(two));
    load_state(two, save(one));
    CHECK(digest(one) == digest(two));
    CHECK(difference(inspect(one), inspect(two)).empty());
    CHECK(two.state.inner[1].mode == Mode::Busy);
    CHECK(two.state.queue.back() == 6);
}

TEST_CASE("a difference names the path and both values") {
    Part one = lively(), two = lively();
    two.state.inner[1].count = 0xbeee;
    CHECK(difference(inspect(one), inspect(two)) == "inner.1.count: beefh / beeeh\n");
}

TEST_CASE("damaged saved state is refused with a sentence") {
    Part one = lively(), two;
    auto saved = save(one);
    saved.pop_back();
    CHECK_THROWS_AS(load_state(two, saved), HostError);
    saved.resize(saved.size() + 2);
    CHECK_THROWS_AS(load_state(two, saved), HostError);
}
