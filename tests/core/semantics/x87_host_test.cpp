// Every x87 instruction beside the host's x87 unit: the whole state before, one instruction, the whole state after.
// What is left out: the instruction and operand pointers, which chips keep differently.
#include <catch2/catch.hpp>

#if defined(__x86_64__)

#include <sys/mman.h>

#include <cstring>
#include <iomanip>
#include <map>
#include <memory>
#include <sstream>
#include <vector>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"
#include "core/cpu/x87.hpp"
#include "core/isa/decoder.hpp"
#include "core/isa/rows.hpp"
#include "core/semantics/x87.hpp"
#include "tests/core/float/host_x87.hpp"
#include "tests/core/float/operands.hpp"

namespace retrace {
namespace {

using fp::Float80;
using fp::Roller;

// Everything an x87 instruction can see and change.
struct Situation {
    std::array<u8, 108> image{};   // FNSAVE's, 32-bit protected layout
    std::array<u8, 128> memory{};
    u32 eax = 0;
    u32 eflags = 0;
};

constexpr u32 flags_compared = flag::status;

// Runs single instructions with their operand at [rsi] (ModRM with rm = 6) on this processor.
class HostUnit {
public:
    HostUnit() {
        page_ = static_cast<u8*>(mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        REQUIRE(page_ != MAP_FAILED);
    }
    ~HostUnit() { munmap(page_, 4096); }
    HostUnit(const HostUnit&) = delete;
    HostUnit& operator=(const HostUnit&) = delete;

    void run(std::span<const u8> instruction, Situation& situation) {
        static constexpr u8 before[] = {0xdd, 0x27,         // frstor [rdi]
                                        0xff, 0x71, 0x08,   // push qword [rcx + 8]
                                        0x9d,               // popfq
                                        0x8b, 0x01};        // mov eax, [rcx]
        static constexpr u8 after[] = {0xdd, 0x32,          // fnsave [rdx]
                                       0x89, 0x01,          // mov [rcx], eax
                                       0x9c,                // pushfq
                                       0x8f, 0x41, 0x08,    // pop qword [rcx + 8]
                                       0xfc, 0xc3};         // cld; ret
        u8* at = page_;
        const auto append = [&](std::span<const u8> bytes) {
            std::memcpy(at, bytes.data(), bytes.size());
            at += bytes.size();
        };
        append(before);
        append(instruction);
        append(after);
        struct {
            u64 eax, eflags;
        } integer{situation.eax, situation.eflags | 2};
        Situation result = situation;
        std::memcpy(&call_, &page_, sizeof call_);
        call_(situation.image.data(), result.memory.data(), result.image.data(), &integer);
        situation = result;
        situation.eax = static_cast<u32>(integer.eax);
        situation.eflags = static_cast<u32>(integer.eflags) & flags_compared;
    }

private:
    u8* page_;
    void (*call_)(const void*, void*, void*, void*) = nullptr;
};

constexpr u32 operand_address = 0x2000;

// The same on ours: 32-bit protected mode, flat segments, no engine.
class OurUnit {
public:
    OurUnit() : cpu_{memory_, ports_, scheduler_, CpuModel::Max}, decoder_{CpuModel::Max} {
        Registers& registers = cpu_.registers();
        registers.cr0 = cr0::PE | cr0::NE | cr0::ET;
        for (auto& segment : registers.segment) {
            segment.base = 0;
            segment.limit = 0xffffffff;
            segment.attributes = 0xc093;
        }
        registers.segment[1].attributes = 0xc09b;
        cpu_.restored();
    }

    // False if we have no such instruction.
    bool run(std::span<const u8> bytes, Situation& situation) {
        std::array<u8, 16> code{};
        std::copy(bytes.begin(), bytes.end(), code.begin());
        Instruction instruction;
        ENSURE(decoder_.decode(code, true, instruction) == Decoder::Result::Done, "16 bytes are enough");
        const Executor executor = x87_executor(row_of(instruction));
        if (executor == nullptr || instruction.has(Instruction::invalid)) return false;

        const x87::Layout layout{true, true};
        FpuState& fpu = cpu_.state.fpu;
        x87::read_environment(fpu, layout, situation.image);
        for (unsigned at = 0; at < 8; ++at)
            fpu.physical[(fpu.top() + at) & 7] = x87::get_register(std::span{situation.image}.subspan(28 + 10 * at, 10));
        cpu_.state.gpr[Esi] = operand_address;
        cpu_.state.gpr[Eax] = situation.eax;
        cpu_.set_eflags(situation.eflags);
        std::memcpy(memory_.ram().data() + operand_address, situation.memory.data(), situation.memory.size());
        instruction.execute = executor;
        cpu_.run.first = cpu_.run.current = &instruction;
        executor(cpu_, instruction);
        cpu_.run.first = cpu_.run.current = nullptr;
        ENSURE(!cpu_.fault.pending, "nothing here can fault");

        x87::write_environment(fpu, layout, situation.image);
        for (unsigned at = 0; at < 8; ++at) x87::put_register(std::span{situation.image}.subspan(28 + 10 * at, 10), fpu.st(at));
        std::memcpy(situation.memory.data(), memory_.ram().data() + operand_address, situation.memory.size());
        situation.eax = cpu_.state.gpr[Eax];
        situation.eflags = cpu_.eflags() & flags_compared;
        return true;
    }

private:
    MmioMap windows_;
    PhysicalMemory memory_{1 << 20, windows_};
    PortMap ports_;
    Scheduler scheduler_{StepRate{}};
    Cpu cpu_;
    Decoder decoder_;
};

std::string text(const Situation& s) {
    std::ostringstream out;
    out << std::hex << std::setfill('0') << "cw " << load<u16>(&s.image[0]) << " sw " << load<u16>(&s.image[4]) << " tw "
        << load<u16>(&s.image[8]);
    for (unsigned at = 0; at < 8; ++at)
        out << (at == 4 ? "\n     " : " ") << load<u16>(&s.image[36 + 10 * at]) << ':' << load<u64>(&s.image[28 + 10 * at]);
    out << "\n     mem " << load<u64>(&s.memory[8]) << ' ' << load<u64>(&s.memory[0]) << " eax " << s.eax << " flags " << s.eflags;
    return out.str();
}

Situation roll_situation(Roller& roller) {
    Situation s;
    const u16 masks = roller.below(4) != 0 ? u16{0x3f} : static_cast<u16>(roller.word() & 0x3f);
    constexpr u16 precisions[] = {0x000, 0x200, 0x300, 0x300};
    const u16 control = static_cast<u16>(masks | 0x40 | precisions[roller.below(4)] | roller.below(4) << 10 | roller.below(2) << 12);
    // Exceptions may be noted that are masked; a pending one would be delivered on the host.
    u16 status = static_cast<u16>((roller.word() & 0x7f40) | (roller.word() & masks));
    if (roller.below(2) != 0) status &= 0x3800;
    u16 tags = 0;
    for (unsigned at = 0; at < 8; ++at) {
        if (roller.below(6) == 0) tags = static_cast<u16>(tags | 3u << 2 * at);
        Float80 value = roller.float80();
        if (at == 1) value = roller.near({load<u64>(&s.image[28]), load<u16>(&s.image[36])});
        x87::put_register(std::span{s.image}.subspan(28 + 10 * at, 10), value);
    }
    // Room for a push, mostly.
    const unsigned top = status >> 11 & 7;
    if (roller.below(4) != 0) tags = static_cast<u16>(tags | 3u << 2 * ((top + 7) & 7));
    if (roller.below(4) != 0) tags = static_cast<u16>(tags & ~(3u << 2 * top));
    store<u16>(&s.image[0], control);
    store<u16>(&s.image[4], status);
    store<u16>(&s.image[8], tags);

    for (u8& byte : s.memory) byte = static_cast<u8>(roller.word());
    switch (roller.below(5)) {
        case 0: store<u32>(s.memory.data(), roller.float32().bits); break;
        case 1: store<u64>(s.memory.data(), roller.float64().bits); break;
        case 2: x87::put_register(s.memory, roller.float80()); break;
        case 3: store<u64>(s.memory.data(), roller.word() >> roller.below(64)); break;
        default:
            for (unsigned at = 0; at < 9; ++at) s.memory[at] = static_cast<u8>(roller.below(10) * 16 + roller.below(10));
            break;
    }
    s.eax = static_cast<u32>(roller.word());
    s.eflags = static_cast<u32>(roller.word()) & flags_compared;
    return s;
}

bool is_transcendental(Op op) {
    switch (op) {
        case Op::F2xm1: case Op::Fyl2x: case Op::Fyl2xp1: case Op::Fptan: case Op::Fpatan: case Op::Fsin: case Op::Fcos: case Op::Fsincos:
            return true;
        default: return false;
    }
}

// Those are allowed to differ from the host's in the last places, and in the flags that follow from that.
void forgive(Situation& ours, const Situation& host, Op op) {
    for (unsigned at = 0; at < 8; ++at) {
        u8* const mine = &ours.image[28 + 10 * at];
        const u8* const theirs = &host.image[28 + 10 * at];
        const Float80 a = x87::get_register({mine, 10}), b = x87::get_register({theirs, 10});
        // Fractions continue through the exponents.
        const u128 place_a = u128{a.exponent()} << 63 | (a.significand & ~fp::integer_bit);
        const u128 place_b = u128{b.exponent()} << 63 | (b.significand & ~fp::integer_bit);
        const bool close = a.sign() == b.sign() && (place_a > place_b ? place_a - place_b : place_b - place_a) <= 2;
        const bool both_finite = a.exponent() < 0x7fff && b.exponent() < 0x7fff && at < 2 && op != Op::F2xm1;
        if (close || (both_finite && a.exponent() > fp::bias - 70)) std::memcpy(mine, theirs, 10);
    }
    const u16 loose = fp::inexact | fp::underflow | x87::c1 | x87::error_summary | x87::busy;
    store<u16>(&ours.image[4], static_cast<u16>((load<u16>(&ours.image[4]) & ~loose) | (load<u16>(&host.image[4]) & loose)));
    store<u16>(&ours.image[8], load<u16>(&host.image[8]));
}

void erase_pointers(Situation& s) {
    std::memset(&s.image[12], 0, 16);
    for (unsigned at : {2u, 6u, 10u}) store<u16>(&s.image[at], 0);
}

// What is undefined or outside the range of an instruction, so that no two chips need agree.
bool is_undefined(const Row& row, const Situation& s) {
    const Float80 st0 = x87::get_register(std::span{s.image}.subspan(28, 10));
    switch (row.op) {
        case Op::F2xm1: return st0.exponent() >= fp::bias && st0.exponent() != 0x7fff;
        case Op::Fyl2xp1: return st0.exponent() >= fp::bias - 2;
        case Op::Fbld:
            for (unsigned at = 0; at < 9; ++at)
                if ((s.memory[at] & 15) > 9 || s.memory[at] >> 4 > 9) return true;
            return false;
        default: return false;
    }
}

void compare_all(u64 seed, int times) {
    HostUnit host;
    OurUnit ours;
    Roller roller{seed};
    int compared = 0, wrong = 0;
    std::map<std::string, int> seen;
    std::vector<std::string> notes;
    Decoder decoder{CpuModel::Max};
    for (int n = 0; n < times; ++n) {
        const u8 first = static_cast<u8>(0xd8 + roller.below(8));
        const u8 second = roller.below(2) != 0 ? static_cast<u8>(0xc0 | roller.word()) : static_cast<u8>((roller.word() & 0x38) | 6);
        const std::array<u8, 2> code{first, second};
        Instruction instruction;
        std::array<u8, 16> padded{first, second};
        static_cast<void>(decoder.decode(padded, true, instruction));
        const Row& row = row_of(instruction);
        if (instruction.has(Instruction::invalid) || row.op == Op::Invalid) continue;

        Situation before = roll_situation(roller);
        if (row.op == Op::Fldenv || row.op == Op::Frstor) {
            // An image that makes sense, and after which nothing is pending for the host to trip over.
            const Situation other = roll_situation(roller);
            std::memcpy(before.memory.data(), other.image.data(), 108);
        }
        if (row.op == Op::Fldcw) before.memory[0] |= static_cast<u8>(load<u16>(&before.image[4]) & 0x3f);
        if (is_undefined(row, before)) continue;
        Situation mine = before, theirs = before;
        if (!ours.run(code, mine)) {
            ++wrong;
            notes.push_back(std::string{"no executor for "} + row.mnemonic);
            continue;
        }
        host.run(code, theirs);
        erase_pointers(mine);
        erase_pointers(theirs);
        if (row.op == Op::Fnstenv || row.op == Op::Fnsave) {
            for (Situation* s : {&mine, &theirs}) {
                std::memset(&s->memory[12], 0, 16);
                for (unsigned at : {2u, 6u, 10u}) store<u16>(&s->memory[at], 0);
            }
        }
        if (is_transcendental(row.op)) forgive(mine, theirs, row.op);
        ++compared;
        if (mine.image == theirs.image && mine.memory == theirs.memory && mine.eax == theirs.eax && mine.eflags == theirs.eflags) continue;
        ++wrong;
        std::ostringstream name;
        name << row.mnemonic << std::hex << ' ' << int{first} << ' ' << int{second};
        if (++seen[row.mnemonic] > 1 || seen.size() > 12) continue;
        notes.push_back(name.str() + "\nfrom " + text(before) + "\nours " + text(mine) + "\nhost " + text(theirs));
    }
    for (const std::string& note : notes) UNSCOPED_INFO(note);
    for (const auto& [mnemonic, count] : seen) UNSCOPED_INFO(mnemonic << ": " << count << " differ");
    CHECK_FALSE(fp::host::too_many(wrong, compared));
    CHECK(compared > times / 3);
}

TEST_CASE("every x87 instruction does what the host's x87 does") { compare_all(1, 300'000); }
TEST_CASE("every x87 instruction does what the host's x87 does, millions of times", "[long]") { compare_all(2, 6'000'000); }

}  // namespace
}  // namespace retrace

#endif
