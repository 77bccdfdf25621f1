// Retrace's program: options, a machine, a display, and the run.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "core/base/ensure.hpp"
#include "core/engine/interpreter.hpp"
#include "frontend/display.hpp"
#include "frontend/exit_code.hpp"
#include "frontend/machine_setup.hpp"
#include "frontend/options.hpp"
#include "frontend/runner.hpp"
#include "frontend/serial_stdio.hpp"
#include "frontend/signals.hpp"
#include "frontend/statistics.hpp"
#include "frontend/us_keyboard.hpp"
#include "frontend/verifier.hpp"
#if RETRACE_JIT
#include "jit/jit_engine.hpp"
#endif

using namespace retrace;

namespace {

// Mistakes in the list of actions are found before anything runs.
void check_actions(const Options& options) {
    for (const auto& action : options.actions)
        if (action.kind == Action::Kind::Key) chord(action.text);
}

std::unique_ptr<ExecutionEngine> make_engine(const Options& options, Cpu& cpu) {
    if (options.engine == "interpreter") return std::make_unique<Interpreter>(cpu);
#if RETRACE_JIT
    JitEngine::Tuning tuning;
    if (options.jit_perf == "map") tuning.profile = jit::Profile::Kind::Map;
    if (options.jit_perf == "dump") tuning.profile = jit::Profile::Kind::Dump;
    if (options.engine == "verify") tuning.threshold = 0;
    if (options.jit_threshold) tuning.threshold = *options.jit_threshold;
    return std::make_unique<JitEngine>(cpu, tuning);
#else
    throw UsageError("--engine " + options.engine + " needs an x86-64 host; leave it out, and the interpreter runs.");
#endif
}

int run_machine(const Options& options) {
    check_actions(options);
    if (options.engine == "verify" && options.writable)
        throw UsageError("--engine verify runs two machines, and only one can write to an image; leave out --writable.");
    auto setup = set_up_machine(options);
    const bool serial_on_terminal = std::ranges::any_of(options.serial, [](const auto& s) { return s.kind == SerialOption::Kind::Stdio; });
    if (serial_on_terminal && options.display == DisplayKind::Term) throw UsageError("--serial stdio and --display term both want the terminal; choose one.");

    Options effective = options;
    if (serial_on_terminal && !effective.display && !std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY")) effective.display = DisplayKind::None;
    const auto display = make_display(effective, StepRate{setup.config.steps_per_second});

    std::vector<std::unique_ptr<ByteSink>> sinks;
    for (const auto& port : options.serial) sinks.push_back(std::make_unique<ByteSink>(port));
    SerialTap tap{*sinks[0]};
    MachineHost host;
    host.audio = display->audio();
    host.serial = {&tap, sinks[1].get(), sinks[2].get(), sinks[3].get()};
    std::unique_ptr<ByteSink> console;
    if (options.debugcon) {
        const auto& path = options.debugcon->second;
        console = std::make_unique<ByteSink>(path.empty() ? SerialOption{SerialOption::Kind::Stdio, ""} : SerialOption{SerialOption::Kind::File, path});
        host.debug_console = [&console](u8 byte) { console->transmit(byte); };
    }

    Machine machine{setup.config, std::move(setup.disks), host, [&](Cpu& cpu) { return make_engine(options, cpu); }};
    if (!options.log.empty()) machine.log().open([](std::string_view line) { std::cerr << line << '\n'; }, options.log);

    std::optional<Verifier> verifier;
    if (options.engine == "verify")
        verifier.emplace(setup.config, set_up_machine(options).disks, host, [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); });

    note_signals();
    Runner runner{effective, machine, *display, tap, setup.guest};
    if (verifier) runner.verify_with(*verifier);
    int code = exit_code::host_trouble;
    try {
        code = runner.run();
    } catch (const InternalError& error) {
        std::cerr << "Retrace made a mistake, at " << machine.where() << ": " << error.what() << ".\nPlease report this, with the guest and the command line.\n";
        return exit_code::host_trouble;
    }
    for (auto& sink : sinks) sink->flush();
    if (console) console->flush();
    if (options.stats) {
        const auto json = statistics_json(machine, runner.wall_seconds(), code);
        if (options.stats->empty()) {
            std::cout << json;
        } else {
            std::ofstream file(*options.stats);
            file << json;
            if (!file.flush()) throw HostError("Cannot write the counters to " + *options.stats + ".");
        }
    }
    if (!options.log.empty())
        if (const auto doubts = machine.log().doubts(); !doubts.empty()) std::cerr << "Doubts:\n" << doubts;
    return code;
}

int main_or_throw(int argc, char** argv) {
    const auto options = parse_options(argc, argv);
    if (options.verb == Options::Verb::Version) {
        std::cout << "Retrace " RETRACE_VERSION "\n";
        return exit_code::done;
    }
    if (options.verb == Options::Verb::Help) {
        std::cout << help_text(options.topic);
        return exit_code::done;
    }
    if (options.cpu_help) {
        std::cout << cpu_help_text();
        return exit_code::done;
    }
    if (options.print_config) {
        std::cout << print_config(options);
        return exit_code::done;
    }
    return run_machine(options);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return main_or_throw(argc, argv);
    } catch (const UsageError& error) {
        std::cerr << "retrace: " << error.what() << '\n';
        return exit_code::usage;
    } catch (const HostError& error) {
        std::cerr << "retrace: " << error.what() << '\n';
        return exit_code::host_trouble;
    } catch (const std::exception& error) {
        std::cerr << "retrace: " << error.what() << '\n';
        return exit_code::host_trouble;
    }
}
