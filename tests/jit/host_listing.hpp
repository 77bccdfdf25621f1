// Emitted code as text that is the same on every host and in every run: places in Cpu have their names, jumps lead to labels, and what only
// says where something lies on this host is a word.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/cpu/cpu.hpp"

namespace retrace::test {

// One line an instruction, labels on lines of their own (they end with a colon). `rare_N` lies behind the given code, `engine_N` before it:
// each is numbered as it is met.
std::vector<std::string> host_listing(std::span<const u8> code, const Cpu& cpu);
// Guest code, one line an instruction: its bytes and its text.
std::vector<std::string> guest_listing(std::span<const u8> code, u32 eip, bool code32);
[[nodiscard]] unsigned count_instructions(const std::vector<std::string>& listing);

// What has to be done to `before` to become `after`, one line each: "- " goes, "+ " comes, "  " stays. Empty if they are equal.
std::string line_difference(const std::vector<std::string>& before, const std::vector<std::string>& after);

}  // namespace retrace::test
