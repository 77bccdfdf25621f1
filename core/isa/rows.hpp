// rows: the whole instruction set, one table. Row 0 is Op::Invalid; Instruction::row is an index into it.
#pragma once

#include "core/isa/instruction.hpp"
#include "core/isa/row.hpp"
#include "core/isa/rows/arithmetic_rows.hpp"
#include "core/isa/rows/control_rows.hpp"
#include "core/isa/rows/data_rows.hpp"
#include "core/isa/rows/mmx_rows.hpp"
#include "core/isa/rows/sse4_rows.hpp"
#include "core/isa/rows/sse_rows.hpp"
#include "core/isa/rows/string_rows.hpp"
#include "core/isa/rows/system_rows.hpp"
#include "core/isa/rows/x87_rows.hpp"

namespace retrace {

namespace isa {

template <std::size_t... Sizes>
constexpr auto concatenate(const std::array<Row, Sizes>&... parts) {
    std::array<Row, (0 + ... + Sizes)> all{};
    std::size_t at = 0;
    const auto append = [&](const auto& part) {
        for (const Row& row : part) all[at++] = row;
    };
    (append(parts), ...);
    return all;
}

inline constexpr std::array invalid_row{Row{.mnemonic = "(bad)", .kind = kind::ends_block}};

}  // namespace isa

inline constexpr auto rows = isa::concatenate(isa::invalid_row, isa::arithmetic_rows, isa::data_rows, isa::string_rows, isa::control_rows,
                                              isa::system_rows, isa::x87_rows, isa::mmx_rows, isa::sse_rows, isa::sse4_rows);

constexpr const Row& row_of(const Instruction& instruction) { return rows[instruction.row]; }

constexpr bool has_form(const Row& row, Form form) {
    return row.operands[0] == form || row.operands[1] == form || row.operands[2] == form;
}

// How many opcodes, from Row::opcode on, a row is for.
constexpr unsigned opcodes_of(const Row& row) {
    for (const char* letter = row.mnemonic; *letter; ++letter)
        if (*letter == '*') return 16;
    return has_form(row, Form::Zb) || has_form(row, Form::Zv) ? 8u - (row.opcode & 7u) : 1u;
}

constexpr bool has_modrm(Form form) {
    using enum Form;
    switch (form) {
        case None: case Ib: case Ibs: case Iw: case Iz: case Iv: case One: case Jb: case Jz: case Ap: case Ob: case Ov: case Zb: case Zv:
        case Al: case Ax: case Eax: case Cl: case Dx: case Es: case Cs: case Ss: case Ds: case Fs: case Gs: case Xb: case Xv: case Yb: case Yv:
        case St0: case Xmm0: return false;
        default: return true;
    }
}

constexpr bool has_modrm(const Row& row) {
    if (row.reg >= 0 || row.modrm >= 0 || (row.kind & (kind::mem_only | kind::reg_only))) return true;
    for (const Form form : row.operands)
        if (has_modrm(form)) return true;
    return false;
}

}  // namespace retrace
