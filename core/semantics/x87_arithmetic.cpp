#include "core/float/arithmetic.hpp"
#include "core/semantics/x87.hpp"
#include "core/semantics/x87_operand.hpp"

namespace retrace::x87 {
namespace {

using fp::Float80;

enum class Calculation : u8 { Add, Multiply, Subtract, SubtractReversed, Divide, DivideReversed };

template <Calculation what>
Float80 calculate(Float80 destination, Float80 source, fp::Context& context) {
    switch (what) {
        case Calculation::Add: return add(destination, source, context);
        case Calculation::Multiply: return multiply(destination, source, context);
        case Calculation::Subtract: return subtract(destination, source, context);
        case Calculation::SubtractReversed: return subtract(source, destination, context);
        case Calculation::Divide: return divide(destination, source, context);
        case Calculation::DivideReversed: return divide(source, destination, context);
    }
    return {};
}

// ST(0) with ST(i), into one of them.
template <Calculation what, bool to_other, bool pops>
void with_register(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    const unsigned destination = to_other ? i.rm : 0, source = to_other ? 0 : i.rm;
    if (fpu.empty(0) || fpu.empty(i.rm)) [[unlikely]] {
        if (!stack_underflow(cpu)) return;
        fpu.set_st(destination, fp::indefinite<Float80>);
        if (pops) fpu.pop();
        return;
    }
    fp::Context context = x87::context(fpu);
    const Float80 result = calculate<what>(fpu.st(destination), fpu.st(source), context);
    if (!conclude(cpu, context)) return;
    fpu.set_st(destination, result);
    if (pops) fpu.pop();
}

// ST(0) with memory.
template <Calculation what, Form form>
void with_memory(Cpu& cpu, const Instruction& i) {
    fp::Widened operand;
    if (!ready(cpu) || !read_operand<form>(cpu, i, operand)) return;
    FpuState& fpu = cpu.state.fpu;
    if (fpu.empty(0)) [[unlikely]] {
        if (stack_underflow(cpu)) fpu.set_st(0, fp::indefinite<Float80>);
        return;
    }
    fp::Context context = x87::context(fpu);
    const Float80 result = calculate<what>(fpu.st(0), operand.value, context);
    if (operand.denormal) note_denormal_source(result, context);
    if (conclude(cpu, context)) fpu.set_st(0, result);
}

constexpr u16 conditions_of(fp::Relation relation) {
    switch (relation) {
        case fp::Relation::Less: return c0;
        case fp::Relation::Equal: return c3;
        case fp::Relation::Greater: return 0;
        case fp::Relation::Unordered: break;
    }
    return c0 | c2 | c3;
}

void set_conditions(FpuState& fpu, u16 value) { fpu.status = static_cast<u16>((fpu.status & ~conditions) | value); }

// Compares and sets C3, C2, C0; ends with as many pops as asked for. An unmasked exception keeps the stack as it is,
// but not the result from being seen.
void compare_with(Cpu& cpu, bool any_empty, const fp::Widened& other, fp::Comparison kind, unsigned pops) {
    FpuState& fpu = cpu.state.fpu;
    if (any_empty) [[unlikely]] {
        const bool masked = stack_underflow(cpu);
        set_conditions(fpu, conditions_of(fp::Relation::Unordered));
        if (!masked) return;
    } else {
        fp::Context context = x87::context(fpu);
        const fp::Relation relation = compare(fpu.st(0), other.value, kind, context);
        if (other.denormal)
            note_denormal_source(relation == fp::Relation::Unordered ? fp::indefinite<Float80> : Float80{}, context);
        const bool goes_on = conclude(cpu, context);
        set_conditions(fpu, conditions_of(relation));
        if (!goes_on) return;
    }
    while (pops-- > 0) fpu.pop();
}

template <fp::Comparison kind, unsigned pops>
void compare_register(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    const FpuState& fpu = cpu.state.fpu;
    const unsigned other = pops == 2 ? 1 : i.rm;
    compare_with(cpu, fpu.empty(0) || fpu.empty(other), {fpu.st(other)}, kind, pops);
}

template <Form form, unsigned pops>
void compare_memory(Cpu& cpu, const Instruction& i) {
    fp::Widened operand;
    if (!ready(cpu) || !read_operand<form>(cpu, i, operand)) return;
    compare_with(cpu, cpu.state.fpu.empty(0), operand, fp::Comparison::Ordered, pops);
}

void test_zero(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    compare_with(cpu, cpu.state.fpu.empty(0), {}, fp::Comparison::Ordered, 0);
}

// FCOMI and its kin: ZF, PF, CF tell; OF, SF, AF become 0. C1 stays, though the manual says 0 (so the host chips).
template <fp::Comparison kind, bool pops>
void compare_to_flags(Cpu& cpu, const Instruction& i) {
    if (!ready(cpu)) return;
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    fp::Relation relation = fp::Relation::Unordered;
    bool goes_on = true;
    if (fpu.empty(0) || fpu.empty(i.rm)) [[unlikely]] {
        goes_on = stack_underflow(cpu);
    } else {
        fp::Context context = x87::context(fpu);
        relation = compare(fpu.st(0), fpu.st(i.rm), kind, context);
        context.rounded_up = (fpu.status & c1) != 0;
        goes_on = conclude(cpu, context);
    }
    switch (relation) {
        case fp::Relation::Less: cpu.flags.load(flag::CF); break;
        case fp::Relation::Equal: cpu.flags.load(flag::ZF); break;
        case fp::Relation::Greater: cpu.flags.load(0); break;
        case fp::Relation::Unordered: cpu.flags.load(flag::ZF | flag::PF | flag::CF); break;
    }
    if (pops && goes_on) fpu.pop();
}

template <Calculation what, bool pops>
Executor calculation_executor(const Row& row) {
    switch (row.operands[0]) {
        case Form::M32f: return with_memory<what, Form::M32f>;
        case Form::M64f: return with_memory<what, Form::M64f>;
        case Form::Mw: return with_memory<what, Form::Mw>;
        case Form::Md: return with_memory<what, Form::Md>;
        default: break;
    }
    // Between registers D8 goes to ST(0), DC and DE to ST(i).
    return (row.opcode & 4) != 0 ? with_register<what, true, pops> : with_register<what, false, false>;
}

template <unsigned pops>
Executor comparison_executor(const Row& row) {
    switch (row.operands[0]) {
        case Form::M32f: return compare_memory<Form::M32f, pops>;
        case Form::M64f: return compare_memory<Form::M64f, pops>;
        case Form::Mw: return compare_memory<Form::Mw, pops>;
        case Form::Md: return compare_memory<Form::Md, pops>;
        default: return compare_register<fp::Comparison::Ordered, pops>;
    }
}

}  // namespace

Executor arithmetic_executor(const Row& row) {
    switch (row.op) {
        case Op::Fadd:
        case Op::Fiadd: return calculation_executor<Calculation::Add, false>(row);
        case Op::Fmul:
        case Op::Fimul: return calculation_executor<Calculation::Multiply, false>(row);
        case Op::Fsub:
        case Op::Fisub: return calculation_executor<Calculation::Subtract, false>(row);
        case Op::Fsubr:
        case Op::Fisubr: return calculation_executor<Calculation::SubtractReversed, false>(row);
        case Op::Fdiv:
        case Op::Fidiv: return calculation_executor<Calculation::Divide, false>(row);
        case Op::Fdivr:
        case Op::Fidivr: return calculation_executor<Calculation::DivideReversed, false>(row);
        case Op::Faddp: return calculation_executor<Calculation::Add, true>(row);
        case Op::Fmulp: return calculation_executor<Calculation::Multiply, true>(row);
        case Op::Fsubp: return calculation_executor<Calculation::Subtract, true>(row);
        case Op::Fsubrp: return calculation_executor<Calculation::SubtractReversed, true>(row);
        case Op::Fdivp: return calculation_executor<Calculation::Divide, true>(row);
        case Op::Fdivrp: return calculation_executor<Calculation::DivideReversed, true>(row);
        case Op::Fcom:
        case Op::Ficom: return comparison_executor<0>(row);
        case Op::Fcomp:
        case Op::Ficomp: return comparison_executor<1>(row);
        case Op::Fcompp: return compare_register<fp::Comparison::Ordered, 2>;
        case Op::Fucom: return compare_register<fp::Comparison::Unordered, 0>;
        case Op::Fucomp: return compare_register<fp::Comparison::Unordered, 1>;
        case Op::Fucompp: return compare_register<fp::Comparison::Unordered, 2>;
        case Op::Ftst: return test_zero;
        case Op::Fcomi: return compare_to_flags<fp::Comparison::Ordered, false>;
        case Op::Fcomip: return compare_to_flags<fp::Comparison::Ordered, true>;
        case Op::Fucomi: return compare_to_flags<fp::Comparison::Unordered, false>;
        case Op::Fucomip: return compare_to_flags<fp::Comparison::Unordered, true>;
        default: return nullptr;
    }
}

}  // namespace retrace::x87
