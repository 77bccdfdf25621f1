#include "tools/fuzz/case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "core/base/bits.hpp"
#include "core/isa/flags_left_undefined.hpp"
#include "tools/fuzz/values.hpp"

namespace retrace::fuzz {
namespace {

constexpr unsigned es = 0, cs = 1, ss = 2, gs = 5;
constexpr unsigned eax = 0, ecx = 1, edx = 2, ebx = 3, esp = 4, ebp = 5, esi = 6, edi = 7;
constexpr u32 code_offset = 0x800;  // of the instruction in the code page

bool in(Op op, std::initializer_list<Op> list) { return std::find(list.begin(), list.end(), op) != list.end(); }

// They describe the host, or need a kernel, or reach another privilege level.
bool cannot_be_compared(Op op) {
    return in(op, {Op::Cpuid, Op::Rdtsc, Op::Rdpmc, Op::Rdrand, Op::Sgdt, Op::Sidt, Op::Sldt, Op::Str, Op::Smsw, Op::Sysenter, Op::Sysexit, Op::Icebp, Op::JmpFar, Op::JmpFarIndirect, Op::CallFar, Op::CallFarIndirect, Op::RetFar,
                   Op::Iret, Op::Monitor, Op::Mwait, Op::Rsm, Op::Wait, Op::Esc});
}

bool is_masked_move(Op op) { return op == Op::Maskmovq || op == Op::Maskmovdqu; }

// Through a segment that a prefix may name.
bool addresses_memory(const Instruction& i) {
    const Row& row = row_of(i);
    return i.has(Instruction::memory) || row.op == Op::Xlat || is_masked_move(row.op) || (row.kind & kind::string);
}

bool is_near_branch(Op op) {
    return in(op, {Op::Jcc, Op::Jcxz, Op::Loop, Op::Loope, Op::Loopne, Op::JmpNear, Op::JmpIndirect, Op::CallNear, Op::CallIndirect, Op::RetNear});
}

// Operands in parts whose 16-bit offset passes FFFF: the host goes on at 0 with the next part, and manuals are silent.
bool wraps(const Case& one) {
    const Instruction& i = one.code.instruction;
    return i.has(Instruction::memory) && !i.has(Instruction::address32) && operand_offset(one) + parted_bytes(row_of(i)) > 0x10000;
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

u32 parted_bytes(const Row& row) {
    if (has_form(row, Form::M80f) || has_form(row, Form::M80b)) return 10;
    if (has_form(row, Form::M512)) return 512;
    return has_form(row, Form::M28) ? 28 : has_form(row, Form::M108) ? 108 : 0;
}

u32 operand_offset(const Case& one) {
    const Instruction& i = one.code.instruction;
    const u32* const gpr = one.state.gpr;
    return ((i.base != no_register ? gpr[i.base] : 0) + (i.index != no_register ? gpr[i.index] << i.scale : 0) + i.displacement) & i.address_mask();
}

Family family_of(const Row& row) {
    if (row.op == Op::Crc32 || row.op == Op::Popcnt) return Family::Sse42;
    if (row.op < Op::Fadd) return Family::Integer;
    if (row.op < Op::Fxsave) return Family::X87;
    switch (row.since) {
        case Since::Mmx: return Family::Mmx;
        case Since::Sse2: case Since::Clflush: return Family::Sse2;
        case Since::Sse3: return Family::Sse3;
        case Since::Ssse3: return Family::Ssse3;
        case Since::Sse41: return Family::Sse41;
        case Since::Sse42: return Family::Sse42;
        case Since::Aes: case Since::Pclmul: return Family::Aes;
        default: return Family::Sse;
    }
}

CaseMaker::CaseMaker(const Decoder& decoder, const Filter& filter, u64 seed)
    : dice_{seed}
    , family_{filter.family}
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
        // Beginning or ending in pages that are absent; the latter with a limit that counts pages.
        if (dice_.one_in(16)) segment.base = 0u - (1 + dice_.below(16)) * 0x80;
        if (dice_.one_in(16)) segment.limit = 0x11ffff;
        // Expanding down; with a 32-bit upper bound it could reach anything.
        if (dice_.one_in(16)) {
            segment.down = 1;
            segment.big = 0;
            segment.limit = dice_.between(0x100, 0xc000);
        }
    }
    segments32_ = code32;
}

// An offset at which `room` bytes fit, mostly.
u32 CaseMaker::roll_target(unsigned segment, u32 room) {
    const oracle::Segment& where = segments_[segment];
    if (dice_.one_in(60)) return dice_.word();
    if (dice_.one_in(40)) return where.limit - dice_.below(20) + 4;
    if (dice_.one_in(40)) return static_cast<u32>(oracle::data_size) - where.base - dice_.below(20) + 4;
    return roll_valid_target(segment, room);
}

u32 CaseMaker::roll_valid_target(unsigned segment, u32 room) {
    const oracle::Segment& where = segments_[segment];
    const u32 first = std::max(where.down ? where.limit + 1 : 0, where.base > 0xffff'0000 ? 0u - where.base : 0);
    const u32 last = where.down ? 0xffff : std::min<u32>(where.limit, oracle::data_size - 1 - where.base);
    if (last < first + 2 * room) return last > first ? first + dice_.below(last - first) : first;
    return first + room + dice_.below(last - first - 2 * room + 1);
}

void CaseMaker::watch(Case& one, unsigned segment, u32 offset, u32 before, u32 after) {
    if (segment == cs) return;
    const i64 middle = i64{static_cast<i32>(segments_[segment].base)} + offset;
    const i64 first = std::max<i64>(middle - before, 0), end = std::min<i64>(middle + after, oracle::data_size);
    if (first < end) one.watched.push_back({static_cast<u32>(first), static_cast<u32>(end - first)});
}

// As much of it as lies in the data area.
void CaseMaker::patch(Case& one, unsigned segment, u32 offset, std::vector<u8> bytes) {
    if (segment == cs) return;
    const i64 address = i64{static_cast<i32>(segments_[segment].base)} + offset, end = address + static_cast<i64>(bytes.size());
    if (end > i64{oracle::data_size}) bytes.resize(static_cast<std::size_t>(std::max<i64>(i64{oracle::data_size} - address, 0)));
    if (address < 0) bytes.erase(bytes.begin(), bytes.begin() + std::min<i64>(-address, static_cast<i64>(bytes.size())));
    if (!bytes.empty()) one.patches.push_back({static_cast<u32>(std::max<i64>(address, 0)), std::move(bytes)});
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
        u32 target = roll_target(segment, has_form(row, Form::M512) ? 600 : 160) & mask;
        // Operands of 16 bytes want to be aligned.
        if (row.op >= Op::Fxsave && !dice_.one_in(8)) target -= (segments_[segment].base + target) & 15;
        if (row.op == Op::Xlat)
            gpr[ebx] = (gpr[ebx] & ~mask) | ((target - (gpr[eax] & 255)) & mask);
        else
            aim_memory_operand(one, target);
        const u32 offset = row.op == Op::Xlat ? target : operand_offset(one);
        patch(one, segment, offset, family_of(row) == Family::X87 ? random_x87_operand(dice_, row)
                                    : row.op >= Op::Fxsave ? random_sse_operand(dice_, row, one.state.fx)
                                                           : random_bytes(48));
        if (takes_selector) patch(one, segment, offset, {static_cast<u8>(selector()), 0});
        if (in(row.op, {Op::Les, Op::Lds, Op::Lss, Op::Lfs, Op::Lgs})) patch(one, segment, (offset + i.operand_width) & mask, {static_cast<u8>(selector()), 0});
        watch(one, segment, offset, 80, has_form(row, Form::M512) ? 600 : 144);
    } else if (takes_selector) {
        gpr[i.rm] = (gpr[i.rm] & 0xffff0000) | selector();
    }
    if (is_masked_move(row.op)) {
        const u32 target = (dice_.one_in(16) ? 0x10000 - dice_.below(20) : roll_target(i.segment, 32)) & mask;
        gpr[edi] = (gpr[edi] & ~mask) | target;
        patch(one, i.segment, target, random_bytes(16));
        watch(one, i.segment, target, 16, 32);
    }
    if (in(row.op, {Op::Pcmpestrm, Op::Pcmpestri}) && !dice_.one_in(4)) {
        for (const unsigned which : {eax, edx}) {
            gpr[which] = dice_.below(20);
            if (dice_.one_in(4)) gpr[which] = 0 - gpr[which];
        }
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
        one.state.eflags = 0x202 | (static_cast<u32>(dice_.roll()) & flag::status);
        if (dice_.one_in(3)) one.state.eflags |= flag::DF;
        // Of long operands each processor checks what it likes.
        if (family_ <= Family::Mmx && !parted_bytes(row_of(one.code.instruction)) && dice_.one_in(10)) one.state.eflags |= flag::AC;
        std::copy(segments_.begin(), segments_.end(), one.state.segment);
        one.state.fx[0] = 0x7f;
        one.state.fx[1] = 0x03;
        one.state.fx[24] = 0x80;
        one.state.fx[25] = 0x1f;
        if (family_of(row_of(one.code.instruction)) != Family::Integer) roll_x87(dice_, one.state.fx), roll_sse(dice_, one.state.fx);
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
        else  // it wraps, but not within a word
            for (u32 below = 1; below <= most; ++below) patch(one, ss, (top - below) & mask, {0});
        patch(one, ss, 0x10000, std::vector<u8>(4));
        std::swap(one.patches, next_patches_);
    }

    if (i.has(Instruction::memory) && parted_bytes(row) && in(row.op, {Op::Fstp, Op::Fbstp, Op::Fnsave, Op::Fnstenv, Op::Fxsave})) {
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

}  // namespace retrace::fuzz
