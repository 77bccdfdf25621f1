// Disassembler: an Instruction to text, in Intel's syntax as Capstone writes it.
#pragma once

#include <string>

#include "core/isa/instruction.hpp"

namespace retrace {

// `eip` is the offset of the instruction, for the targets of relative branches.
std::string disassemble(const Instruction& instruction, u32 eip);

}  // namespace retrace
