#include "tools/fuzz/case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/base/bits.hpp"
#include "core/isa/disassembler.hpp"
#include "core/isa/flags_left_undefined.hpp"

namespace retrace::fuzz {
namespace {

constexpr unsigned es = 0, cs = 1, ss = 2, ds = 3, gs = 5;
constexpr unsigned eax = 0, ecx = 1, edx = 2, ebx = 3, esp = 4, ebp = 5, esi = 6, edi = 7;
constexpr u32 code_offset = 0x800;  // of the instruction in the code page

bool in(Op op, std::initializer_list<Op> list) { return std::find(list.begin(), list.end(), op) != list.end(); }

// They describe the host, or need a kernel, or reach another privilege level.
bool cannot_be_compared(Op op) {
    return in(op, {Op::Cpuid, Op::Rdtsc, Op::Rdpmc, Op::Rdrand, Op::Sgdt, Op::Sidt, Op::Sldt, Op::Str, Op::Smsw, Op::Sysenter, Op::Sysexit, Op::Icebp, Op::JmpFar, Op::JmpFarIndirect, Op::CallFar, Op::CallFarIndirect, Op::RetFar,
                   Op::Iret, Op::Monitor, Op::Mwait, Op::Rsm, Op::Wait, Op::Esc});
}

// Through a segment that a prefix may name.
bool addresses_memory(const Instruction& i) {
    const Row& row = row_of(i);
    return i.has(Instruction::memory) || row.op == Op::Xlat || (row.kind & kind::string);
}

bool is_near_branch(Op op) {
    return in(op, {Op::Jcc, Op::Jcxz, Op::Loop, Op::Loope, Op::Loopne, Op::JmpNear, Op::JmpIndirect, Op::CallNear, Op::CallIndirect, Op::RetNear});
}

bool is_transcendental(Op op) {
    return in(op, {Op::F2xm1, Op::Fyl2x, Op::Fptan, Op::Fpatan, Op::Fyl2xp1, Op::Fsin, Op::Fcos, Op::Fsincos});
}

// A floating-point number of ten bytes: the special ones often, others near 1 mostly.
std::array<u8, 10> random_extended(Dice& dice) {
    u64 significand = dice.roll() | u64{1} << 63;
    u32 exponent = 0x3fff - 40 + dice.below(80);
    switch (dice.below(16)) {
        case 0: significand = 0, exponent = 0; break;
        case 1: significand = u64{1} << 63, exponent = 0x7fff; break;                       // infinity
        case 2: exponent = 0x7fff; break;                                                   // quiet or signalling NaN
        case 3: exponent = 0, significand >>= dice.between(1, 62); break;                   // denormal
        case 4: exponent = 0; break;                                                        // pseudo-denormal
        case 5: significand &= ~(u64{1} << 63); break;                                      // unnormal: invalid
        case 6: exponent = dice.below(0x8000); break;
        case 7: significand = u64{1} << 63; break;
        case 8: significand = ~u64{0} << dice.below(40), exponent = 0x3fff + dice.below(70); break;
        case 9: significand = u64{dice.below(1000)} << 40 | u64{1} << 63; break;
        default: break;
    }
    std::array<u8, 10> bytes;
    std::memcpy(bytes.data(), &significand, 8);
    bytes[8] = static_cast<u8>(exponent);
    bytes[9] = static_cast<u8>(exponent >> 8 | (dice.one_in(2) ? 0x80 : 0));
    return bytes;
}

// What an x87 instruction reads.
std::vector<u8> random_x87_operand(Dice& dice, const Row& row) {
    std::vector<u8> bytes(112);
    for (u8& byte : bytes) byte = static_cast<u8>(dice.roll());
    if (has_form(row, Form::M32f) && dice.one_in(2)) bytes[3] = static_cast<u8>(0x3c + dice.below(8)), bytes[2] = static_cast<u8>(bytes[2] & (dice.one_in(2) ? 0xff : 0x80));
    if (has_form(row, Form::M64f) && dice.one_in(2)) bytes[7] = static_cast<u8>(0x3f + dice.below(2)), bytes[6] = static_cast<u8>(bytes[6] & (dice.one_in(2) ? 0xff : 0xf0));
    if (dice.one_in(8)) std::fill_n(bytes.begin(), 8, u8{0});
    if (has_form(row, Form::M80f)) std::copy_n(random_extended(dice).begin(), 10, bytes.begin());
    if (has_form(row, Form::M80b))
        for (unsigned at = 0; at < 10; ++at) bytes[at] = static_cast<u8>(dice.below(10) << 4 | dice.below(10));
    if (row.op == Op::Fldcw || row.op == Op::Fldenv || row.op == Op::Frstor) {
        bytes[0] = static_cast<u8>(dice.one_in(3) ? dice.roll() : 0x7f);
        if (row.op == Op::Frstor)
            for (unsigned at = 0; at < 8; ++at) {
                const auto number = random_extended(dice);
                std::copy_n(number.begin(), 10, bytes.begin() + 28 + 10 * at);
            }
    }
    return bytes;
}

void roll_x87(Dice& dice, u8* fx) {
    fx[0] = static_cast<u8>(dice.one_in(5) ? dice.below(64) | 0x40 : 0x7f);
    fx[1] = static_cast<u8>(dice.below(4) << 2 | (dice.one_in(2) ? 3 : std::array<u8, 3>{0, 2, 3}[dice.below(3)]));
    const u32 top = dice.below(8);
    fx[3] = static_cast<u8>(top << 3 | (dice.roll() & 0x47));
    if (dice.one_in(12)) {
        fx[2] = static_cast<u8>(dice.below(128));
        if (fx[2] & ~fx[0] & 0x3f) fx[2] |= 0x80, fx[3] |= 0x80;
    }
    fx[4] = static_cast<u8>(dice.one_in(3) ? dice.roll() : dice.one_in(2) ? 0xff : dice.roll() | dice.roll() | dice.roll());
    for (unsigned at = 0; at < 8; ++at) {
        const auto number = random_extended(dice);
        std::copy_n(number.begin(), 10, fx + 32 + 16 * at);
    }
}

// Apart by no more than one unit in the last place?
bool is_close(const u8* one, const u8* other) {
    u64 a, b;
    std::memcpy(&a, one, 8);
    std::memcpy(&b, other, 8);
    const u16 a_top = load<u16>(one + 8), b_top = load<u16>(other + 8);
    if (a_top == b_top) return (a > b ? a - b : b - a) <= 1;
    // Just below and at a power of two.
    if (a_top > b_top) return a_top == b_top + 1 && a == u64{1} << 63 && b == ~u64{0};
    return b_top == a_top + 1 && b == u64{1} << 63 && a == ~u64{0};
}

// Arguments for which the manuals promise nothing, and those where the host's short pi shows: ours are correct there.
bool is_outside_domain(Op op, const u8* fx) {
    const unsigned exponent = load<u16>(fx + 40) & 0x7fff;
    if (exponent == 0x7fff) return false;
    switch (op) {
        case Op::Fsin: case Op::Fcos: case Op::Fsincos: case Op::Fptan: return exponent >= 0x3fff;
        case Op::F2xm1: return exponent >= 0x3fff;
        case Op::Fyl2xp1: return exponent >= 0x3ffd;
        default: return false;
    }
}

// Bytes of an operand that is moved in several parts; else 0.
u32 parted_bytes(const Row& row) {
    if (has_form(row, Form::M80f) || has_form(row, Form::M80b)) return 10;
    return has_form(row, Form::M28) ? 28 : has_form(row, Form::M108) ? 108 : 0;
}

u32 operand_offset(const Case& one) {
    const Instruction& i = one.code.instruction;
    const u32* const gpr = one.state.gpr;
    return ((i.base != no_register ? gpr[i.base] : 0) + (i.index != no_register ? gpr[i.index] << i.scale : 0) + i.displacement) & i.address_mask();
}

// Operands in parts whose 16-bit offset passes FFFF: the host goes on at 0 with the next part, and manuals are silent.
bool wraps(const Case& one) {
    const Instruction& i = one.code.instruction;
    return i.has(Instruction::memory) && !i.has(Instruction::address32) && operand_offset(one) + parted_bytes(row_of(i)) > 0x10000;
}

std::string x87_difference(const Case& one, const u8* ours, const u8* hosts) {
    const Op op = row_of(one.code.instruction).op;
    std::string text;
    if (is_outside_domain(op, one.state.fx)) return text;
    const auto word = [](const u8* fx, unsigned at) { return static_cast<u16>(fx[at] | fx[at + 1] << 8); };
    if (word(ours, 0) != word(hosts, 0)) text += fmt::format("  control {:04x}, host: {:04x}\n", word(ours, 0), word(hosts, 0));
    // C1 tells where a result was rounded to; whether one was inexact or tiny, manuals do not promise.
    const u16 mask = is_transcendental(op) ? 0x7d4f : 0xffff;
    if ((word(ours, 2) ^ word(hosts, 2)) & mask) text += fmt::format("  status {:04x}, host: {:04x}\n", word(ours, 2), word(hosts, 2));
    if (ours[4] != hosts[4]) text += fmt::format("  in use {:02x}, host: {:02x}\n", ours[4], hosts[4]);
    const unsigned top = hosts[3] >> 3 & 7;
    for (unsigned at = 0; at < 8; ++at) {
        if (!(hosts[4] >> ((top + at) & 7) & 1)) continue;
        const u8 *a = ours + 32 + 16 * at, *b = hosts + 32 + 16 * at;
        if (!std::memcmp(a, b, 10) || (is_transcendental(op) && is_close(a, b))) continue;
        text += fmt::format("  st{} {:04x}:{:016x}, host: {:04x}:{:016x}\n", at, word(a, 8), load<u64>(a), word(b, 8), load<u64>(b));
    }
    return text;
}

bool matches(const Row& row, const std::string& only) {
    if (only.empty()) return true;
    std::string_view name = row.mnemonic;
    for (std::size_t at; (at = name.find('|')) != name.npos; name.remove_prefix(at + 1))
        if (name.substr(0, at) == only) return true;
    if (name == only) return true;
    const unsigned map = row.opcode >> 8;
    for (unsigned n = 0; n < opcodes_of(row); ++n) {
        std::string opcode = fmt::format("{:02X}", (row.opcode & 255) + n);
        if (map) opcode = (map == 0x0f ? "0F" : map == 0x38 ? "0F38" : "0F3A") + opcode;
        if (only == opcode || (row.reg >= 0 && only == opcode + "/" + std::to_string(row.reg))) return true;
    }
    return false;
}

}  // namespace

Family family_of(const Row& row) {
    if (row.op < Op::Fadd) return Family::Integer;
    if (row.op < Op::Fxsave) return Family::X87;
    if (row.op < Op::Emms) return Family::Sse;
    for (const Form form : row.operands)
        if (form == Form::Pq || form == Form::Pd || form == Form::Qq || form == Form::Qd || form == Form::Nq) return Family::Mmx;
    return row.op == Op::Emms ? Family::Mmx : Family::Sse;
}

CaseMaker::CaseMaker(const Decoder& decoder, const Filter& filter, u64 seed)
    : dice_{seed}
    , instructions_{decoder, [&](const Row& row) { return family_of(row) == filter.family && !cannot_be_compared(row.op) && matches(row, filter.only); }} {}

void CaseMaker::roll_segments(bool code32) {
    for (unsigned at = 0; at < 6; ++at) {
        oracle::Segment& segment = segments_[at];
        segment = {};
        segment.ldt = 1;
        if (at == cs) {
            segment.limit = dice_.one_in(2) ? 0xffff : dice_.one_in(2) ? 0xfff : 0xfffff;
            segment.big = code32;
            continue;
        }
        segment.base = dice_.one_in(4) ? 0 : dice_.below(0x10000);
        segment.limit = dice_.one_in(4) ? dice_.between(0x400, 0xffff) : dice_.one_in(2) ? 0xffff : 0xfffff;
        segment.big = dice_.one_in(4) ? !code32 : code32;
        segment.readonly = at != ss && dice_.one_in(16);
    }
    segments32_ = code32;
}

// An offset at which `room` bytes fit, mostly.
u32 CaseMaker::roll_target(unsigned segment, u32 room) {
    const u32 limit = segments_[segment].limit;
    if (dice_.one_in(60)) return dice_.word();
    if (dice_.one_in(40)) return limit - dice_.below(10) + 2;
    return limit > 2 * room ? room + dice_.below(limit - 2 * room) : dice_.below(limit);
}

void CaseMaker::watch(Case& one, unsigned segment, u32 offset, u32 before, u32 after) {
    if (segment == cs) return;
    const i64 middle = i64{segments_[segment].base} + offset;
    const i64 first = std::max<i64>(middle - before, 0), end = std::min<i64>(middle + after, oracle::data_size);
    if (first < end) one.watched.push_back({static_cast<u32>(first), static_cast<u32>(end - first)});
}

void CaseMaker::patch(Case& one, unsigned segment, u32 offset, std::vector<u8> bytes) {
    if (segment == cs) return;
    const u64 address = u64{segments_[segment].base} + offset;
    if (address + bytes.size() <= oracle::data_size) one.patches.push_back({static_cast<u32>(address), std::move(bytes)});
}

void CaseMaker::aim_memory_operand(Case& one, u32 target) {
    const Instruction& i = one.code.instruction;
    u32* const gpr = one.state.gpr;
    const bool wide = i.has(Instruction::address32);
    const auto set = [&](unsigned which, u32 value) { gpr[which] = wide ? value : (gpr[which] & 0xffff0000) | (value & 0xffff); };
    const u32 rest = target - i.displacement;
    if (i.base != no_register && i.base == i.index)
        set(i.base, rest / (1 + (1u << i.scale)));
    else if (i.base != no_register)
        set(i.base, rest - (i.index != no_register ? gpr[i.index] << i.scale : 0));
    else if (i.index != no_register)
        set(i.index, rest >> i.scale);
}

// Points registers at memory and memory at what the instruction wants.
void CaseMaker::aim(Case& one) {
    const Instruction& i = one.code.instruction;
    const Row& row = row_of(i);
    u32* const gpr = one.state.gpr;
    const u32 mask = i.address_mask();
    const auto random_bytes = [&](unsigned count) {
        std::vector<u8> bytes(count);
        for (unsigned at = 0; at < count; at += 4) {
            const u32 word = dice_.word();
            std::memcpy(bytes.data() + at, &word, std::min(4u, count - at));
        }
        return bytes;
    };
    const auto selector = [&] { return dice_.one_in(6) ? static_cast<u16>(dice_.below(0x48) | 4) : dice_.one_in(8) ? u16{0} : oracle::ldt_selector(dice_.below(6)); };

    if (in(row.op, {Op::Div, Op::Idiv}) && !dice_.one_in(4)) {
        // Quotients that fit.
        if (i.operand_width == 1)
            gpr[eax] = (gpr[eax] & 0xffff00ff) | (row.op == Op::Idiv && (gpr[eax] & 0x80) ? 0xff00u : dice_.below(16) << 8);
        else
            gpr[edx] = row.op == Op::Idiv && (gpr[eax] >> (i.operand_width * 8 - 1) & 1) ? 0xffffffffu : dice_.below(4);
    }
    if (in(row.op, {Op::Bt, Op::Bts, Op::Btr, Op::Btc}) && has_form(row, Form::Gv) && i.has(Instruction::memory))
        gpr[i.reg] = static_cast<u32>(static_cast<i32>(dice_.below(1024)) - 512);
    if (in(row.op, {Op::Shld, Op::Shrd}) && has_form(row, Form::Cl)) gpr[ecx] = (gpr[ecx] & ~u32{31}) | dice_.below(i.operand_width * 8u + 1);
    if ((row.kind & kind::string) && (i.has(Instruction::rep) || i.has(Instruction::repne))) {
        const u32 count = dice_.one_in(40) ? dice_.below(2000) : dice_.below(20);
        gpr[ecx] = (gpr[ecx] & ~mask) | count;
    }
    if (in(row.op, {Op::Loop, Op::Loope, Op::Loopne, Op::Jcxz}) && dice_.one_in(2)) gpr[ecx] = (gpr[ecx] & ~mask) | dice_.below(3);

    // The stack.
    const u32 stack_mask = segments_[ss].big ? 0xffffffff : 0xffff;
    const auto set_stack = [&](unsigned which) {
        const u32 offset = dice_.one_in(4) ? roll_target(ss, 300) : roll_target(ss, 300) & ~u32{3};
        gpr[which] = (gpr[which] & ~stack_mask) | (offset & stack_mask);
    };
    set_stack(esp);
    if (in(row.op, {Op::Enter, Op::Leave})) {
        set_stack(ebp);
        patch(one, ss, gpr[ebp] & stack_mask, random_bytes(8));
    }

    // Memory operands.
    const bool takes_selector = in(row.op, {Op::MovToSeg, Op::Lar, Op::Lsl, Op::Verr, Op::Verw});
    if ((i.has(Instruction::memory) && row.op != Op::Lea) || row.op == Op::Xlat) {
        const unsigned segment = i.segment;
        const u32 target = roll_target(segment, 160) & mask;
        if (row.op == Op::Xlat)
            gpr[ebx] = (gpr[ebx] & ~mask) | ((target - (gpr[eax] & 255)) & mask);
        else
            aim_memory_operand(one, target);
        const u32 offset = row.op == Op::Xlat ? target : operand_offset(one);
        patch(one, segment, offset, family_of(row) == Family::X87 ? random_x87_operand(dice_, row) : random_bytes(48));
        if (takes_selector) patch(one, segment, offset, {static_cast<u8>(selector()), 0});
        if (in(row.op, {Op::Les, Op::Lds, Op::Lss, Op::Lfs, Op::Lgs})) patch(one, segment, (offset + i.operand_width) & mask, {static_cast<u8>(selector()), 0});
        watch(one, segment, offset, 80, 144);
    } else if (takes_selector) {
        gpr[i.rm] = (gpr[i.rm] & 0xffff0000) | selector();
    }
    if (row.kind & kind::string) {
        const u32 bytes = static_cast<u32>((gpr[ecx] & mask) < 4000 ? (gpr[ecx] & mask) * 4 + 8 : 64);
        if (has_form(row, Form::Xb) || has_form(row, Form::Xv)) {
            const u32 offset = roll_target(i.segment, 200) & mask;
            gpr[esi] = (gpr[esi] & ~mask) | offset;
            patch(one, i.segment, offset, random_bytes(16));
            watch(one, i.segment, offset, 16, 32);
        }
        if (has_form(row, Form::Yb) || has_form(row, Form::Yv)) {
            const u32 offset = roll_target(es, 200) & mask;
            gpr[edi] = (gpr[edi] & ~mask) | offset;
            patch(one, es, offset, random_bytes(16));
            watch(one, es, offset, bytes, bytes);
        }
    }
    const u32 top = gpr[esp] & stack_mask;
    if (row.op == Op::PopSeg) patch(one, ss, top, {static_cast<u8>(selector()), 0});
    // Neither TF (it would trap) nor NT, VM, RF from a popped image.
    if (row.op == Op::Popf) patch(one, ss, top, {static_cast<u8>(dice_.roll()), static_cast<u8>(dice_.roll() & 0x0e), static_cast<u8>(dice_.roll() & 0x04), 0});
    if (row.op == Op::RetNear || row.op == Op::Pop) patch(one, ss, top, random_bytes(4));
    watch(one, ss, top, 144, 16);
    if (row.op == Op::Pusha || row.op == Op::Enter) watch(one, ss, top, 300, 300);
    if (in(row.op, {Op::RetNear, Op::JmpIndirect, Op::CallIndirect}) && dice_.one_in(2)) {
        if (row.op == Op::RetNear) patch(one, ss, top, {static_cast<u8>(dice_.roll()), static_cast<u8>(dice_.below(16)), 0, 0});
        else if (!i.has(Instruction::memory)) gpr[i.rm] = dice_.below(0x1000);
    }
}

RandomInstruction::Rolled CaseMaker::roll_code(bool code32) {
    for (;;) {
        const RandomInstruction::Rolled rolled = instructions_.roll(dice_, code32);
        const Instruction& i = rolled.instruction;
        const Row& row = row_of(i);
        // Undefined results.
        if (in(row.op, {Op::Shld, Op::Shrd}) && has_form(row, Form::Ib) && (i.immediate & 31) > i.operand_width * 8u) continue;
        if (row.op == Op::Bswap && i.operand_width == 2) continue;
        // Only one page of the code segment can be read.
        if (i.segment == cs && segments_[cs].limit != 0xfff && addresses_memory(i)) continue;
        // A kernel's entry.
        if (row.op == Op::Int && i.immediate == 0x80) continue;
        return rolled;
    }
}

Case CaseMaker::make() {
    if (made_ % 64 == 0) roll_segments(dice_.one_in(2));
    const std::vector<Piece> first_patches = std::move(next_patches_);
    next_patches_.clear();
    Case one;
    do {
        one = {};
        one.number = made_;
        one.code32 = segments32_;
        one.code = roll_code(one.code32);
        for (u32& gpr : one.state.gpr) gpr = dice_.word();
        one.state.eip = code_offset;
        one.state.eflags = 0x202 | (static_cast<u32>(dice_.roll()) & flag::status) | (dice_.one_in(3) ? flag::DF : 0);
        std::copy(segments_.begin(), segments_.end(), one.state.segment);
        one.state.fx[0] = 0x7f;
        one.state.fx[1] = 0x03;
        one.state.fx[24] = 0x80;
        one.state.fx[25] = 0x1f;
        if (family_of(row_of(one.code.instruction)) == Family::X87) roll_x87(dice_, one.state.fx);
        one.patches = first_patches;
        aim(one);
    } while (wraps(one));
    ++made_;

    const Instruction& i = one.code.instruction;
    const Row& row = row_of(i);
    // Processors differ in how much is written before a fault is found, and whether PUSH of a segment register writes its upper word: what may
    // be left there is wiped before the next case.
    one.memory_is_unspecified = in(row.op, {Op::CallNear, Op::CallIndirect, Op::Enter, Op::Pusha});
    if (one.memory_is_unspecified || row.op == Op::PushSeg) {
        std::swap(one.patches, next_patches_);
        constexpr u32 most = 160;
        const u32 mask = segments_[ss].big ? 0xffffffff : 0xffff, top = one.state.gpr[esp] & mask;
        if (top >= most)
            patch(one, ss, top - most, std::vector<u8>(most));
        else  // it wraps
            for (u32 below = 1; below <= most; ++below) patch(one, ss, (top - below) & mask, {0});
        std::swap(one.patches, next_patches_);
    }

    if (i.has(Instruction::memory) && parted_bytes(row) && in(row.op, {Op::Fstp, Op::Fbstp, Op::Fnsave, Op::Fnstenv})) {
        one.memory_is_unspecified = true;
        std::swap(one.patches, next_patches_);
        patch(one, i.segment, operand_offset(one), std::vector<u8>(parted_bytes(row)));
        std::swap(one.patches, next_patches_);
    }

    const bool uses_gs = (addresses_memory(i) && i.segment == gs) || (has_form(row, Form::Sw) && i.reg == 5) || has_form(row, Form::Gs) || row.op == Op::Lgs;
    const bool reads_code = addresses_memory(i) && i.segment == cs;
    if (uses_gs || reads_code || is_near_branch(row.op)) one.mode = oracle::Mode::Step;
    one.undefined_flags = flags_left_undefined(i, static_cast<u8>(one.state.gpr[ecx]));
    return one;
}

std::string difference(const Case& one, const Result& ours, const Result& hosts) {
    static constexpr std::array<const char*, 8> names{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    static constexpr std::array<const char*, 6> segments{"es", "cs", "ss", "ds", "fs", "gs"};
    if (hosts.refused) return "";
    std::string text;
    const auto fault_text = [](const Result& result) { return result.fault ? fmt::format("fault {} ({:x})", result.vector, result.error) : std::string{"no fault"}; };
    if (ours.fault != hosts.fault || (ours.fault && (ours.vector != hosts.vector || ours.error != hosts.error)))
        text += fmt::format("  {}, host: {}\n", fault_text(ours), fault_text(hosts));
    // POPA that faults on the way: the host has changed the first registers already, ours are as before. BOUND: the host compares with the
    // lower bound before it reads the upper.
    const Op op = row_of(one.code.instruction).op;
    if (op == Op::Popa && ours.fault && hosts.fault) return text;
    if (op == Op::Bound && ours.fault && hosts.fault && ours.vector != hosts.vector) return "";
    for (unsigned at = 0; at < 8; ++at) {
        const u32 mask = op == Op::Lar && at == one.code.instruction.reg ? 0xfff0ffff : 0xffffffff;  // LAR leaves bits 16-19 undefined
        if ((ours.state.gpr[at] ^ hosts.state.gpr[at]) & mask)
            text += fmt::format("  {} {:08x}, host: {:08x}\n", names[at], ours.state.gpr[at], hosts.state.gpr[at]);
    }
    if (ours.state.eip != hosts.state.eip) text += fmt::format("  eip {:x}, host: {:x}\n", ours.state.eip, hosts.state.eip);
    // A division that faults leaves them undefined. Of comparisons that fault after some repetitions the host shows the flags of before the
    // first, ours those of the last: each repetition is a step of its own.
    const bool undefined_all = hosts.fault && (hosts.vector == 0 || (row_of(one.code.instruction).kind & kind::compares));
    const u32 mask = ~(undefined_all ? flag::status : one.undefined_flags) & ~(flag::RF | flag::TF);
    if ((ours.state.eflags ^ hosts.state.eflags) & mask)
        text += fmt::format("  eflags {:x}, host: {:x}, comparing {:x}\n", ours.state.eflags, hosts.state.eflags, mask & 0x3f7fd7);
    for (unsigned at = 0; at < 6; ++at) {
        // GS carries the way back when the host executed directly.
        if (at == gs && one.mode == oracle::Mode::Direct) continue;
        if (ours.selectors[at] != hosts.selectors[at]) text += fmt::format("  {} {:x}, host: {:x}\n", segments[at], ours.selectors[at], hosts.selectors[at]);
    }
    if (family_of(row_of(one.code.instruction)) == Family::X87) text += x87_difference(one, ours.state.fx, hosts.state.fx);
    if (hosts.fault && one.memory_is_unspecified) return text;
    const Row& row = row_of(one.code.instruction);
    const oracle::Segment& stack = one.state.segment[ss];
    const u32 upper_word = row.op == Op::PushSeg && one.code.instruction.operand_width == 4
                               ? stack.base + ((one.state.gpr[esp] - 2) & (stack.big ? 0xffffffff : 0xffff))
                               : ~u32{1};
    std::size_t at = 0;
    for (const oracle::Range& range : one.watched) {
        for (u32 n = 0; n < range.bytes; ++n, ++at)
            if (ours.watched[at] != hosts.watched[at] && range.address + n - upper_word >= 2) {
                text += fmt::format("  [{:x}] {:02x}, host: {:02x}\n", range.address + n, ours.watched[at], hosts.watched[at]);
                if (text.size() > 1500) return text + "  ...\n";
            }
    }
    return text;
}

std::string describe(const Case& one) {
    std::string text = fmt::format("case {}: {} bit, {}  (", one.number, one.code32 ? 32 : 16, disassemble(one.code.instruction, code_offset));
    for (unsigned at = 0; at < one.code.length; ++at) text += fmt::format("{:02x}", one.code.bytes[at]);
    const u32* const gpr = one.state.gpr;
    text += fmt::format(")\n  eax {:08x} ecx {:08x} edx {:08x} ebx {:08x} esp {:08x} ebp {:08x} esi {:08x} edi {:08x} eflags {:x}\n ", gpr[0], gpr[1], gpr[2],
                        gpr[3], gpr[4], gpr[5], gpr[6], gpr[7], one.state.eflags);
    static constexpr std::array<const char*, 6> names{"es", "cs", "ss", "ds", "fs", "gs"};
    for (unsigned at = 0; at < 6; ++at) {
        const oracle::Segment& segment = one.state.segment[at];
        text += fmt::format(" {} {:x}+{:x}{}{}", names[at], segment.base, segment.limit, segment.big ? " big" : "", segment.readonly ? " ro" : "");
    }
    text += "\n";
    if (family_of(row_of(one.code.instruction)) == Family::X87) {
        const u8* const fx = one.state.fx;
        text += fmt::format("  control {:02x}{:02x} status {:02x}{:02x} in use {:02x}", fx[1], fx[0], fx[3], fx[2], fx[4]);
        for (unsigned at = 0; at < 8; ++at) text += fmt::format(" st{} {:04x}:{:016x}", at, load<u16>(fx + 40 + 16 * at), load<u64>(fx + 32 + 16 * at));
        text += "\n";
    }
    for (const Piece& piece : one.patches) {
        text += fmt::format("  [{:x}]", piece.address);
        for (const u8 byte : piece.bytes) text += fmt::format(" {:02x}", byte);
        text += "\n";
    }
    return text;
}

}  // namespace retrace::fuzz
