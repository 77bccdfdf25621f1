#include "devices/board/machine.hpp"

#include "core/state/visitors.hpp"
#include "devices/board/pc_board.hpp"

namespace retrace {

Machine::Machine(const MachineConfig& config, MachineDisks disks, const MachineHost& host, const EngineFactory& engine)
    : board_{std::make_unique<PcBoard>(config, std::move(disks), host, engine)} {}

Machine::~Machine() = default;

// ---- running

Machine::Stop Machine::run(Moment until) { return board_->run(until); }
Moment Machine::now() const { return board_->scheduler.now(); }
StepRate Machine::rate() const { return board_->scheduler.rate(); }
int Machine::exit_code() const { return board_->exit_code; }
std::string Machine::reset_reason() const { return board_->reset_reason; }
void Machine::reset() { board_->gate.post("reset", {}); }

// ---- looking

Frame Machine::picture() const { return board_->vga.render(); }
void Machine::picture(Frame& into) const { board_->vga.render(into); }
Vga::Stamp Machine::picture_stamp() const { return board_->vga.stamp(); }
std::optional<TextScreen> Machine::text_screen() const { return board_->vga.text(); }
std::optional<u8> Machine::peek(PhysicalAddress address) const { return board_->memory.peek(address); }
bool Machine::keyboard_busy() const { return (board_->ports.peek(0x64).value_or(0) & 1) != 0 || board_->keyboard.ps2_ready(); }
std::string Machine::where() const { return "step " + std::to_string(now().step) + ", " + board_->cpu.where(); }
const ExecutionEngine& Machine::engine() const { return *board_->engine; }

// ---- acting

void Machine::key(Key key, bool down) {
    const u8 data[] = {static_cast<u8>(key), static_cast<u8>(down)};
    board_->gate.post("key", data);
}

void Machine::mouse(int dx, int dy, int wheel, u8 buttons) {
    const auto low = [](int value) { return static_cast<u8>(value); };
    const auto high = [](int value) { return static_cast<u8>(value >> 8); };
    const u8 data[] = {low(dx), high(dx), low(dy), high(dy), low(wheel), buttons};
    board_->gate.post("mouse", data);
}

void Machine::serial(unsigned port, std::span<const u8> bytes) { board_->gate.post("serial" + std::to_string(port + 1), bytes); }

u32 Machine::add_disk(Disk disk) { return board_->shelf.put(std::move(disk)); }

void Machine::insert(unsigned floppy_drive, u32 disk) {
    const u8 data[] = {static_cast<u8>(floppy_drive), static_cast<u8>(disk)};
    board_->gate.post("floppy", data);
}

void Machine::insert_cd(u32 disc) {
    const u8 data[] = {static_cast<u8>(disc)};
    board_->gate.post("cd", data);
}

u32 Machine::floppy(unsigned drive) const { return board_->fdc.inserted(drive); }
InputGate& Machine::input() { return board_->gate; }
Log& Machine::log() { return board_->log; }

// ---- state

void Machine::visit(StateVisitor& visitor) { board_->visit(visitor); }
std::vector<u8> Machine::save_state() { return save(*board_); }

void Machine::load_state(std::span<const u8> saved) {
    retrace::load_state(*board_, saved);
    board_->restored();
}

u64 Machine::digest() { return retrace::digest(*board_); }

}  // namespace retrace
