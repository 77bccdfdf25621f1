// Linux kernels as `make bzImage` (or, of old, zImage) leaves them. (Documentation/x86/boot.rst of the kernel: the real-mode kernel header.)
//
// The kernel's own 16-bit set-up code is entered, so that it asks the firmware for memory, video and disks as on any PC.
#pragma once

#include <span>
#include <string>

#include "devices/boot/boot_payload.hpp"

namespace retrace {

// Has it the set-up header ("HdrS") or at least a boot sector of that kind?
bool is_linux_image(std::span<const u8> image);

// Throws HostError, naming the file, if it is broken or does not fit into `memory` bytes. `initrd` may be empty.
BootPayload linux_payload(std::span<const u8> image, std::span<const u8> initrd, const std::string& command_line, u64 memory, const std::string& name);

}  // namespace retrace
