// The firmware and the built-in guest, assembled by the build and carried in the executable.
#pragma once

#include <cstdint>
#include <span>

namespace retrace::bios {

// 64 KiB, for F0000h-FFFFFh and again for FFFF0000h-FFFFFFFFh.
std::span<const std::uint8_t> system();

// Room in it for pointers to the tables that a board has for operating systems.
inline constexpr unsigned pointers_at = 0xdf00, pointers_size = 0x100;

// An option ROM for C0000h: begins 55 AA and its length in 512-byte blocks, its bytes add up to 0.
std::span<const std::uint8_t> video();

// The option ROM of direct boot, for C8000h (devices/boot/kernel_loader.hpp).
std::span<const std::uint8_t> kernel();

// A raw floppy image: what starts when no other medium is given.
std::span<const std::uint8_t> guest_disk();

}
