#include "core/base/bits.hpp"
#include "core/float/convert.hpp"
#include "core/float/transcendental.hpp"
#include "core/semantics/x87.hpp"
#include "core/semantics/x87_operand.hpp"

namespace retrace::x87 {
namespace {

using fp::Float80;
constexpr Float80 indefinite = fp::indefinite<Float80>;

// Pushes, unless the register it would take is full.
void push(Cpu& cpu, Float80 value) {
    FpuState& fpu = cpu.state.fpu;
    if (!fpu.empty(7)) [[unlikely]] {
        if (stack_overflow(cpu)) fpu.push(indefinite);
        return;
    }
    fpu.status = static_cast<u16>(fpu.status & ~c1);
    fpu.push(value);
}

// ---- loads

// FLD m32, FLD m64: may raise; unmasked, only an invalid operand is not loaded.
template <Form form>
void load_short(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    const u32 offset = cpu.offset_of(i);
    using F = std::conditional_t<form == Form::M32f, fp::Float32, fp::Float64>;
    F value;
    if (!cpu.read(i.segment, offset, value.bits)) return;
    note_operand(cpu, i, offset);
    FpuState& fpu = cpu.state.fpu;
    if (!fpu.empty(7)) [[unlikely]] return push(cpu, indefinite);
    fp::Context context = x87::context(fpu);
    const Float80 wide = fp::load(value, context);
    if (!conclude(cpu, context) && (context.unmasked() & fp::invalid) != 0) return;
    fpu.push(wide);
}

template <Form form>
void load_integer(Cpu& cpu, const Instruction& i) {
    fp::Widened operand;
    if (ready(cpu) && read_operand<form>(cpu, i, operand)) push(cpu, operand.value);
}

bool read_ten(Cpu& cpu, const Instruction& i, std::array<u8, 10>& bytes) {
    const u32 offset = cpu.offset_of(i);
    if (!cpu.read_bytes(i.segment, offset, bytes, 8)) return false;
    note_operand(cpu, i, offset);
    return true;
}

void load_extended(Cpu& cpu, const Instruction& i) {
    std::array<u8, 10> bytes;
    if (ready(cpu) && read_ten(cpu, i, bytes)) push(cpu, get_register(bytes));
}

void load_decimal(Cpu& cpu, const Instruction& i) {
    fp::Decimal digits;
    if (ready(cpu) && read_ten(cpu, i, digits)) push(cpu, fp::from_decimal(digits));
}

void load_register(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    if (fpu.empty(i.rm)) [[unlikely]] {
        if (stack_underflow(cpu)) fpu.push(indefinite);
        return;
    }
    push(cpu, fpu.st(i.rm));
}

template <u32 index>
void load_constant(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    push(cpu, fp::constant(index, x87::context(cpu.state.fpu).rounding));
}

// ---- stores. The value is made, then written (which may fault), then the flags and the stack follow. What an exception stops does not touch
// memory: it cannot fault there.

// How each form turns a register into bytes, and what an empty register becomes.
template <Form form>
struct Format;
template <>
struct Format<Form::M32f> {
    static u32 from(Float80 value, fp::Context& context) { return fp::store32(value, context).bits; }
    static constexpr u32 indefinite = fp::indefinite<fp::Float32>.bits;
};
template <>
struct Format<Form::M64f> {
    static u64 from(Float80 value, fp::Context& context) { return fp::store64(value, context).bits; }
    static constexpr u64 indefinite = fp::indefinite<fp::Float64>.bits;
};
template <class T>
struct IntegerFormat {
    static T from(Float80 value, fp::Context& context) {
        return static_cast<T>(fp::to_integer(value, 8 * sizeof(T), context.rounding, context));
    }
    static constexpr T indefinite = static_cast<T>(T{1} << (8 * sizeof(T) - 1));
};
template <>
struct Format<Form::Mw> : IntegerFormat<u16> {};
template <>
struct Format<Form::Md> : IntegerFormat<u32> {};
template <>
struct Format<Form::Mq> : IntegerFormat<u64> {};

// The flags of a store that is done; its pop.
void store_done(Cpu& cpu, const fp::Context& context, bool pops) {
    static_cast<void>(conclude(cpu, context));
    if (pops) cpu.state.fpu.pop();
}

template <Form form, bool pops, bool truncates>
void store_short(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    const u32 offset = cpu.offset_of(i);
    FpuState& fpu = cpu.state.fpu;
    fp::Context context = x87::context(fpu);
    if (truncates) context.rounding = fp::Rounding::Zero;
    if (fpu.empty(0)) [[unlikely]] {
        if ((fpu.control & fp::invalid) != 0 && !cpu.write(i.segment, offset, Format<form>::indefinite)) return;
        note_operand(cpu, i, offset);
        if (stack_underflow(cpu) && pops) fpu.pop();
        return;
    }
    const auto value = Format<form>::from(fpu.st(0), context);
    if (store_stopped(context)) [[unlikely]] {
        note_operand(cpu, i, offset);
        static_cast<void>(conclude(cpu, context));
        return;
    }
    if (!cpu.write(i.segment, offset, value)) return;
    note_operand(cpu, i, offset);
    store_done(cpu, context, pops);
}

// FSTP m80 and FBSTP.
template <bool decimal>
void store_ten(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    const u32 offset = cpu.offset_of(i);
    FpuState& fpu = cpu.state.fpu;
    fp::Context context = x87::context(fpu);
    std::array<u8, 10> bytes{};
    if (fpu.empty(0)) [[unlikely]] {
        if (decimal)
            bytes = {0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff};
        else
            put_register(bytes, indefinite);
        const bool masked = (fpu.control & fp::invalid) != 0;
        if (masked && !cpu.write_bytes(i.segment, offset, bytes, 8)) return;
        note_operand(cpu, i, offset);
        if (stack_underflow(cpu)) fpu.pop();
        return;
    }
    if (decimal)
        bytes = fp::to_decimal(fpu.st(0), context);
    else
        put_register(bytes, fpu.st(0));
    const bool stops = store_stopped(context);
    if (!stops && !cpu.write_bytes(i.segment, offset, bytes, 8)) return;
    note_operand(cpu, i, offset);
    if (stops)
        static_cast<void>(conclude(cpu, context));
    else
        store_done(cpu, context, true);
}

template <bool pops>
void store_register(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    Float80 value = fpu.st(0);
    if (fpu.empty(0)) [[unlikely]] {
        if (!stack_underflow(cpu)) return;
        value = indefinite;
    } else {
        fpu.status = static_cast<u16>(fpu.status & ~c1);
    }
    fpu.set_st(i.rm, value);
    if (pops) fpu.pop();
}

// D9 D8+i, which no manual has: an empty ST(0) is no fault, and stores nothing.
void store_register_unchecked(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    if (!cpu.state.fpu.empty(0)) return store_register<true>(cpu, i);
    note_instruction(cpu, i);
    cpu.state.fpu.status = static_cast<u16>(cpu.state.fpu.status & ~c1);
    cpu.state.fpu.pop();
}

// ---- within the stack

void exchange(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    Float80 first = fpu.st(0), other = fpu.st(i.rm);
    if (fpu.empty(0) || fpu.empty(i.rm)) [[unlikely]] {
        const bool first_empty = fpu.empty(0), other_empty = fpu.empty(i.rm);
        if (!stack_underflow(cpu)) return;
        if (first_empty) first = indefinite;
        if (other_empty) other = indefinite;
    } else {
        fpu.status = static_cast<u16>(fpu.status & ~c1);
    }
    fpu.set_st(0, other);
    fpu.set_st(i.rm, first);
}

// The condition: reg 0-3 below, equal, below or equal, unordered; DB negates.
void conditional_move(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    if (fpu.empty(0) || fpu.empty(i.rm)) [[unlikely]] {
        if (stack_underflow(cpu)) fpu.set_st(0, indefinite);
        return;
    }
    bool holds = false;
    switch (i.reg & 3) {
        case 0: holds = cpu.flags.cf(); break;
        case 1: holds = cpu.flags.zf(); break;
        case 2: holds = cpu.flags.cf() || cpu.flags.zf(); break;
        default: holds = cpu.flags.pf(); break;
    }
    if (holds != ((i.opcode & 1) != 0)) fpu.set_st(0, fpu.st(i.rm));
}

template <bool pops>
void free_register(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    fpu.free(i.rm);
    fpu.status = static_cast<u16>(fpu.status & ~c1);
    if (pops) fpu.pop();
}

template <int by>
void move_top(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    fpu.set_top(fpu.top() + static_cast<unsigned>(by));
    fpu.status = static_cast<u16>(fpu.status & ~c1);
}

template <bool pops, bool truncates = false>
Executor store_executor(Form form) {
    switch (form) {
        case Form::M32f: return store_short<Form::M32f, pops, truncates>;
        case Form::M64f: return store_short<Form::M64f, pops, truncates>;
        case Form::Mw: return store_short<Form::Mw, pops, truncates>;
        case Form::Md: return store_short<Form::Md, pops, truncates>;
        case Form::Mq: return store_short<Form::Mq, pops, truncates>;
        case Form::M80f: return store_ten<false>;
        default: return store_register<pops>;
    }
}

Executor load_executor(Form form) {
    switch (form) {
        case Form::M32f: return load_short<Form::M32f>;
        case Form::M64f: return load_short<Form::M64f>;
        case Form::Mw: return load_integer<Form::Mw>;
        case Form::Md: return load_integer<Form::Md>;
        case Form::Mq: return load_integer<Form::Mq>;
        case Form::M80f: return load_extended;
        default: return load_register;
    }
}

}  // namespace

Executor transfer_executor(const Row& row) {
    const Form form = row.operands[0];
    switch (row.op) {
        case Op::Fld:
        case Op::Fild: return load_executor(form);
        case Op::Fst:
        case Op::Fist: return store_executor<false>(form);
        case Op::Fstp: if (row.opcode == 0xd9 && form == Form::Sti) return store_register_unchecked; [[fallthrough]];
        case Op::Fistp: return store_executor<true>(form);
        case Op::Fisttp: return store_executor<true, true>(form);
        case Op::Fbld: return load_decimal;
        case Op::Fbstp: return store_ten<true>;
        case Op::Fxch: return exchange;
        case Op::Fcmovcc: return conditional_move;
        case Op::Ffree: return free_register<false>;
        case Op::Ffreep: return free_register<true>;
        case Op::Fincstp: return move_top<1>;
        case Op::Fdecstp: return move_top<-1>;
        case Op::Fld1: return load_constant<0>;
        case Op::Fldl2t: return load_constant<1>;
        case Op::Fldl2e: return load_constant<2>;
        case Op::Fldpi: return load_constant<3>;
        case Op::Fldlg2: return load_constant<4>;
        case Op::Fldln2: return load_constant<5>;
        case Op::Fldz: return load_constant<6>;
        default: return nullptr;
    }
}

}  // namespace retrace::x87
