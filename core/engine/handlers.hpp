// Handlers: what Instruction::execute points to, chosen once when a trace is built.
//
//   step_handlers.cpp    semantics over a Step, specialised by width and places
//   near_handlers.cpp    near branches, calls, returns, pushes and pops, specialised by width and condition
//   handlers.cpp         everything else: whole instructions, x87, what is invalid
#pragma once

#include "core/isa/instruction.hpp"
#include "core/isa/model.hpp"
#include "core/isa/rows.hpp"

namespace retrace {

// Chooses the handler of a decoded instruction, and brings its operands into the form the handler wants.
void prepare(Instruction& instruction, CpuModel model);

// Behind the last instruction of a trace that does not end its block.
void end_of_trace(Cpu& cpu, const Instruction& sentinel);

// The parts. Null: not theirs.
Executor step_handler(Instruction& instruction, const Row& row);
Executor shift_handler(Instruction& instruction, const Row& row);
Executor near_handler(const Instruction& instruction, const Row& row, CpuModel model);

}  // namespace retrace
