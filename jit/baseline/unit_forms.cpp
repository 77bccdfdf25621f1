#include "jit/baseline/unit_forms.hpp"

#include "core/cpu/registers.hpp"

namespace retrace::jit {

namespace {

bool within(Op op, Op first, Op last) { return op >= first && op <= last; }

// ---- MMX and SSE

bool computes(Op op) {
    return within(op, Op::Addps, Op::Sqrtsd) || within(op, Op::Cmpps, Op::Comisd) || within(op, Op::Addsubps, Op::Hsubpd) ||
           within(op, Op::Cvtpi2ps, Op::Cvttpd2dq) || within(op, Op::Roundps, Op::Roundsd) || op == Op::Stmxcsr;
}

bool vector_called(Op op) {
    switch (op) {
        case Op::Rcpps: case Op::Rcpss: case Op::Rsqrtps: case Op::Rsqrtss: case Op::Dpps: case Op::Dppd: case Op::Maskmovq: case Op::Maskmovdqu:
        case Op::Ldmxcsr: case Op::Fxsave: case Op::Fxrstor: case Op::Pcmpestri: case Op::Pcmpestrm: case Op::Pcmpistri: case Op::Pcmpistrm: return true;
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
    if (row.op == Op::Stmxcsr) form.units = unit::sse;
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

}  // namespace

UnitForm unit_form(const Instruction& i) {
    const Row& row = row_of(i);
    if (i.has(Instruction::invalid | Instruction::too_long)) return {};
    if (row.op >= Op::Emms) return vector_form(i, row);
    return {};
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

}  // namespace retrace::jit
