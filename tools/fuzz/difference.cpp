#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/base/bits.hpp"
#include "core/isa/disassembler.hpp"
#include "tools/fuzz/case.hpp"

namespace retrace::fuzz {
namespace {

bool in(Op op, std::initializer_list<Op> list) { return std::find(list.begin(), list.end(), op) != list.end(); }

bool is_transcendental(Op op) {
    return in(op, {Op::F2xm1, Op::Fyl2x, Op::Fptan, Op::Fpatan, Op::Fyl2xp1, Op::Fsin, Op::Fcos, Op::Fsincos});
}

// Neither numbers nor pointers change.
bool is_control(Op op) {
    return in(op, {Op::Fldcw, Op::Fldenv, Op::Fnstenv, Op::Fnstcw, Op::Frstor, Op::Fnsave, Op::Fnstsw, Op::Fnclex, Op::Fninit, Op::Fneni, Op::Fndisi, Op::Fnsetpm, Op::Fxsave, Op::Fxrstor});
}

u16 word(const u8* fx, unsigned at) { return static_cast<u16>(fx[at] | fx[at + 1] << 8); }

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

// C0 to C3 are promised of comparisons, remainders and what loads or stores a status word (SDM volume 2); of all else C1 alone, which tells
// where a result was rounded to and which way a stack fault went.
u16 conditions_left_undefined(Op op, u16 status) {
    constexpr u16 c0 = 0x100, c1 = 0x200, c2 = 0x400, c3 = 0x4000;
    if (in(op, {Op::Fcom, Op::Fcomp, Op::Fcompp, Op::Ficom, Op::Ficomp, Op::Fucom, Op::Fucomp, Op::Fucompp, Op::Ftst, Op::Fxam, Op::Fninit, Op::Fldenv, Op::Frstor, Op::Fnsave, Op::Fnstsw})) return 0;
    if (in(op, {Op::Fprem, Op::Fprem1})) return status & c2 ? c0 | c1 | c3 : 0;  // not done yet
    if (in(op, {Op::Fsin, Op::Fcos, Op::Fsincos, Op::Fptan})) return c0 | c3;
    return in(op, {Op::Fldcw, Op::Fnstcw, Op::Fnstenv, Op::Fnclex, Op::Fnop, Op::Ffree, Op::Ffreep}) ? c0 | c1 | c2 | c3 : c0 | c2 | c3;
}

std::string x87_difference(const Case& one, const u8* ours, const u8* hosts) {
    const Op op = row_of(one.code.instruction).op;
    std::string text;
    if (is_outside_domain(op, one.state.fx)) return text;
    if (word(ours, 0) != word(hosts, 0)) text += fmt::format("  control {:04x}, host: {:04x}\n", word(ours, 0), word(hosts, 0));
    // Whether a transcendental result was rounded up, is inexact or tiny, manuals do not promise.
    u16 mask = static_cast<u16>(0xffff & ~conditions_left_undefined(op, word(hosts, 2)));
    if (is_transcendental(op)) mask &= 0x7d4f;
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

// Chips differ in when they note an instruction's address; with an exception it matters, and all do.
std::string pointer_difference(const Case& one, const u8* ours, const u8* hosts) {
    constexpr u16 summary = 0x80;
    if ((word(one.state.fx, 2) & summary) || !(word(hosts, 2) & summary) || is_control(row_of(one.code.instruction).op)) return "";
    std::string text;
    if (word(ours, 6) != word(hosts, 6)) text += fmt::format("  opcode {:03x}, host: {:03x}\n", word(ours, 6), word(hosts, 6));
    // Prefixes may count or not.
    if (load<u32>(hosts + 8) - one.state.eip >= one.code.length || load<u32>(ours + 8) != one.state.eip) text += fmt::format("  instruction {:x}, host: {:x}\n", load<u32>(ours + 8), load<u32>(hosts + 8));
    if (one.code.instruction.has(Instruction::memory) && load<u32>(ours + 16) != load<u32>(hosts + 16))
        text += fmt::format("  operand {:x}, host: {:x}\n", load<u32>(ours + 16), load<u32>(hosts + 16));
    return text;
}

// The x87 unit as MMX registers, or untouched: every bit, empty registers too.
std::string image_difference(const u8* ours, const u8* hosts) {
    std::string text;
    if (word(ours, 0) != word(hosts, 0)) text += fmt::format("  control {:04x}, host: {:04x}\n", word(ours, 0), word(hosts, 0));
    if (word(ours, 2) != word(hosts, 2)) text += fmt::format("  status {:04x}, host: {:04x}\n", word(ours, 2), word(hosts, 2));
    if (ours[4] != hosts[4]) text += fmt::format("  in use {:02x}, host: {:02x}\n", ours[4], hosts[4]);
    for (unsigned at = 0; at < 8; ++at) {
        const u8 *a = ours + 32 + 16 * at, *b = hosts + 32 + 16 * at;
        if (std::memcmp(a, b, 10)) text += fmt::format("  st{} {:04x}:{:016x}, host: {:04x}:{:016x}\n", at, word(a, 8), load<u64>(a), word(b, 8), load<u64>(b));
    }
    return text;
}

bool uses_mmx(const Row& row) {
    return std::any_of(row.operands.begin(), row.operands.end(), [](Form form) { return form == Form::Pq || form == Form::Pd || form == Form::Qq || form == Form::Qd || form == Form::Nq; });
}

// RCPPS and RSQRTPS are as exact as SDM volume 2 says, and no more: the relative error is at most 1.5 * 2^-12. Within it every vendor has its
// own bits, and we ours.
bool approximates(Op op) { return in(op, {Op::Rcpps, Op::Rcpss, Op::Rsqrtps, Op::Rsqrtss}); }
bool is_near(float one, float other) {
    if (std::memcmp(&one, &other, sizeof one) == 0) return true;
    const double a = one, b = other, most = 2 * 1.5 / 4096;
    // Next to the smallest normal number one may have gone below and become 0.
    constexpr double smallest = 1.1754943508222875e-38;
    if (std::signbit(a) == std::signbit(b) && std::fabs(a) <= smallest * (1 + most) && std::fabs(b) <= smallest * (1 + most)) return true;
    return std::isfinite(a) && std::isfinite(b) && std::fabs(a - b) <= most * std::fabs(b);
}

std::string sse_difference(const Case& one, const u8* ours, const u8* hosts) {
    std::string text;
    if (load<u32>(ours + 24) != load<u32>(hosts + 24)) text += fmt::format("  mxcsr {:04x}, host: {:04x}\n", load<u32>(ours + 24), load<u32>(hosts + 24));
    const bool roughly = approximates(row_of(one.code.instruction).op);
    for (unsigned at = 0; at < 8; ++at) {
        const u8 *a = ours + 160 + 16 * at, *b = hosts + 160 + 16 * at;
        if (std::memcmp(a, b, 16) == 0) continue;
        bool near = roughly;
        for (unsigned lane = 0; lane < 16 && near; lane += 4) {
            float x, y;
            std::memcpy(&x, a + lane, 4);
            std::memcpy(&y, b + lane, 4);
            near = is_near(x, y);
        }
        if (!near) text += fmt::format("  xmm{} {:016x}{:016x}, host: {:016x}{:016x}\n", at, load<u64>(a + 8), load<u64>(a), load<u64>(b + 8), load<u64>(b));
    }
    return text;
}

bool accesses_several(const Row& row) {
    return parted_bytes(row) || in(row.op, {Op::Les, Op::Lds, Op::Lss, Op::Lfs, Op::Lgs, Op::Bound, Op::Enter, Op::Pusha, Op::Popa, Op::Cmps});
}

// Bytes of a memory image that processors leave alone or fill each in its own way: in FXSAVE's the pointers, MXCSR_MASK and what is reserved.
bool is_own(const Case& one, u32 address) {
    const Instruction& i = one.code.instruction;
    if (row_of(i).op != Op::Fxsave) return false;
    const u32 at = address - (one.state.segment[i.segment].base + operand_offset(one));
    if (at >= 512) return false;
    if (at == 5 || (at >= 6 && at < 24) || (at >= 28 && at < 32) || at >= 288) return true;
    return at >= 32 && at < 160 && (at & 15) >= 10;
}

}  // namespace

std::string difference(const Case& one, const Result& ours, const Result& hosts) {
    static constexpr std::array<const char*, 8> names{"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};
    static constexpr std::array<const char*, 6> segments{"es", "cs", "ss", "ds", "fs", "gs"};
    constexpr unsigned ss = 2, gs = 5, esp = 4;
    if (hosts.refused) return "";
    std::string text;
    const auto fault_text = [](const Result& result) { return result.fault ? fmt::format("fault {} ({:x}){}", result.vector, result.error, result.vector == 14 ? fmt::format(" at {:x}", result.cr2) : "") : std::string{"no fault"}; };
    // Each processor finds another place first that it cannot reach.
    const bool parted = accesses_several(row_of(one.code.instruction)) && ours.fault && hosts.fault && ours.vector >= 12 && hosts.vector >= 12;
    const bool same_fault = ours.vector == hosts.vector ? ours.error == hosts.error && (ours.cr2 == hosts.cr2 || parted) : parted;
    if (ours.fault != hosts.fault || (ours.fault && !same_fault))
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
    if (family_of(row_of(one.code.instruction)) == Family::X87)
        text += x87_difference(one, ours.state.fx, hosts.state.fx) + pointer_difference(one, ours.state.fx, hosts.state.fx);
    else if (!(hosts.fault && uses_mmx(row_of(one.code.instruction))))  // the host may have made the stack's top 0 before it found the fault
        text += image_difference(ours.state.fx, hosts.state.fx);
    text += sse_difference(one, ours.state.fx, hosts.state.fx);
    if (hosts.fault && one.memory_is_unspecified) return text;
    const Row& row = row_of(one.code.instruction);
    const oracle::Segment& stack = one.state.segment[ss];
    const u32 upper_word = row.op == Op::PushSeg && one.code.instruction.operand_width == 4
                               ? stack.base + ((one.state.gpr[esp] - 2) & (stack.big ? 0xffffffff : 0xffff))
                               : ~u32{1};
    std::size_t at = 0;
    for (const oracle::Range& range : one.watched) {
        for (u32 n = 0; n < range.bytes; ++n, ++at)
            if (ours.watched[at] != hosts.watched[at] && range.address + n - upper_word >= 2 && !is_own(one, range.address + n)) {
                text += fmt::format("  [{:x}] {:02x}, host: {:02x}\n", range.address + n, ours.watched[at], hosts.watched[at]);
                if (text.size() > 1500) return text + "  ...\n";
            }
    }
    return text;
}

std::string mnemonic_of(const Case& one) {
    const std::string text = disassemble(one.code.instruction, one.state.eip);
    return text.substr(0, text.find(' '));
}

std::string describe(const Case& one) {
    std::string text = fmt::format("case {}: {} bit, {}  (", one.number, one.code32 ? 32 : 16, disassemble(one.code.instruction, one.state.eip));
    for (unsigned at = 0; at < one.code.length; ++at) text += fmt::format("{:02x}", one.code.bytes[at]);
    const u32* const gpr = one.state.gpr;
    text += fmt::format(")\n  eax {:08x} ecx {:08x} edx {:08x} ebx {:08x} esp {:08x} ebp {:08x} esi {:08x} edi {:08x} eflags {:x}\n ", gpr[0], gpr[1], gpr[2],
                        gpr[3], gpr[4], gpr[5], gpr[6], gpr[7], one.state.eflags);
    static constexpr std::array<const char*, 6> names{"es", "cs", "ss", "ds", "fs", "gs"};
    for (unsigned at = 0; at < 6; ++at) {
        const oracle::Segment& segment = one.state.segment[at];
        text += fmt::format(" {} {:x}+{:x}{}{}", names[at], segment.base, segment.limit, segment.big ? " big" : "",
                            segment.down ? " down" : segment.readonly ? " ro" : "");
    }
    text += "\n";
    if (family_of(row_of(one.code.instruction)) != Family::Integer) {
        const u8* const fx = one.state.fx;
        text += fmt::format("  control {:04x} status {:04x} in use {:02x}", word(fx, 0), word(fx, 2), fx[4]);
        for (unsigned at = 0; at < 8; ++at)
            if (load<u16>(fx + 40 + 16 * at) | load<u64>(fx + 32 + 16 * at)) text += fmt::format(" st{} {:04x}:{:016x}", at, load<u16>(fx + 40 + 16 * at), load<u64>(fx + 32 + 16 * at));
        text += fmt::format("\n  mxcsr {:04x}", load<u32>(fx + 24));
        for (unsigned at = 0; at < 8; ++at)
            if (load<u64>(fx + 168 + 16 * at) | load<u64>(fx + 160 + 16 * at)) text += fmt::format(" xmm{} {:016x}{:016x}", at, load<u64>(fx + 168 + 16 * at), load<u64>(fx + 160 + 16 * at));
        text += "\n";
    }
    for (const Piece& piece : one.patches) {
        text += fmt::format("  [{:x}]", piece.address);
        std::size_t shown = piece.bytes.size();
        while (shown > 0 && piece.bytes[shown - 1] == 0) --shown;
        for (std::size_t at = 0; at < shown; ++at) text += fmt::format(" {:02x}", piece.bytes[at]);
        if (shown < piece.bytes.size()) text += " 00...";
        text += "\n";
    }
    return text;
}

}  // namespace retrace::fuzz
