// What comparing with the host's processor has taught: one case for each difference that was found.
#include <catch2/catch.hpp>
#include <initializer_list>

#include "core/base/bits.hpp"
#include "tools/fuzz/guest_cpu.hpp"

using namespace retrace;
using namespace retrace::fuzz;

namespace {

constexpr unsigned eax = 0, ecx = 1, ebx = 3, esp = 4, ebp = 5;
constexpr unsigned ss = 2, ds = 3;

// One instruction at level 3. Segments begin at 0 of the data area and end at FFFF.
struct Bench {
    Bench(bool code32, std::initializer_list<int> bytes) {
        one.code32 = code32;
        for (const int byte : bytes) one.code.bytes[one.code.length++] = static_cast<u8>(byte);
        Decoder{CpuModel::Max}.decode(one.code.bytes, code32, one.code.instruction);
        one.state.eip = 0x800;
        one.state.eflags = 0x202;
        for (oracle::Segment& segment : one.state.segment) segment = {0, 0xffff, 1, code32, 0, 0};
        one.state.fx[0] = 0x7f;
        one.state.fx[1] = 0x03;
        gpr[esp] = 0x4000;
    }

    void put(u32 address, std::vector<u8> bytes) { one.patches.push_back({address, std::move(bytes)}); }
    Result run() {
        static GuestCpu guest{CpuModel::Max};
        return guest.run(one);
    }
    // What lies at an address afterwards; to be asked for before run().
    void watch(u32 address, u32 bytes) { one.watched.push_back({address, bytes}); }

    Case one;
    u32* const gpr = one.state.gpr;
};

}  // namespace

TEST_CASE("REP with a count of 0 still asks whether the port may be used") {
    Bench bench{true, {0xf3, 0x6e}};  // rep outsb
    bench.gpr[ecx] = 0;
    const Result result = bench.run();
    CHECK(result.fault);
    CHECK(result.vector == vector::GP);
}

TEST_CASE("ENTER puts all of ESP into EBP where the stack is 16 bits wide") {
    Bench bench{true, {0xc8, 0x10, 0x00, 0x00}};  // enter 10h,0
    bench.one.state.segment[ss].big = 0;
    bench.gpr[esp] = 0xabcd4000;
    bench.gpr[ebp] = 0x11112222;
    CHECK(bench.run().state.gpr[ebp] == 0xabcd3ffc);
}

TEST_CASE("the frame pointer that ENTER makes borrows from the upper half where SP wraps") {
    Bench bench{true, {0xc8, 0x00, 0x00, 0x00}};
    bench.one.state.segment[ss].big = 0;
    bench.gpr[esp] = 0xffff0000;
    const Result result = bench.run();
    CHECK(result.state.gpr[ebp] == 0xfffefffc);
    CHECK(result.state.gpr[esp] == 0xfffffffc);
}

TEST_CASE("ENTER reads outer frame pointers from what it has just pushed") {
    Bench bench{true, {0xc8, 0x00, 0x00, 0x03}};  // enter 0,3
    bench.gpr[ebp] = 0x4004;                      // reads 4000, then 3FFC, which holds EBP
    bench.put(0x4000, {0x78, 0x56, 0x34, 0x12});
    bench.watch(0x3ff0, 16);
    const Result result = bench.run();
    REQUIRE_FALSE(result.fault);
    CHECK(load<u32>(&result.watched[12]) == 0x4004);
    CHECK(load<u32>(&result.watched[8]) == 0x12345678);
    CHECK(load<u32>(&result.watched[4]) == 0x4004);
    CHECK(load<u32>(&result.watched[0]) == 0x3ffc);
}

TEST_CASE("ENTER wants room for a push where it leaves the stack pointer") {
    Bench bench{false, {0xc8, 0x00, 0x01, 0x00}};  // enter 100h,0
    bench.gpr[esp] = 0x102;
    CHECK_FALSE(bench.run().fault);
    bench.gpr[esp] = 0x101;  // SP would be FFFF
    CHECK(bench.run().vector == vector::SS);
}

TEST_CASE("ARPL that changes nothing writes nothing") {
    Bench bench{true, {0x63, 0x03}};  // arpl [ebx],ax
    bench.one.state.segment[ds].readonly = 1;
    bench.gpr[ebx] = 0x2000;
    bench.gpr[eax] = 1;
    bench.put(0x2000, {0x02, 0x00});
    CHECK_FALSE(bench.run().fault);
    bench.gpr[eax] = 3;
    CHECK(bench.run().vector == vector::GP);
}

TEST_CASE("PUSH and POP of a segment register access two bytes and move the stack by the operand size") {
    Bench push{true, {0x1e}};
    push.put(0x3ffc, {0xaa, 0xaa, 0xaa, 0xaa});
    push.watch(0x3ffc, 4);
    const Result pushed = push.run();
    CHECK(pushed.state.gpr[esp] == 0x3ffc);
    CHECK(load<u32>(pushed.watched.data()) == (0xaaaa0000u | oracle::ldt_selector(ds)));

    Bench pop{true, {0x07}};
    pop.one.state.segment[ss].limit = 0x4001;
    pop.put(0x4000, {static_cast<u8>(oracle::ldt_selector(ds)), 0});
    const Result popped = pop.run();
    CHECK_FALSE(popped.fault);
    CHECK(popped.state.gpr[esp] == 0x4004);
}

TEST_CASE("POPA reads the place of SP too") {
    Bench bench{false, {0x61}};
    bench.gpr[esp] = 0xfff9;  // SP's word would lie at FFFF
    CHECK(bench.run().vector == vector::SS);
    bench.gpr[esp] = 0xfff8;
    CHECK_FALSE(bench.run().fault);
}

TEST_CASE("a call looks at the stack before its target") {
    Bench bench{true, {0xff, 0xd0}};  // call eax
    bench.gpr[eax] = 0x10000;
    CHECK(bench.run().vector == vector::GP);
    bench.gpr[esp] = 2;
    bench.one.state.segment[ss].limit = 0x7fff;
    CHECK(bench.run().vector == vector::SS);
}

TEST_CASE("CLFLUSH faults as a load does") {
    Bench bench{true, {0x0f, 0xae, 0x3b}};  // clflush [ebx]
    bench.gpr[ebx] = 0xffff;
    CHECK_FALSE(bench.run().fault);
    bench.gpr[ebx] = 0x10000;
    CHECK(bench.run().vector == vector::GP);
}

TEST_CASE("an x87 store that an exception stops does not touch memory") {
    Bench bench{true, {0xdb, 0x13}};  // fist dword [ebx]
    u8* const fx = bench.one.state.fx;
    fx[4] = 1;                        // ST(0) is in use: a quiet NaN
    store<u64>(fx + 32, 0xc000000000000000);
    store<u16>(fx + 40, 0x7fff);
    bench.gpr[ebx] = 0x10000;         // beyond the limit
    CHECK(bench.run().vector == vector::GP);
    fx[0] = 0x7e;                     // invalid operations are not masked
    const Result result = bench.run();
    CHECK_FALSE(result.fault);
    CHECK((load<u16>(result.state.fx + 2) & 0x81) == 0x81);
}

TEST_CASE("an operand of 16 bytes that passes the limit is a fault of the segment, even where its beginning is in an absent page") {
    Bench bench{true, {0x0f, 0x10, 0x03}};  // movups xmm0,[ebx]
    bench.one.state.segment[ds].base = oracle::data_size - 0x10000;
    bench.one.state.segment[ds].limit = 0x10007;
    bench.gpr[ebx] = 0x10000;
    CHECK(bench.run().vector == vector::GP);
    bench.gpr[ebx] = 0xfff8;
    const Result result = bench.run();
    CHECK(result.vector == vector::PF);
    CHECK(result.cr2 == oracle::data_size);
}

TEST_CASE("environments of the x87 are aligned as their elements are") {
    for (const bool wide : {true, false}) {
        Bench bench{wide, {0xd9, wide ? 0x33 : 0x37}};  // fnstenv [ebx], [bx]
        bench.one.state.eflags |= flag::AC;
        bench.gpr[ebx] = 0x2004;
        CHECK_FALSE(bench.run().fault);
        bench.gpr[ebx] = 0x2002;
        CHECK(bench.run().fault == wide);
        bench.gpr[ebx] = 0x2001;
        CHECK(bench.run().vector == vector::AC);
    }
}

TEST_CASE("FXSAVE's page faults are those of a write") {
    Bench bench{true, {0x0f, 0xae, 0x03}};  // fxsave [ebx]
    bench.one.state.segment[ds].base = oracle::data_size - 0x1000;
    bench.gpr[ebx] = 0x1000;
    const Result result = bench.run();
    CHECK(result.vector == vector::PF);
    CHECK(result.error == 6);
}
