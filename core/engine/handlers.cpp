#include "core/engine/handlers.hpp"

#include <array>
#include <utility>

#include "core/engine/proceed.hpp"
#include "core/semantics/arithmetic.hpp"
#include "core/semantics/simd.hpp"
#include "core/semantics/whole/whole.hpp"
#include "core/semantics/x87.hpp"

namespace retrace {

namespace {

// ---- whole instructions

[[gnu::always_inline]] inline bool permitted(Cpu& cpu, const Instruction& i) {
    const u16 kind = row_of(i).kind;
    if ((kind & kind::protected_only) && cpu.real_or_v86()) return cpu.raise(vector::UD);
    if ((kind & kind::privileged) && cpu.protected_mode() && cpu.state.cpl != 0) return cpu.raise(vector::GP, 0);
    return true;
}

template <WholeBody body, bool guarded>
void run_whole(Cpu& cpu, const Instruction& i) {
    cpu.run.current = &i;
    if ((guarded && !permitted(cpu, i)) || !body(cpu, i) || cpu.run.stop) [[unlikely]] return;
    cpu.run.current = nullptr;
    return proceed(cpu, i);
}

// Ends a block: eip is set whatever it does.
template <WholeBody body, bool guarded>
void run_whole_ending(Cpu& cpu, const Instruction& i) {
    cpu.run.current = &i;
    cpu.state.eip = cpu.next_eip();
    if ((guarded && !permitted(cpu, i)) || !body(cpu, i)) [[unlikely]] return;
    // Settling is for what stopped, for tasks that were switched, and for repetitions.
    if (cpu.run.stop || cpu.run.eip_is_set || cpu.run.repeats != 0) return;
    cpu.run.current = nullptr;
    return chain(cpu);
}

struct Variants {
    Executor plain = nullptr, ending = nullptr, plain_guarded = nullptr, ending_guarded = nullptr;
};

template <Op op>
constexpr Variants variants() {
    if constexpr (is_whole<op>) {
        constexpr WholeBody body = semantics<op>.body;
        return {run_whole<body, false>, run_whole_ending<body, false>, run_whole<body, true>, run_whole_ending<body, true>};
    } else {
        return {};
    }
}

constexpr std::size_t op_count = static_cast<std::size_t>(Op::Count);

template <std::size_t... index>
constexpr auto make_variants(std::index_sequence<index...>) {
    return std::array<Variants, op_count>{variants<static_cast<Op>(index)>()...};
}
constexpr auto whole_variants = make_variants(std::make_index_sequence<op_count>{});

template <std::size_t... index>
constexpr auto make_known(std::index_sequence<index...>) {
    return std::array<bool, op_count>{has_semantics<static_cast<Op>(index)>...};
}
constexpr auto known = make_known(std::make_index_sequence<op_count>{});

constexpr bool is_x87(const Row& row) { return row.opcode >= 0xd8 && row.opcode <= 0xdf; }

// An operation of the integer set without semantics does not compile. Later extensions are #UD until they have theirs.
constexpr Op integer_operation_without_semantics() {
    for (const Row& row : rows)
        if (row.op != Op::Invalid && row.since <= Since::I686 && !is_x87(row) && !known[static_cast<std::size_t>(row.op)]) return row.op;
    return Op::Invalid;
}
template <Op op>
constexpr bool every_operation_has_semantics = op == Op::Invalid;
static_assert(every_operation_has_semantics<integer_operation_without_semantics()>);

// ---- x87, MMX, SSE

const std::array<Executor, rows.size()> vector_or_x87 = [] {
    std::array<Executor, rows.size()> all{};
    for (std::size_t at = 1; at < rows.size(); ++at) {
        all[at] = x87_executor(rows[at]);
        if (!all[at]) all[at] = simd_executor(rows[at]);
    }
    return all;
}();

void run_vector_or_x87(Cpu& cpu, const Instruction& i) {
    cpu.run.current = &i;
    vector_or_x87[i.row](cpu, i);
    if (cpu.fault.pending || cpu.run.stop) return;
    cpu.run.current = nullptr;
    return proceed(cpu, i);
}

// ---- what is no instruction

void invalid(Cpu& cpu, const Instruction& i) {
    cpu.run.current = &i;
    cpu.raise(vector::UD);
}

void too_long(Cpu& cpu, const Instruction& i) {
    cpu.run.current = &i;
    cpu.raise(vector::GP, 0);
}

}  // namespace

void end_of_trace(Cpu& cpu, const Instruction& sentinel) {
    cpu.state.eip = cpu.run.eip + sentinel.offset;
    return chain(cpu);
}

void prepare(Instruction& i, CpuModel model) {
    if (i.has(Instruction::too_long)) {
        i.execute = too_long;
        return;
    }
    if (i.has(Instruction::invalid)) {
        i.execute = invalid;
        i.traits |= Instruction::ends_block;
        return;
    }
    const Row& row = row_of(i);
    if ((row.kind & kind::string) && i.has(Instruction::rep | Instruction::repne)) i.traits |= Instruction::ends_block;
    if ((i.execute = near_handler(i, row, model))) return;
    if ((i.execute = step_handler(i, row))) return;
    if ((i.execute = shift_handler(i, row))) return;
    if (row.op == Op::Push && i.opcode == 0x54) {
        i.execute = run_whole<whole::push_stack_pointer, false>;
        return;
    }
    const Variants& variants = whole_variants[static_cast<std::size_t>(row.op)];
    if (variants.plain) {
        const bool guarded = (row.kind & (kind::protected_only | kind::privileged)) != 0;
        if (i.has(Instruction::ends_block)) i.execute = guarded ? variants.ending_guarded : variants.ending;
        else i.execute = guarded ? variants.plain_guarded : variants.plain;
        return;
    }
    if (vector_or_x87[i.row]) {
        i.execute = run_vector_or_x87;
        return;
    }
    i.execute = invalid;
    i.traits |= Instruction::ends_block;
}

}  // namespace retrace
