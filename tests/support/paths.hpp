// Where tests find the project, what it built, and the guests beside it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace retrace::test {

// The project's folder: tests run in it.
std::filesystem::path project_dir();
// The built `retrace`, if there is one (environment RETRACE_BINARY_DIR, else build/release).
std::optional<std::filesystem::path> retrace_binary();
// A file of ../shared (or RETRACE_SHARED); without it the caller says so and counts as skipped.
std::optional<std::filesystem::path> shared_file(const std::string& name);

// Says that a test was skipped and why; the summary of tools/test counts these lines.
void say_skipped(const std::string& why);

}  // namespace retrace::test
