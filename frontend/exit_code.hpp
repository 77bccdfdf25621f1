// Exit codes of the program, as the command-line contract lists them.
#pragma once

namespace retrace::exit_code {

constexpr int done = 0, host_trouble = 1, usage = 2, expectation = 3, reset = 4, diverged = 5, timeout = 124, signal_base = 128;

}  // namespace retrace::exit_code
