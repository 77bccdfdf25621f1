// Runs a program and keeps what it said.
#pragma once

#include <string>
#include <vector>

namespace retrace::test {

struct Outcome {
    int exit_code = -1;  // 128 + n if signal n ended it
    std::string out, err;
};

// Standard input is empty. A program that takes longer than `seconds` is killed.
Outcome run(const std::vector<std::string>& command, unsigned seconds = 300);

}  // namespace retrace::test
