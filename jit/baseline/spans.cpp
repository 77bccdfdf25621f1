#include "jit/baseline/spans.hpp"

#include <algorithm>
#include <optional>

#include "core/cpu/registers.hpp"
#include "core/isa/rows.hpp"
#include "jit/baseline/unit_forms.hpp"
#include "jit/x64/frame.hpp"

namespace retrace::jit {

namespace {

// Pages 0 and FFFFF are never in a span, so sums of a register and distances below this do not wrap.
constexpr i32 most_distance = 0x700, most_extent = 0x400;

// A register as it was at the beginning, plus something; or anything.
struct Value {
    bool known = true;
    u8 base = 0;
    i32 plus = 0;
};

struct Access {
    u32 instruction = 0;
    u8 base = 0;
    i32 at = 0;
    u8 width = 0;
    bool read = true, write = false;
};

bool loads_register(const Row& row) {
    const Form form = row.operands[0];
    return form == Form::Gb || form == Form::Gv || form == Form::Al || form == Form::Eax;
}

class Tracker {
public:
    explicit Tracker(const Mode& mode) : mode_{mode} {
        for (u8 n = 0; n < 8; ++n) values_[n].base = n;
    }

    std::optional<Access> access(const Instruction& i) const {
        const Row& row = row_of(i);
        const auto near = [&](u8 reg, i32 plus, unsigned width, bool write, unsigned segment) -> std::optional<Access> {
            const Value& value = values_[reg];
            if (!value.known || mode_.segment[segment] != SegmentClass::Flat || std::abs(plus) > most_distance) return std::nullopt;
            const i32 at = value.plus + plus;
            if (std::abs(at) > most_distance) return std::nullopt;
            const bool stores = row.op == Op::Mov || row.op == Op::Setcc;
            return Access{0, value.base, at, static_cast<u8>(width), !write || !stores, write};
        };
        const bool stack = mode_.stack32 && i.operand_width == 4;
        constexpr unsigned ss = 2;
        if (is_unit_operation(row.op)) {
            const UnitForm form = unit_form(i);
            const bool simple = i.has(Instruction::memory) && i.has(Instruction::address32) && i.base != no_register && i.index == no_register && !form.aligned;
            if (!simple) return std::nullopt;
            return near(i.base, static_cast<i32>(i.displacement), form.width, form.write, i.segment);
        }
        switch (row.op) {
            case Op::Pusha: case Op::Popa: case Op::PushSeg: case Op::PopSeg: case Op::Xlat: case Op::Lods: case Op::Stos: case Op::Movs: case Op::Scas: case Op::Cmps:
            case Op::Lea: case Op::Nop: case Op::Div: case Op::Idiv: case Op::JmpIndirect: case Op::CallIndirect: return std::nullopt;
            case Op::Push: case Op::CallNear: return stack && !i.has(Instruction::memory) ? near(Esp, -4, 4, true, ss) : std::nullopt;
            case Op::Pop: return stack && !i.has(Instruction::memory) ? near(Esp, 0, 4, false, ss) : std::nullopt;
            case Op::RetNear: return stack && mode_.code_limit == 0xffffffff ? near(Esp, 0, 4, false, ss) : std::nullopt;
            case Op::Leave: return stack ? near(Ebp, 0, 4, false, ss) : std::nullopt;
            default: break;
        }
        const i32 displacement = static_cast<i32>(i.displacement);
        if (!i.has(Instruction::memory) || !i.has(Instruction::address32) || i.base == no_register || i.index != no_register) return std::nullopt;
        unsigned width = i.operand_width;
        bool write = true;
        switch (row.op) {
            case Op::Movzx: case Op::Movsx:
                width = row.operands[1] == Form::Eb ? 1 : 2;
                write = false;
                break;
            case Op::Setcc: width = 1; break;
            case Op::Cmp: case Op::Test: case Op::Cmovcc: case Op::Mul: case Op::Imul: case Op::Imul2: write = false; break;
            default: write = !loads_register(row); break;
        }
        return near(i.base, displacement, width, write, i.segment);
    }

    void follow(const Instruction& i, bool emitted) {
        if (!emitted) {
            for (Value& value : values_) value.known = false;
            return;
        }
        const Row& row = row_of(i);
        const bool memory = i.has(Instruction::memory), wide = i.operand_width == 4;
        const auto forget = [&](unsigned reg) { values_[i.operand_width == 1 ? reg & 3 : reg].known = false; };
        const auto add = [&](unsigned reg, i32 plus) {
            Value& value = values_[reg];
            if (!wide || std::abs(plus) > most_distance || std::abs(value.plus + plus) > most_distance) value.known = false;
            value.plus += plus;
        };
        if (is_unit_operation(row.op)) {
            if (const u8 written = unit_form(i).general_written; written != no_register) values_[written].known = false;
            return;
        }
        switch (row.op) {
            case Op::Cmp: case Op::Test: case Op::Nop: case Op::Clc: case Op::Stc: case Op::Cmc: case Op::Jcc: case Op::JmpNear: case Op::Out: break;
            case Op::Add: case Op::Sub:
                if (memory || row.operands[1] == Form::Gb || row.operands[1] == Form::Gv || row.operands[1] == Form::Eb || row.operands[1] == Form::Ev) {
                    if (!memory) forget(i.rm);
                    else if (loads_register(row)) forget(i.reg);
                } else if (wide && std::abs(static_cast<i64>(static_cast<i32>(i.immediate))) <= most_distance) {
                    add(i.rm, row.op == Op::Add ? static_cast<i32>(i.immediate) : -static_cast<i32>(i.immediate));
                } else {
                    forget(i.rm);
                }
                break;
            case Op::Inc: case Op::Dec:
                if (memory) break;
                if (wide) add(i.rm, row.op == Op::Inc ? 1 : -1);
                else forget(i.rm);
                break;
            case Op::Mov:
                if (!memory && wide && (row.operands[1] == Form::Gv || row.operands[1] == Form::Ev)) values_[i.rm] = values_[i.reg];
                else if (!memory) forget(i.rm);
                else if (loads_register(row)) forget(i.reg);
                break;
            case Op::Lea: {
                const i32 plus = static_cast<i32>(i.displacement);
                if (wide && i.has(Instruction::address32) && i.base != no_register && i.index == no_register && std::abs(static_cast<i64>(plus)) <= most_distance) {
                    values_[i.reg] = values_[i.base];
                    add(i.reg, plus);
                } else {
                    forget(i.reg);
                }
                break;
            }
            case Op::Push:
                if (wide && mode_.stack32) add(Esp, -4);
                else values_[Esp].known = false;
                break;
            case Op::Pop:
                if (wide && mode_.stack32) add(Esp, 4);
                else values_[Esp].known = false;
                values_[i.rm].known = false;
                break;
            case Op::Leave:
                values_[Esp] = values_[Ebp];
                add(Esp, 4);
                values_[Ebp].known = false;
                break;
            case Op::Xchg:
                if (!memory) forget(i.rm);
                forget(i.reg);
                break;
            case Op::Imul2: case Op::Movzx: case Op::Movsx: case Op::Cmovcc: values_[i.reg].known = false; break;
            case Op::Mul: case Op::Imul: case Op::Div: case Op::Idiv:
                values_[Eax].known = values_[Edx].known = false;
                break;
            case Op::Lods: case Op::Stos: case Op::Movs: case Op::Scas: case Op::Cmps:
                for (const unsigned index : {Eax, Esi, Edi}) values_[index].known = false;
                break;
            case Op::Pusha: case Op::Popa: case Op::PushSeg: case Op::PopSeg:
                for (Value& value : values_) value.known = false;
                break;
            case Op::Xlat: case Op::Lahf: values_[Eax].known = false; break;
            case Op::Sahf: case Op::MovToSeg: break;
            case Op::Bsf: case Op::Bsr: values_[i.reg].known = false; break;
            case Op::Cmpxchg:
                values_[Eax].known = false;
                if (!memory) forget(i.rm);
                break;
            case Op::Xadd:
                if (!memory) forget(i.rm);
                forget(i.reg);
                break;
            case Op::Cbw: case Op::In: values_[Eax].known = false; break;
            case Op::Cwd: values_[Edx].known = false; break;
            case Op::Setcc:
                if (!memory) values_[i.rm & 3].known = false;
                break;
            default:
                if (!memory) forget(i.rm);
                else if (loads_register(row)) forget(i.reg);
                break;
        }
    }

private:
    const Mode& mode_;
    std::array<Value, 8> values_{};
};

}  // namespace

Spans find_spans(std::span<const Instruction> block, std::span<const bool> emitted, const Mode& mode) {
    Spans spans;
    spans.of.fill(-1);
    Tracker tracker{mode};
    std::vector<Access> accesses;
    for (u32 n = 0; n < block.size(); ++n) {
        if (emitted[n])
            if (auto access = tracker.access(block[n])) {
                access->instruction = n;
                accesses.push_back(*access);
            }
        tracker.follow(block[n], emitted[n]);
    }
    // One span for each register, around its first access.
    for (u8 base = 0; base < 8; ++base) {
        Span span{.base = base};
        std::vector<u32> inside;
        for (const Access& access : accesses) {
            if (access.base != base) continue;
            const i32 end = access.at + access.width;
            if (inside.empty()) {
                span.first = access.at;
                span.end = end;
            }
            const i32 first = std::min(span.first, access.at), last = std::max(span.end, end);
            if (last - first > most_extent) continue;
            span.first = first;
            span.end = last;
            span.read |= access.read;
            span.write |= access.write;
            inside.push_back(access.instruction);
        }
        if (inside.size() < 3 || spans.all.size() == most_spans) continue;
        for (const u32 n : inside) spans.of[n] = static_cast<i8>(spans.all.size());
        spans.all.push_back(span);
    }
    return spans;
}

}  // namespace retrace::jit
