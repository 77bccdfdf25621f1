// Verifier: a second machine under the interpreter goes the same way as the one that runs, gets the same inputs at the same moments, and every
// so often their states are compared. When they differ, both go back to where they were last equal, and the first instruction that differs
// is searched for.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "devices/board/machine.hpp"

namespace retrace {

class Cpu;

class Verifier {
public:
    // The same configuration, disks and connections as the machine's, and the reference engine.
    Verifier(const MachineConfig& config, MachineDisks disks, const MachineHost& host, const EngineFactory& reference);

    // After each run() of the machine. Nothing: equal so far. Else what differs, for the user.
    std::optional<std::string> follow(Machine& machine);
    // Compares now, however little was run since the last time.
    std::optional<std::string> compare(Machine& machine);

private:
    struct Equal {                       // a moment at which both were equal
        Moment moment{};
        std::vector<u8> machine, twin;
        std::size_t inputs = 0;          // of the recording that were in
    };

    void run(Machine& machine, Moment until, std::size_t first_input, const Recording& inputs) const;
    std::string locate(Machine& machine);
    [[nodiscard]] std::string instruction_at(Machine& twin) const;

    struct Silent final : SerialPort {   // what is connected is seen by the guest; what it hears is nobody's business here
        void transmit(u8) override {}
    };

    Cpu* cpu_ = nullptr;                 // of the twin
    Silent silent_;
    Machine twin_;
    Equal equal_;
};

}  // namespace retrace
