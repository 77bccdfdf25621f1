#include "jit/baseline/unit_forms.hpp"

#include "core/cpu/registers.hpp"
#include "jit/x64/functions.hpp"

namespace retrace::jit {

namespace {

bool within(Op op, Op first, Op last) { return op >= first && op <= last; }

// ---- MMX and SSE

bool computes(Op op) {
    return within(op, Op::Addps, Op::Sqrtsd) || within(op, Op::Cmpps, Op::Comisd) || within(op, Op::Addsubps, Op::Hsubpd) ||
           within(op, Op::Cvtpi2ps, Op::Cvttpd2dq) || within(op, Op::Roundps, Op::Roundsd) || op == Op::Stmxcsr || op == Op::Ldmxcsr;
}

bool vector_called(Op op) {
    switch (op) {
        case Op::Rcpps: case Op::Rcpss: case Op::Rsqrtps: case Op::Rsqrtss: case Op::Dpps: case Op::Dppd: case Op::Maskmovq: case Op::Maskmovdqu:
        case Op::Fxsave: case Op::Fxrstor: case Op::Pcmpestri: case Op::Pcmpestrm: case Op::Pcmpistri: case Op::Pcmpistrm: return true;
        default: return false;
    }
}

bool may_be_unaligned(Op op) { return op == Op::Movups || op == Op::Movupd || op == Op::Movdqu || op == Op::Lddqu; }

struct Operand {
    u8 units = 0, width = 0;   // width of what is in memory, or 0
    bool general = false, in_reg = false;
};
Operand operand_of(Form form) {
    switch (form) {
        case Form::Vx: case Form::Vq: case Form::Vd: return {unit::sse, 0, false, true};
        case Form::Ux: case Form::Xmm0: return {unit::sse};
        case Form::Wx: return {unit::sse, 16};
        case Form::Wq: return {unit::sse, 8};
        case Form::Wd: return {unit::sse, 4};
        case Form::Ww: return {unit::sse, 2};
        case Form::Pq: case Form::Pd: return {unit::x87, 0, false, true};
        case Form::Nq: return {unit::x87};
        case Form::Qq: return {unit::x87, 8};
        case Form::Qd: return {unit::x87, 4};
        case Form::Gd: return {0, 0, true, true};
        case Form::Ed: return {0, 4, true};
        case Form::Edw: return {0, 2, true};
        case Form::Edb: return {0, 1, true};
        case Form::Md: return {0, 4};
        case Form::Mq: return {0, 8};
        case Form::Mdq: return {0, 16};
        default: return {};
    }
}

UnitForm vector_form(const Instruction& i, const Row& row) {
    UnitForm form;
    form.emitted = !vector_called(row.op);
    form.computes = computes(row.op);
    if (row.op == Op::Emms) form.units = unit::x87;
    if (row.op == Op::Stmxcsr || row.op == Op::Ldmxcsr) form.units = unit::sse;
    for (std::size_t n = 0; n < row.operands.size(); ++n) {
        const Operand operand = operand_of(row.operands[n]);
        form.units |= operand.units;
        if (operand.width != 0) {
            form.width = operand.width;
            form.write = n == 0;
        }
        if (operand.general && (operand.in_reg || !i.has(Instruction::memory))) {
            (operand.in_reg ? form.reg_general : form.rm_general) = true;
            if (n == 0) form.general_written = operand.in_reg ? i.reg : i.rm;
        }
    }
    form.aligned = form.width == 16 && !may_be_unaligned(row.op);
    return form;
}

// ---- x87

UnitForm x87_form(const Instruction& i, const Row& row) {
    UnitForm form;
    form.x87 = form.emitted = true;
    form.units = unit::x87;
    if (within(row.op, Op::F2xm1, Op::Fxtract) || within(row.op, Op::Fldenv, Op::Fxrstor)) form.emitted = false;
    switch (row.op) {
        case Op::Fprem: case Op::Fprem1: case Op::Fyl2xp1: case Op::Fsincos: case Op::Fscale: case Op::Fsin: case Op::Fcos: case Op::Fbld: case Op::Fbstp:
            form.emitted = false;
            break;
        case Op::Fldcw: case Op::Fnstcw: case Op::Fnstsw: case Op::Fnclex: form.emitted = true; break;
        case Op::Fstp:
            if (i.opcode == 0xd9 && row.operands[0] == Form::Sti) form.emitted = false;   // no manual has it
            break;
        default: break;
    }
    form.function = function_of(row.op) < x87_functions;
    form.emitted = form.emitted || form.function;
    form.noted = !within(row.op, Op::Fldenv, Op::Fxrstor);
    switch (row.op) {
        case Op::Fnop: case Op::Ffree: case Op::Ffreep: case Op::Fincstp: case Op::Fdecstp: case Op::Fxam: break;
        default: form.raises = form.noted; break;
    }
    if (i.has(Instruction::memory)) {
        switch (row.operands[0]) {
            case Form::Mw: form.width = 2; break;
            case Form::M32f: case Form::Md: form.width = 4; break;
            case Form::M64f: case Form::Mq: form.width = 8; break;
            case Form::M80f: form.width = 10; break;
            default: form.emitted = false; break;
        }
        switch (row.op) {
            case Op::Fst: case Op::Fstp: case Op::Fist: case Op::Fistp: case Op::Fisttp: case Op::Fnstcw: case Op::Fnstsw: form.write = true; break;
            default: break;
        }
    } else if (row.op == Op::Fnstsw) {
        form.general_written = Eax;
    }
    return form;
}

}  // namespace

UnitForm unit_form(const Instruction& i) {
    const Row& row = row_of(i);
    if (i.has(Instruction::invalid | Instruction::too_long)) return {};
    return row.op >= Op::Emms ? vector_form(i, row) : x87_form(i, row);
}

bool may_unmask(const Instruction& i) {
    switch (row_of(i).op) {
        case Op::Fldcw: case Op::Fldenv: case Op::Frstor: case Op::Fxrstor: case Op::Ldmxcsr: return true;
        default: return false;
    }
}

bool touches_x87(const Row& row) {
    if (row.opcode >= 0xd8 && row.opcode <= 0xdf) return true;
    if (row.op == Op::Fxsave || row.op == Op::Fxrstor || row.op == Op::Emms) return true;
    for (const Form form : row.operands)
        if ((operand_of(form).units & unit::x87) != 0) return true;
    return false;
}

bool may_write(const Instruction& i, u8 general) {
    if (general == no_register) return false;
    const Row& row = row_of(i);
    const bool memory = i.has(Instruction::memory);
    const auto is = [&](u8 index) { return (i.operand_width == 1 ? index & 3 : index) == general; };
    if (is_unit_operation(row.op)) return unit_form(i).general_written == general;
    switch (row.op) {
        case Op::Cmp: case Op::Test: case Op::Nop: case Op::Wait: case Op::Jcc: case Op::JmpNear: return false;
        case Op::Add: case Op::Or: case Op::Adc: case Op::Sbb: case Op::And: case Op::Sub: case Op::Xor: case Op::Mov: {
            const Form first = row.operands[0];
            const bool loads = first == Form::Gb || first == Form::Gv || first == Form::Al || first == Form::Eax;
            return memory ? loads && is(i.reg) : is(i.rm);
        }
        case Op::Inc: case Op::Dec: case Op::Neg: case Op::Not: case Op::Shl: case Op::Shr: case Op::Sar: return !memory && is(i.rm);
        case Op::Lea: return i.reg == general;
        default: return true;
    }
}

}  // namespace retrace::jit
