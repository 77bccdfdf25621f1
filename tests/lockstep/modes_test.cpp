// A program that goes round all modes: real, 32-bit with and without paging, 16-bit protected, back to real. What was translated in one must
// not be taken for what it is in another.
#include <catch2/catch.hpp>

#include "tests/lockstep/compare.hpp"
#include "tests/lockstep/tunings.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using retrace::test::Setting;
using retrace::test::World;
using retrace::test::single_tunings;

namespace {

constexpr u32 gdt = World::tables_at, rounds_at = 0x2f000;

class Tour {
public:
    explicit Tour(u64 seed) : dice_{seed ^ 0x746f7572} {
        // A subroutine that all modes call: its bytes mean what the mode makes of them.
        const u32 shared = jump_over([&] {
            for (unsigned n = 0; n < 4; ++n) instruction();
            byte({0xc3});
        });
        const u32 start = size();
        byte({0xfa});                                        // cli
        real_segments();
        body(shared, 2);
        change_cr0(1, 0, 2);
        far_jump(0x18, 2, 4);                                // to flat 32-bit code
        wide_ = true;
        load_segments(0x10);
        byte({0xbc}), word(0x28000, 4);                      // mov esp
        body(shared, 4);
        if (dice_.one_in(2)) {
            change_cr0(0x80000000, 0, 4);
            body(shared, 4);
            if (dice_.one_in(2)) byte({0x0f, 0x20, 0xdb, 0x0f, 0x22, 0xdb});   // mov ebx, cr3 / mov cr3, ebx
            body(shared, 4);
            change_cr0(0, 0x80000000, 4);
        }
        if (dice_.one_in(2)) {                               // bit 20 goes, or comes
            byte({0x80, 0x35}), word(rounds_at + 8, 4), byte({2, 0xa0}), word(rounds_at + 8, 4), byte({0xe6, 0x92});   // xor byte [], 2 / mov al, [] / out 92h, al
            body(shared, 4);
        }
        far_jump(0x08, 4, 4);                                // to 16-bit code with the same base
        wide_ = false;
        load_segments(0x20);                                 // 64 KiB at 20000
        byte({0xbc}), word(0x8000, 2);
        body(shared, 2);
        byte({0x66, 0xff, 0x06}), word(rounds_at - 0x20000, 2);   // inc dword [rounds]
        change_cr0(0, 1, 2);
        far_jump(World::code_at / 16, 2, 2);
        byte({0xe9}), word(start - (size() + 2), 2);
    }
    std::vector<u8> code;

private:
    [[nodiscard]] u32 size() const { return static_cast<u32>(code.size()); }
    void byte(std::initializer_list<unsigned> bytes) {
        for (const unsigned b : bytes) code.push_back(static_cast<u8>(b));
    }
    void word(u32 value, unsigned width) {
        for (unsigned n = 0; n < width; ++n) byte({value >> (8 * n) & 0xff});
    }
    template <class F> u32 jump_over(F&& what) {
        byte({0xe9, 0, 0});
        const u32 at = size();
        what();
        code[at - 2] = static_cast<u8>(size() - at);
        return at;
    }
    void change_cr0(u32 set, u32 clear, unsigned width) {
        byte({0x0f, 0x20, 0xc0});                            // mov eax, cr0
        if (width == 2) byte({0x66});
        byte({0x0d}), word(set, 4);                          // or eax
        if (width == 2) byte({0x66});
        byte({0x25}), word(~clear, 4);                       // and eax
        byte({0x0f, 0x22, 0xc0});
    }
    // To what follows. `width` of the code now, `to` of the offset.
    void far_jump(u32 selector, unsigned width, unsigned to) {
        if (width != to) byte({0x66});
        byte({0xea});
        const bool flat = selector == 0x18;
        word(size() + to + 2 + (flat ? World::code_at : 0), to);
        word(selector, 2);
    }
    void load_segments(u32 selector) {
        if (wide_) byte({0x66});
        byte({0xb8}), word(selector, 2);
        byte({0x8e, 0xd0, 0x8e, 0xd8, 0x8e, 0xc0});          // mov ss, ax / mov ds, ax / mov es, ax
        pointers(wide_ ? 0x20000 : 0);
    }
    void real_segments() {
        byte({0xb8}), word(0x2000, 2);
        byte({0x8e, 0xd8, 0x8e, 0xd0, 0xbc}), word(0x8000, 2);   // mov ds, ax / mov ss, ax / mov sp
        byte({0xb8}), word(dice_.one_in(2) ? 0x2000 : 0xfff0, 2);
        byte({0x8e, 0xc0});
        pointers(0);
    }
    void pointers(u32 base) {
        for (const unsigned index : {3u, 6u, 7u}) byte({0xb8 + index}), word(base + 0x1000 + static_cast<u32>(dice_.below(0x4000)), wide_ ? 4 : 2);
    }
    void instruction() {
        static constexpr std::array<u8, 10> opcodes{0x01, 0x03, 0x29, 0x2b, 0x31, 0x89, 0x8b, 0x11, 0x39, 0x88};
        const unsigned data = static_cast<unsigned>(dice_.below(3));   // eax, ecx, edx
        switch (dice_.below(8)) {
            case 0: return byte({0x40 + data});
            case 1: return byte({0xd1, 0xc0 | static_cast<unsigned>(dice_.below(2)) << 3 | data});
            case 2: return byte({0xa4 + static_cast<unsigned>(dice_.below(2))});
            case 3: return byte({0xaa + static_cast<unsigned>(dice_.below(4))});
            case 4: return byte({0x50 + data, 0x58 + static_cast<unsigned>(dice_.below(3))});
            case 5: return byte({0x66, opcodes[dice_.below(7)], 0xc0 | data << 3 | static_cast<unsigned>(dice_.below(3))});
            default:   // [ebx], [esi] or [edi] and a small distance; in 16 bits [di], [bp] or [bx]
                return byte({opcodes[dice_.below(opcodes.size())], 0x40 | data << 3 | (wide_ ? (dice_.one_in(2) ? 6u : 7u) : (dice_.one_in(2) ? 4u : 5u)), static_cast<unsigned>(dice_.below(120))});
        }
    }
    void body(u32 shared, unsigned width) {
        for (u64 n = dice_.between(1, 8); n > 0; --n) instruction();
        if (dice_.one_in(3)) byte({0x26, 0x8b, 0x45 - (dice_.one_in(2) ? 1u : 0u), 8});   // mov eax, es:[edi+8] or such
        byte({0xe8}), word(shared - (size() + width), width);
        for (u64 n = dice_.below(3); n > 0; --n) instruction();
    }

    test::Dice dice_;
    bool wide_ = false;
};

void prepare(World& world, u64) {
    const u64 entries[]{0, 0x00009b010000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff, 0x000093020000ffff};
    for (u32 n = 0; n < std::size(entries); ++n) world.memory.write({gdt + 8 * n}, 8, entries[n]);
    world.memory.write({World::directory_at}, 4, World::table_at | 7);
    for (u32 n = 0; n < 1024; ++n) world.memory.write({World::table_at + 4 * n}, 4, (n & 0xff) << 12 | 7);
    world.cpu.state.gdtr = {gdt, 0x27};
    world.cpu.state.cr3 = World::directory_at;
    world.cpu.set_eflags(2);
    world.listen_to_a20_port();
    world.cpu.restored();
}

}  // namespace

TEST_CASE("a program goes round all modes, and the engines agree") {
    for (u64 seed = 1; seed <= 60; ++seed) REQUIRE(test::compare_engines(seed, Setting::Real, {.threshold = 0}, 6000, CpuModel::Pentium2, Tour{seed}.code, &prepare) == "");
}
TEST_CASE("a program goes round all modes: with every switch of the JIT turned, each alone") {
    for (const auto& [name, tuning] : single_tunings) {
        INFO(name);
        for (u64 seed = 1; seed <= 8; ++seed) REQUIRE(test::compare_engines(seed, Setting::Real, tuning, 4000, CpuModel::Pentium2, Tour{seed}.code, &prepare) == "");
    }
}
TEST_CASE("the program that goes round all modes does so") {
    u64 rounds = 0;
    for (u64 seed = 1; seed <= 60; ++seed) {
        World world{Setting::Real, seed, [](Cpu& cpu) { return std::make_unique<JitEngine>(cpu, JitEngine::Tuning{.threshold = 0}); }, CpuModel::Pentium2, Tour{seed}.code};
        prepare(world, seed);
        world.memory.write({rounds_at}, 4, 0);
        world.run(6000);
        rounds += world.memory.read({rounds_at}, 4);
    }
    CHECK(rounds > 60 * 5);
}
