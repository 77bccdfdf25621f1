#include "devices/boot/linux_image.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <sstream>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

namespace {

constexpr std::size_t sector = 512;
constexpr std::size_t header_magic = 0x202, header_end = 0x240;
constexpr u32 hdrs = 0x53726448;  // "HdrS"

// Where things go: the set-up code and its stack in the first 64 KiB above 10000h (old kernels insist on 90000h), the command line behind it.
struct Layout {
    u32 setup, command_line, kernel;
};

void put(std::vector<u8>& setup, std::size_t at, u32 value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; ++i) setup[at + i] = static_cast<u8>(value >> (8 * i));
}

}  // namespace

bool is_linux_image(std::span<const u8> image) {
    if (image.size() < header_end || load<u16>(&image[0x1fe]) != 0xaa55) return false;
    return load<u32>(&image[header_magic]) == hdrs;
}

namespace {

// The video mode that a `vga=` of the command line asks for: the boot loader's to read, and to write into the header's vid_mode. The last
// one counts. (boot.rst, "Special Command Line Options".)
std::optional<u16> video_mode(const std::string& command_line) {
    std::optional<u16> mode;
    std::istringstream words{command_line};
    for (std::string word; words >> word;) {
        if (!word.starts_with("vga=")) continue;
        const std::string value = word.substr(4);
        if (value == "normal") mode = 0xffff;
        else if (value == "ext") mode = 0xfffe;
        else if (value == "ask") mode = 0xfffd;
        else {
            char* end = nullptr;
            const unsigned long number = std::strtoul(value.c_str(), &end, 0);
            if (value.empty() || *end != 0 || number > 0xffff) throw HostError("vga=" + value + " on the kernel's command line is no video mode: give a number such as 0x318, or normal, ext or ask.");
            mode = static_cast<u16>(number);
        }
    }
    return mode;
}

}  // namespace

BootPayload linux_payload(std::span<const u8> image, std::span<const u8> initrd, const std::string& command_line, u64 memory, const std::string& name) {
    if (!is_linux_image(image)) throw HostError(name + " is no Linux kernel image (bzImage): its set-up header is missing.");
    const unsigned sectors = image[0x1f1] ? image[0x1f1] : 4;
    const std::size_t setup_size = (sectors + 1) * sector;
    if (image.size() <= setup_size) throw HostError(name + " is cut short: it ends within the kernel's set-up code.");

    const u16 version = load<u16>(&image[0x206]);
    const bool high = version >= 0x0200 && (image[0x211] & 1) != 0;  // LOADED_HIGH: the kernel proper goes to 1 MiB
    const Layout layout = version >= 0x0202 && high ? Layout{0x10000, 0x20000, 0x100000} : Layout{0x90000, 0x9a000, high ? 0x100000u : 0x10000u};
    const std::size_t most_command_line = version >= 0x0206 ? std::min<std::size_t>(load<u32>(&image[0x238]), 0xf000) : 255;
    if (command_line.size() > most_command_line)
        throw HostError("The kernel takes a command line of at most " + std::to_string(most_command_line) + " characters, and --append has " + std::to_string(command_line.size()) + ".");
    if (setup_size > 0x8000) throw HostError(name + " has more set-up code than a kernel may have.");

    const auto kernel = image.subspan(setup_size);
    if (layout.kernel + kernel.size() > memory) throw HostError(name + " does not fit into the machine's memory; give it more with --memory.");
    if (!high && kernel.size() > 0x80000) throw HostError(name + " is too large for a kernel that is loaded low.");

    BootPayload payload;
    std::vector<u8> setup(image.begin(), image.begin() + static_cast<std::ptrdiff_t>(setup_size));
    if (const auto mode = video_mode(command_line)) put(setup, 0x1fa, *mode, 2);
    if (version >= 0x0200) {
        setup[0x210] = 0xff;  // a boot loader without a number of its own
        if (version >= 0x0201) {
            setup[0x211] |= 0x80;                                            // CAN_USE_HEAP
            put(setup, 0x224, layout.command_line - layout.setup - 0x200, 2);  // heap_end_ptr
        }
    }
    if (version >= 0x0202) {
        put(setup, 0x228, layout.command_line, 4);
    } else {
        put(setup, 0x20, 0xa33f, 2);
        put(setup, 0x22, layout.command_line - layout.setup, 2);
    }

    if (!initrd.empty()) {
        if (version < 0x0200) throw HostError(name + " is too old a kernel to take an --initrd.");
        const u64 limit = version >= 0x0203 ? u64{load<u32>(&image[0x22c])} + 1 : u64{0x38000000};
        // The uppermost MiB is left to the firmware's tables.
        const u64 top = std::min(limit, memory - std::min<u64>(memory, 1u << 20)) & ~u64{page_mask};
        const u64 needed = (initrd.size() + page_mask) & ~u64{page_mask};
        // A bzImage unpacks itself to some times its size, above itself.
        const u64 kernel_end = layout.kernel + (version >= 0x020a ? std::max<u64>(load<u32>(&image[0x260]), kernel.size()) : kernel.size() * 4);
        if (top < needed || top - needed < kernel_end) throw HostError("The --initrd does not fit into the machine's memory beside the kernel; give it more with --memory.");
        const u32 address = static_cast<u32>(top - needed);
        put(setup, 0x218, address, 4);
        put(setup, 0x21c, static_cast<u32>(initrd.size()), 4);
        payload.blocks.push_back({{address}, {initrd.begin(), initrd.end()}});
    }

    std::vector<u8> line(command_line.begin(), command_line.end());
    line.push_back(0);
    payload.how = BootPayload::Entry::RealMode;
    payload.entry = (layout.setup / 16 + 0x20) << 16;
    payload.stack = layout.command_line - layout.setup - 0x10;
    payload.blocks.push_back({{layout.setup}, std::move(setup)});
    payload.blocks.push_back({{layout.command_line}, std::move(line)});
    payload.blocks.push_back({{layout.kernel}, {kernel.begin(), kernel.end()}});
    return payload;
}

}  // namespace retrace
