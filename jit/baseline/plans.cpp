// What is emitted and what is called, and which flags an instruction is sure to overwrite.
#include "jit/baseline/operand_forms.hpp"
#include "jit/baseline/translator.hpp"

namespace retrace::jit {

// The flags an instruction certainly overwrites.
u32 Translator::written(const Instruction& i) {
    const Row& row = row_of(i);
    if (i.has(Instruction::patched)) return 0;   // perhaps not for ever
    switch (row.op) {
        case Op::Shl: case Op::Shr: case Op::Sar: case Op::Rol: case Op::Ror: case Op::Rcl: case Op::Rcr:
            if (by_cl(row) || (i.immediate & 31) == 0) return 0;
            return (row.op == Op::Shl || row.op == Op::Shr || row.op == Op::Sar) ? flag::status : flag::CF | flag::OF;
        case Op::Add: case Op::Or: case Op::Adc: case Op::Sbb: case Op::And: case Op::Sub: case Op::Xor: case Op::Cmp: case Op::Test: case Op::Neg:
        case Op::Mul: case Op::Imul: case Op::Imul2: return flag::status;
        case Op::Inc: case Op::Dec: return flag::status & ~flag::CF;
        case Op::Cmc: case Op::Clc: case Op::Stc: case Op::Bt: case Op::Bts: case Op::Btr: case Op::Btc: return flag::CF;
        case Op::Bsf: case Op::Bsr: case Op::Cmpxchg: case Op::Xadd: return flag::status;
        case Op::Scas: case Op::Cmps: return i.has(Instruction::rep | Instruction::repne) ? 0 : flag::status;
        case Op::Shld: case Op::Shrd: return (i.opcode & 1) == 0 && (i.immediate & 31) != 0 ? flag::status : 0;
        case Op::Sahf: return flag::status & ~flag::OF;
        case Op::Comiss: case Op::Comisd: case Op::Ucomiss: case Op::Ucomisd: case Op::Ptest: case Op::Fcomi: case Op::Fcomip: case Op::Fucomi: case Op::Fucomip:
            return flag::status;
        default: return 0;
    }
}

Translator::Plan Translator::plan(const Instruction& i, u32 live, u32 readers) const {
    using enum Plan;
    if (emit_nothing || i.has(Instruction::invalid | Instruction::too_long | Instruction::patched)) return Call;
    const Row& row = row_of(i);
    const bool memory = i.has(Instruction::memory);
    const unsigned width = i.operand_width;
    const auto rotated = [&](unsigned index) { return memory && high_byte(index, width); };   // AH and its like beside r8
    switch (row.op) {
        case Op::Add: case Op::Or: case Op::Adc: case Op::Sbb: case Op::And: case Op::Sub: case Op::Xor: case Op::Cmp: case Op::Test: case Op::Mov: case Op::Xchg:
            return !has_immediate(row) && rotated(i.reg) && (!has_bmi2_ || row.op == Op::Xchg) ? Call : Emit;
        case Op::Inc: case Op::Dec: case Op::Not: case Op::Neg: case Op::Lea: case Op::Cmovcc: case Op::Setcc: case Op::Nop: case Op::Pause: case Op::Lfence: case Op::Mfence: case Op::Sfence: case Op::Cbw: case Op::Cwd:
            return Emit;
        case Op::Movzx: case Op::Movsx:
            return !memory && row.operands[1] == Form::Eb && i.rm >= 4 && i.reg == Esp ? Call : Emit;
        case Op::Bswap: return width == 4 ? Emit : Call;
        case Op::Shl: case Op::Shr: case Op::Sar: case Op::Rol: case Op::Ror: {
            if (by_cl(row)) {   // an 8086 masks no count
                const bool shifts = row.op == Op::Shl || row.op == Op::Shr || row.op == Op::Sar;
                return cpu_.model() != CpuModel::I8086 && (live == 0 || (shifts && width == 4 && !memory)) ? Emit : Call;
            }
            const unsigned count = i.immediate & 31;
            if (count == 0) return memory ? Call : Emit;
            return count >= width * 8 ? Call : Emit;
        }
        case Op::Rcl: case Op::Rcr: return !by_cl(row) && (i.immediate & 31) == 1 ? Emit : Call;
        case Op::Mul: case Op::Imul: case Op::Imul2: return Emit;
        case Op::Div: return Emit;
        case Op::Idiv:   // an 8086 refuses the most negative quotient
            return cpu_.model() == CpuModel::I8086 || (!memory && high_byte(i.rm, width)) ? Call : Emit;
        case Op::Clc: case Op::Stc: case Op::Cmc: case Op::Cld: case Op::Std: return Emit;
        case Op::Push: return i.opcode == 0x54 && width == 2 ? Call : Emit;
        case Op::Pop: return i.opcode == 0x8f ? Call : Emit;
        case Op::Leave: return mode_->stack32 && width == 4 ? Emit : Call;
        case Op::Wait: return mode_->x87 ? Emit : Call;   // nothing to wait for
        case Op::Bt: case Op::Bts: case Op::Btr: case Op::Btc: return !memory || i.opcode == 0xba ? Emit : Call;
        case Op::Bsf: case Op::Bsr: return !memory && (readers & ~flag::ZF) == 0 ? Emit : Call;
        case Op::Shld: case Op::Shrd: return width == 4 && !memory && ((i.opcode & 1) == 0 || live == 0) ? Emit : Call;
        case Op::Cmpxchg: case Op::Xadd: return rotated(i.reg) ? Call : Emit;
        case Op::Lahf: case Op::Sahf: case Op::Xlat: case Op::PushSeg: return Emit;
        case Op::Movs: case Op::Stos: case Op::Lods: case Op::Scas: case Op::Cmps: return i.has(Instruction::rep | Instruction::repne) ? Call : Emit;
        case Op::Pusha: case Op::Popa: {
            const SegmentClass kind = mode_->segment[stack];   // where nothing but the end of a page or of the segment comes between
            return kind == SegmentClass::Flat || (kind == SegmentClass::Real && width == 2) || (kind == SegmentClass::General && mode_->stack32) ? Emit : Call;
        }
        case Op::MovFromSeg: return memory || i.reg > 5 ? Call : Emit;
        case Op::MovToSeg: case Op::PopSeg: return loads_base(i) || reloads_segment(i) ? Emit : Call;
        default: return is_unit_operation(row.op) && can_emit_unit(i) ? Emit : Call;
    }
}
}  // namespace retrace::jit
