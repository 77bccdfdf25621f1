// Options: what the user asked for, as plain data, and the parser of command line and configuration files.
// The contract is the command-line page of the README: spellings, ranges, exit codes.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "core/base/types.hpp"
#include "core/isa/model.hpp"

namespace retrace {

// A usage mistake: one sentence for the user, exit code 2.
class UsageError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

enum class Pace : u8 { Real, Max };
enum class DisplayKind : u8 { Sdl, Term, None };

// One entry of the list of things to do and to look at, in the order of the command line.
struct Action {
    enum class Kind : u8 { Expect, ExpectSerial, Within, Type, Key, Wait, Screenshot, Text };
    Kind kind = Kind::Wait;
    std::string text;      // what to expect or type, a key chord, a file
    double seconds = 0;    // Within, Wait: virtual seconds
};

// Where a serial port's bytes go.
struct SerialOption {
    enum class Kind : u8 { Null, Stdio, File };
    Kind kind = Kind::Null;
    std::string path;
};

struct Options {
    enum class Verb : u8 { Run, Version, Help };
    Verb verb = Verb::Run;
    std::string topic;  // of help

    std::string thing;                       // looked at by content
    std::optional<std::string> fda, fdb, hda, hdb, hdc, hdd, cdrom;
    bool writable = false;
    std::string boot;                        // letters a c d, in order; empty: what there is
    std::optional<std::string> kernel, initrd;
    std::string append;
    std::optional<std::string> bios, vgabios, rom;
    u32 memory_mib = 64;
    CpuModel cpu = CpuModel::Max;
    std::optional<u64> steps_per_second;     // --speed
    std::optional<Pace> pace;                // default by display
    std::optional<u32> jit_threshold;  // executions before a piece of guest code is translated; 0: at once
    std::string jit_perf;               // "map" or "dump"
    std::string engine = RETRACE_DEFAULT_ENGINE;  // the JIT where the host has one
    std::optional<DisplayKind> display;      // default: what the host has
    SerialOption serial[4];
    std::optional<std::pair<u16, std::string>> debugcon;  // port, path ("" is standard output)
    std::optional<u16> debug_exit;
    std::string start_of_time;               // ISO 8601, "now", or "" for the fixed default
    bool no_reboot = false;
    std::optional<double> timeout;           // wall-clock seconds
    std::optional<u64> max_steps;
    std::optional<std::string> stats;        // "" is standard output
    std::vector<Action> actions;
    bool then_continue = false;
    std::string log;                         // channels
    std::string host_key = "rctrl";
    bool print_config = false;
    bool cpu_help = false;
};

// Throws UsageError.
Options parse_options(int argc, const char* const* argv);

// The effective settings as key = value lines, such as a configuration file holds.
std::string print_config(const Options& options);

// What `help` prints: an overview, or what is known about an option or topic. Throws UsageError for an unknown topic.
std::string help_text(const std::string& topic);

// The table of `--cpu help`.
std::string cpu_help_text();

// The name among `names` that was probably meant by `word`, or "".
std::string nearest(const std::string& word, const std::vector<std::string>& names);

}  // namespace retrace
