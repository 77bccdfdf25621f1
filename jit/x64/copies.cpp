#include "jit/x64/copies.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

#include <xbyak/xbyak.h>

#include "core/base/ensure.hpp"
#include "core/cpu/cpu.hpp"
#include "core/isa/rows.hpp"
#include "core/semantics/condition.hpp"
#include "jit/baseline/operand_forms.hpp"
#include "jit/x64/host.hpp"

namespace retrace::jit {

namespace {

// How an instruction is put down again.
enum class Shape : u8 {
    None,           // not at all
    Nothing,        // it does nothing
    Bare,           // opcode
    Registers,      // opcode, reg and rm
    Constant,       // opcode, extension and rm, immediate of the operand's width
    Load,           // opcode with rm, immediate
    One,            // opcode, extension and rm
    Shift,          // opcode, extension and rm, count
    Swap,           // opcode with rm, after 0F
    Address,        // LEA
};

struct Copied {
    Shape shape = Shape::None;
    u8 opcode = 0, extension = 0;
    bool escaped = false;                // 0F in front of the opcode
    u32 reads = 0, writes = 0;           // status flags
    u32 loaded = 0, stored = 0;          // general registers, a bit each
    bool turns = false;                  // OF is defined by the last bit alone: done in two parts where it may be seen
};

constexpr u32 bit_of(unsigned index, unsigned width) { return 1u << (width == 1 ? index & 3 : index); }

// Operands lie as prepare() left them: of two registers `rm` is the destination and `reg` the source.
Copied copied(const Instruction& i) {
    constexpr u32 all = flag::status;
    if (i.has(Instruction::invalid | Instruction::too_long | Instruction::patched | Instruction::ends_block)) return {};
    const Row& row = row_of(i);
    if (i.has(Instruction::memory) && row.op != Op::Lea && row.op != Op::Nop) return {};
    const unsigned width = i.operand_width, opcode_bit = width == 1 ? 0 : 1;
    const u32 rm = bit_of(i.rm, width), reg = bit_of(i.reg, width);
    const auto number = [&](unsigned base) { return static_cast<u8>(base + opcode_bit); };
    const auto two = [&](u8 operation, u32 reads, bool writes) -> Copied {
        const u32 stored = writes ? rm : 0;
        if (has_immediate(row)) return {Shape::Constant, number(0x80), operation, false, reads, all, rm, stored};
        return {Shape::Registers, number(operation * 8u), 0, false, reads, all, rm | reg, stored};
    };
    const auto one = [&](unsigned base, u8 extension, u32 writes) -> Copied { return {Shape::One, number(base), extension, false, 0, writes, rm, rm}; };
    const auto shift = [&](u8 extension, u32 writes, bool turns) -> Copied {
        if (by_cl(row)) return {};
        return {Shape::Shift, number(0xc0), extension, false, 0, writes, rm, rm, turns};
    };
    const auto extend = [&](unsigned opcode) -> Copied {   // the destination is `reg` here
        const unsigned from = row.operands[1] == Form::Eb ? 1 : 2;
        if (from == 1 && i.rm >= 4 && i.reg == Esp) return {};   // AH and its like cannot stand beside r12
        return {Shape::Registers, static_cast<u8>(opcode + from - 1), 0, true, 0, 0, bit_of(i.rm, from) | reg, reg};
    };
    constexpr u32 eax = 1u << Eax, edx = 1u << Edx;
    switch (row.op) {
        case Op::Add: return two(0, 0, true);
        case Op::Or: return two(1, 0, true);
        case Op::Adc: return two(2, flag::CF, true);
        case Op::Sbb: return two(3, flag::CF, true);
        case Op::And: return two(4, 0, true);
        case Op::Sub: return two(5, 0, true);
        case Op::Xor: return two(6, 0, true);
        case Op::Cmp: return two(7, 0, false);
        case Op::Test:
            if (has_immediate(row)) return {Shape::Constant, number(0xf6), 0, false, 0, all, rm, 0};
            return {Shape::Registers, number(0x84), 0, false, 0, all, rm | reg, 0};
        case Op::Mov:
            if (has_immediate(row)) return {Shape::Load, static_cast<u8>(width == 1 ? 0xb0 : 0xb8), 0, false, 0, 0, width == 4 ? 0 : rm, rm};
            return {Shape::Registers, number(0x88), 0, false, 0, 0, rm | reg, rm};
        case Op::Xchg: return {Shape::Registers, number(0x86), 0, false, 0, 0, rm | reg, rm | reg};
        case Op::Inc: return one(0xfe, 0, all & ~flag::CF);
        case Op::Dec: return one(0xfe, 1, all & ~flag::CF);
        case Op::Not: return one(0xf6, 2, 0);
        case Op::Neg: return one(0xf6, 3, all);
        case Op::Rol: return shift(0, flag::CF | flag::OF, true);
        case Op::Ror: return shift(1, flag::CF | flag::OF, true);
        case Op::Shl: return shift(4, all, true);
        case Op::Shr: return shift(5, all, true);
        case Op::Sar: return shift(7, all, false);
        case Op::Movzx: return extend(0xb6);
        case Op::Movsx: return extend(0xbe);
        case Op::Bswap:
            if (width != 4) return {};
            return {Shape::Swap, 0xc8, 0, true, 0, 0, rm, rm};
        case Op::Cmovcc: return {Shape::Registers, static_cast<u8>(0x40 + i.condition()), 0, true, condition_flags(i.condition()), 0, rm | reg, reg};
        case Op::Setcc: return {Shape::One, static_cast<u8>(0x90 + i.condition()), 0, true, condition_flags(i.condition()), 0, rm, rm};
        case Op::Cbw: return {Shape::Bare, 0x98, 0, false, 0, 0, eax, eax};
        case Op::Cwd: return {Shape::Bare, 0x99, 0, false, 0, 0, eax | edx, edx};
        case Op::Clc: return {Shape::Bare, 0xf8, 0, false, 0, flag::CF};
        case Op::Stc: return {Shape::Bare, 0xf9, 0, false, 0, flag::CF};
        case Op::Cmc: return {Shape::Bare, 0xf5, 0, false, flag::CF, flag::CF};
        case Op::Nop: return {Shape::Nothing};
        case Op::Lea: {
            if (!i.has(Instruction::address32) || i.base == no_register) return {};
            const u32 index = i.index == no_register ? 0 : 1u << i.index;
            return {Shape::Address, 0x8d, 0, false, 0, 0, 1u << i.base | index | reg, reg};
        }
        default: return {};
    }
}

class Writer {
public:
    explicit Writer(u8* at) : at_{at} {}
    [[nodiscard]] u8* at() const { return at_; }
    void skip(unsigned size) { at_ += size; }
    void byte(unsigned value) { *at_++ = static_cast<u8>(value); }
    template <class T> void value(T v) {
        std::memcpy(at_, &v, sizeof v);
        at_ += sizeof v;
    }
    void bytes(std::initializer_list<u8> all) {
        std::memcpy(at_, all.begin(), all.size());
        at_ += all.size();
    }

private:
    u8* at_;
};

}  // namespace

Copies::Template Copies::make_template(const Instruction& i) {
    const Copied c = copied(i);
    Template t;
    t.usable = c.shape != Shape::None;
    t.reads = static_cast<u16>(c.reads);
    t.writes = static_cast<u16>(c.writes);
    t.loaded = static_cast<u8>(c.loaded);
    t.stored = static_cast<u8>(c.stored);
    const unsigned width = i.operand_width;
    Writer w{t.bytes.data()};
    const auto begin = [&](unsigned opcode, bool reg_is_sp, bool rm_is_sp) {
        if (width == 2) w.byte(0x66);
        if (reg_is_sp || rm_is_sp) w.byte(0x40 | (reg_is_sp ? 4 : 0) | (rm_is_sp ? 1 : 0));
        if (c.escaped) w.byte(0x0f);
        w.byte(opcode);
    };
    const auto constant = [&](unsigned size) {
        t.constant_at = static_cast<u8>(w.at() - t.bytes.data());
        w.skip(size);
    };
    const bool extends = c.escaped && (c.opcode == 0xb6 || c.opcode == 0xbe);   // a byte
    const bool reg_is_sp = width != 1 && i.reg == Esp, rm_is_sp = width != 1 && !extends && i.rm == Esp;
    switch (c.shape) {
        case Shape::None: case Shape::Nothing: break;
        case Shape::Bare:
            if (width == 2 && (c.opcode == 0x98 || c.opcode == 0x99)) w.byte(0x66);
            w.byte(c.opcode);
            break;
        case Shape::Registers:
            begin(c.opcode, reg_is_sp, rm_is_sp);
            w.byte(0xc0 | i.reg << 3 | i.rm);
            break;
        case Shape::Load:
            begin(c.opcode + i.rm, false, rm_is_sp);
            constant(width);
            break;
        case Shape::One: case Shape::Constant: case Shape::Shift:
            begin(c.opcode, false, rm_is_sp);
            w.byte(0xc0 | c.extension << 3 | i.rm);
            if (c.shape == Shape::Constant) constant(width);
            if (c.shape != Shape::Shift) break;
            constant(1);
            t.most = static_cast<u8>(width == 4 ? 31 : width * 8 - 1);
            t.turns = c.turns;
            break;
        case Shape::Swap: begin(c.opcode + i.rm, false, rm_is_sp); break;
        case Shape::Address: {   // the upper halves of registers are clear
            const bool has_index = i.index != no_register, with_sib = has_index || i.base == Esp;
            begin(c.opcode, i.reg == Esp, i.base == Esp);
            w.byte(0x80 | i.reg << 3 | (with_sib ? 4u : i.base));
            if (with_sib) w.byte((has_index ? i.scale << 6 | i.index << 3 : 4 << 3) | i.base);
            t.displacement = true;
            constant(4);
            break;
        }
    }
    t.size = static_cast<u8>(w.at() - t.bytes.data());
    return t;
}

// What decides of an instruction how it is put down: everything but its handler, constants and place.
const Copies::Template& Copies::template_of(const Instruction& i) {
    constexpr u64 not_constants = 0x00ff'ffff'0000'ffff;   // offset, second immediate
    u64 low, high;
    static_assert(offsetof(Instruction, row) + 8 == offsetof(Instruction, opcode) && offsetof(Instruction, segment) == offsetof(Instruction, opcode) + 7);
    static_assert(offsetof(Instruction, immediate2) == offsetof(Instruction, row) + 2 && offsetof(Instruction, offset) == offsetof(Instruction, row) + 7);
    std::memcpy(&low, reinterpret_cast<const u8*>(&i) + offsetof(Instruction, row), sizeof low);
    std::memcpy(&high, reinterpret_cast<const u8*>(&i) + offsetof(Instruction, opcode), sizeof high);
    low &= not_constants;
    Template& t = templates_[((low ^ std::rotl(high, 17)) * 0x9e3779b97f4a7c15) >> (64 - template_bits)];
    if (t.low != low || t.high != high) [[unlikely]] {
        t = make_template(i);
        t.low = low;
        t.high = high;
    }
    return t;
}

// A copy: r8 is where the general registers lie, r9 the first Instruction, r12 ESP, whose encoding is that of ESP with one bit more.
Copies::Copies(Cpu& cpu) : cpu_{cpu}, cache_{stub_bytes + slot_bytes * slot_count} {
    static const bool match = host_flags_match();
    usable_ = match;
    for (u32 ah = 0; ah < flags_of_.size(); ++ah) flags_of_[ah].load(ah);
    make_stub();
}

// r8 as above: Cpu::flags to RFLAGS.
void Copies::make_stub() {
    using namespace Xbyak::util;
    static_assert(offsetof(LazyFlags, carries) == 8 && offsetof(LazyFlags, carry) == 12 && sizeof(LazyFlags) == 16);
    Xbyak::CodeGenerator x{stub_bytes, cache_.writable()};
    const int flags = static_cast<int>(reinterpret_cast<const u8*>(&cpu_.flags) - reinterpret_cast<const u8*>(&cpu_.state.gpr));
    x.mov(rax, x.qword[r8 + flags]);
    x.mov(r10d, x.dword[r8 + (flags + 8)]);
    x.mov(r11d, x.dword[r8 + (flags + 12)]);   // CF
    x.xor_(ecx, ecx);
    x.test(eax, eax);
    x.setz(cl);
    x.shl(ecx, 6);                             // ZF
    x.or_(ecx, r11d);
    x.mov(rdx, rax);
    x.shr(rdx, 48);
    x.xor_(dl, al);
    x.setp(dl);
    x.movzx(edx, dl);
    x.shl(edx, 2);                             // PF
    x.or_(ecx, edx);
    x.mov(edx, r10d);
    x.and_(edx, flag::AF);
    x.or_(ecx, edx);
    x.shr(rax, 63);
    x.shl(eax, 7);                             // SF
    x.or_(eax, ecx);
    x.shl(eax, 8);                             // to AH
    x.shr(r10d, 31);
    x.xor_(r10d, r11d);                        // OF
    x.or_(eax, r10d);
    x.add(al, 0x7f);
    x.sahf();
    x.ret();
    ENSURE(x.getSize() <= stub_bytes, "the stub fits");
}

bool Copies::make(Trace& trace, unsigned least) {
    if (!usable_ || trace.first_handler) return false;
    const Instruction* const first = trace.instructions();
    std::array<Template, 32> all;   // the next may take their place in the table
    u32 count = 0, loaded = 0, stored = 0, written = 0, wanted = 0, useful = 0;
    for (; count < trace.count && count < all.size(); ++count) {
        const Template& t = all[count] = template_of(first[count]);
        if (!t.usable) break;
        if (t.most != 0 && (first[count].immediate & 31) - 1 >= t.most) break;   // by nothing, or by too much
        loaded |= t.loaded;
        stored |= t.stored;
        wanted |= t.reads & ~written;
        written |= t.writes;
        useful += t.size != 0;
    }
    if (useful < least) return false;
    if (written != 0) wanted |= flag::status & ~written;   // they are stored as a whole
    const u32 used = loaded | stored;

    const std::size_t n = next_;
    next_ = (next_ + 1) % slot_count;
    if (owners_[n]) forget(*owners_[n]);
    owners_[n] = &trace;
    u8* const begin = slot(n);
    Writer w{begin};
    const auto disp32 = [&](const void* member) { w.value(static_cast<i32>(static_cast<const u8*>(member) - reinterpret_cast<const u8*>(&cpu_.state.gpr))); };
    const auto saves = [&](unsigned index) { return (used >> index & 1) != 0; };
    if (saves(Ebx)) w.byte(0x53);                        // push rbx
    if (saves(Ebp)) w.byte(0x55);                        // push rbp
    if (saves(Esp)) w.bytes({0x41, 0x54});               // push r12
    w.bytes({0x49, 0x89, 0xf1});                         // mov r9, rsi
    w.bytes({0x4c, 0x8d, 0x87});                         // lea r8, [rdi + ...]
    w.value(static_cast<i32>(reinterpret_cast<const u8*>(&cpu_.state.gpr) - reinterpret_cast<const u8*>(&cpu_)));
    if (wanted != 0) {
        w.byte(0xe8);                                    // call the stub
        w.value(static_cast<i32>(cache_.writable() - (w.at() + 4)));
    }
    for (unsigned index = 0; index < 8; ++index)
        if (loaded >> index & 1) w.bytes({static_cast<u8>(index == Esp ? 0x45 : 0x41), 0x8b, static_cast<u8>(0x40 | index << 3), static_cast<u8>(index * 4)});   // mov reg, [r8 + 4 index]

    // OF is looked at behind an instruction unless one that overwrites it comes first.
    u32 live = written != 0 ? flag::OF : 0;
    u64 split = 0;
    for (u32 at = count; at-- > 0;) {
        const Template& t = all[at];
        split |= u64{t.turns && live != 0} << at;
        live = (live & ~u32{t.writes}) | (t.reads & flag::OF);
    }
    const auto put = [&](const Template& t, u32 constant) {
        std::memcpy(w.at(), t.bytes.data(), t.bytes.size());
        std::memcpy(w.at() + t.constant_at, &constant, sizeof constant);
        w.skip(t.size);
    };
    for (u32 at = 0; at < count; ++at) {
        const Template& t = all[at];
        const Instruction& i = first[at];
        const u32 constant = t.displacement ? i.displacement : i.immediate;
        if ((split >> at & 1) && (constant & 31) > 1) [[unlikely]] {
            put(t, (constant & 31) - 1);
            put(t, 1);
        } else {
            put(t, constant);
        }
    }

    for (unsigned index = 0; index < 8; ++index)
        if (stored >> index & 1) w.bytes({static_cast<u8>(index == Esp ? 0x45 : 0x41), 0x89, static_cast<u8>(0x40 | index << 3), static_cast<u8>(index * 4)});   // mov [r8 + 4 index], reg
    if (written != 0) {
        w.bytes({0x9f, 0x0f, 0x90, 0xc0, 0x0f, 0xb6, 0xcc, 0xc1, 0xe1, 0x04, 0x49, 0xba});   // lahf; seto al; movzx ecx, ah; shl ecx, 4; mov r10, table
        w.value(reinterpret_cast<u64>(flags_of_.data()));
        w.bytes({0x49, 0x8b, 0x14, 0x0a, 0x49, 0x89, 0x90});                                 // mov rdx, [r10 + rcx]; mov [flags.result], rdx
        disp32(&cpu_.flags.result);
        w.bytes({0x49, 0x8b, 0x54, 0x0a, 0x08, 0x0f, 0xb6, 0xc0, 0xc1, 0xe0, 0x1f});         // mov rdx, [r10 + rcx + 8]; movzx eax, al; shl eax, 31
        w.bytes({0x48, 0x31, 0xc2, 0x49, 0x89, 0x90});                                       // xor rdx, rax; mov [flags.carries and flags.carry], rdx
        disp32(&cpu_.flags.carries);
    }
    if (saves(Esp)) w.bytes({0x41, 0x5c});
    if (saves(Ebp)) w.byte(0x5d);
    if (saves(Ebx)) w.byte(0x5b);
    w.bytes({0x49, 0x8d, 0xb8});                         // lea rdi, [r8 - ...]
    w.value(static_cast<i32>(reinterpret_cast<const u8*>(&cpu_) - reinterpret_cast<const u8*>(&cpu_.state.gpr)));
    w.bytes({0x49, 0x8d, 0xb1});                         // lea rsi, [r9 + ...]
    w.value(static_cast<i32>(count * sizeof(Instruction)));
    static_assert(offsetof(Instruction, execute) == 0);
    w.bytes({0xff, 0x26});                               // jmp [rsi]
    ENSURE(static_cast<std::size_t>(w.at() - begin) <= slot_bytes, "a copy fits");

    trace.first_handler = first->execute;
    trace.instructions()->execute = reinterpret_cast<Executor>(cache_.executable(begin));
    ++made;
    instructions += count;
    return true;
}

void Copies::forget(Trace& trace) {
    const auto at = reinterpret_cast<const u8*>(trace.instructions()->execute) - cache_.executable(slot(0));
    owners_[static_cast<std::size_t>(at) / slot_bytes] = nullptr;
    trace.instructions()->execute = trace.first_handler;
    trace.first_handler = nullptr;
}

void Copies::forget_all() { std::ranges::fill(owners_, nullptr); }

}  // namespace retrace::jit
