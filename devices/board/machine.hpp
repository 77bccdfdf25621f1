// Machine: a whole PC as the outside sees it: run it, look at it, press its keys, change its disks.
//
// It is a function of its configuration, its disks and what came in through its input gate; nothing else enters.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "core/base/address.hpp"
#include "core/base/log.hpp"
#include "core/engine/execution_engine.hpp"
#include "core/replay/input_gate.hpp"
#include "devices/board/machine_config.hpp"
#include "devices/host/display.hpp"
#include "devices/host/key.hpp"
#include "devices/storage/media_shelf.hpp"
#include "devices/video/vga.hpp"

namespace retrace {

class Cpu;
class PcBoard;

// Makes the machine's engine. The board gives what an engine works on.
using EngineFactory = std::function<std::unique_ptr<ExecutionEngine>(Cpu&)>;

// Floppy drives A and B, ATA drives 0 to 3 (primary master, primary slave, secondary master, secondary slave), and a CD, whose drive takes
// the first free ATA place from the secondary channel's on.
struct MachineDisks {
    std::array<std::optional<Disk>, 2> floppy;
    std::array<std::optional<Disk>, 4> hard_disk;
    std::optional<Disk> cd;
};

class Machine {
public:
    // Why run() came back.
    enum class Stop : u8 { Reached, PowerOff, DebugExit, Reset };

    Machine(const MachineConfig& config, MachineDisks disks, const MachineHost& host, const EngineFactory& engine);
    ~Machine();
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // ---- running
    // Runs to `until` exactly, or less if the guest ends the run first. After Reset the machine has been reset and can go on.
    Stop run(Moment until);
    [[nodiscard]] Moment now() const;
    [[nodiscard]] StepRate rate() const;
    [[nodiscard]] int exit_code() const;           // after DebugExit
    [[nodiscard]] std::string reset_reason() const;  // after Reset
    void reset();                                  // the button; an input like any other

    // ---- looking; changes nothing
    [[nodiscard]] Frame picture() const;
    void picture(Frame& into) const;                 // quicker: uses the frame's memory again
    [[nodiscard]] Vga::Stamp picture_stamp() const;  // while it stays equal the picture stays the same
    [[nodiscard]] std::optional<TextScreen> text_screen() const;
    [[nodiscard]] std::optional<u8> peek(PhysicalAddress address) const;
    [[nodiscard]] bool keyboard_busy() const;       // a key's codes still wait to be read by the guest
    [[nodiscard]] std::string where() const;        // "0000:7c00" and the moment, for messages
    [[nodiscard]] const ExecutionEngine& engine() const;

    // ---- acting; all of it goes through the input gate
    void key(Key key, bool down);
    void mouse(int dx, int dy, int wheel, u8 buttons);
    void serial(unsigned port, std::span<const u8> bytes);
    u32 add_disk(Disk disk);                        // onto the shelf; its number
    void insert(unsigned floppy_drive, u32 disk);   // 0 takes the disk out
    void insert_cd(u32 disc);                       // 0 takes it out; does nothing on a machine without a drive
    [[nodiscard]] u32 floppy(unsigned drive) const; // which number lies in it, 0 none
    [[nodiscard]] InputGate& input();
    [[nodiscard]] Log& log();

    // ---- state
    void visit(StateVisitor& visitor);
    [[nodiscard]] std::vector<u8> save_state();
    void load_state(std::span<const u8> saved);     // throws HostError; then the machine must not be run
    [[nodiscard]] u64 digest();

private:
    std::unique_ptr<PcBoard> board_;
};

}  // namespace retrace
