// Multiboot 1 kernels: ELF, or any format by the addresses in the header. (Multiboot Specification 0.6.96.)
#pragma once

#include <span>
#include <string>
#include <vector>

#include "devices/boot/boot_payload.hpp"

namespace retrace {

struct MultibootModule {
    std::vector<u8> bytes;
    std::string command_line;
};

bool is_multiboot_image(std::span<const u8> image);

// Throws HostError, naming the file, if it is broken or does not fit into `memory` bytes.
BootPayload multiboot_payload(std::span<const u8> image, const std::vector<MultibootModule>& modules, const std::string& command_line, u64 memory, const std::string& name);

}  // namespace retrace
