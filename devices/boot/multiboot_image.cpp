#include "devices/boot/multiboot_image.hpp"

#include <algorithm>
#include <optional>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

namespace {

constexpr u32 magic = 0x1badb002, loader_magic = 0x2badb002;
constexpr u32 has_addresses = 1 << 16;
constexpr u32 known_requirements = 0x7;  // of bits 15-0: align modules, memory information, video mode
constexpr u64 low_memory_end = 0x9fc00, high_memory = 0x100000;

struct Header {
    std::size_t offset;
    u32 flags;
};

std::optional<Header> find_header(std::span<const u8> image) {
    for (std::size_t at = 0; at + 12 <= std::min<std::size_t>(image.size(), 8192); at += 4) {
        if (load<u32>(&image[at]) != magic) continue;
        const u32 flags = load<u32>(&image[at + 4]);
        if (magic + flags + load<u32>(&image[at + 8]) == 0) return Header{at, flags};
    }
    return std::nullopt;
}

// A part of the kernel in memory; the rest of its `size` is zeros.
struct Section {
    u32 address, size;
    std::span<const u8> bytes;
};

struct Kernel {
    u32 entry = 0;
    std::vector<Section> sections;
};

[[noreturn]] void broken(const std::string& name, const char* what) { throw HostError(name + " is a broken Multiboot kernel: " + what + "."); }

std::span<const u8> part(std::span<const u8> image, u64 offset, u64 size, const std::string& name) {
    if (offset > image.size() || size > image.size() - offset) broken(name, "it ends before what its header says is in it");
    return image.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

Kernel by_addresses(std::span<const u8> image, const Header& header, const std::string& name) {
    const auto fields = part(image, header.offset, 32, name);
    const u32 header_address = load<u32>(&fields[12]), load_address = load<u32>(&fields[16]), load_end = load<u32>(&fields[20]), bss_end = load<u32>(&fields[24]);
    if (header_address < load_address || header_address - load_address > header.offset) broken(name, "its load address makes no sense");
    const u64 start = header.offset - (header_address - load_address);
    if (load_end && load_end < load_address) broken(name, "its load end address lies before its start");
    const auto bytes = part(image, start, load_end ? load_end - load_address : image.size() - start, name);
    if (bss_end && bss_end < load_address) broken(name, "its bss end address lies before its start");
    const u64 size = std::max<u64>(bytes.size(), bss_end ? bss_end - load_address : 0);
    return {load<u32>(&fields[28]), {{load_address, static_cast<u32>(size), bytes}}};
}

// ELF32 program headers (System V ABI, chapter 5).
Kernel by_elf(std::span<const u8> image, const std::string& name) {
    const auto header = part(image, 0, 52, name);
    if (load<u32>(header.data()) != 0x464c457f || header[4] != 1 || header[5] != 1 || load<u16>(&header[18]) != 3)
        broken(name, "it is neither a 32-bit x86 ELF file nor gives its addresses");
    Kernel kernel{load<u32>(&header[24]), {}};
    const u32 offset = load<u32>(&header[28]);
    const u16 size = load<u16>(&header[42]), count = load<u16>(&header[44]);
    if (count && size < 32) broken(name, "its program headers are too short");
    for (u32 i = 0; i < count; ++i) {
        const auto entry = part(image, u64{offset} + u64{i} * size, 32, name);
        if (load<u32>(entry.data()) != 1) continue;  // PT_LOAD
        const u32 file_size = load<u32>(&entry[16]), memory_size = load<u32>(&entry[20]);
        if (memory_size < file_size) broken(name, "a segment is larger in the file than in memory");
        kernel.sections.push_back({load<u32>(&entry[12]), memory_size, part(image, load<u32>(&entry[4]), file_size, name)});
        // The entry point is a virtual address; kernels linked high are loaded low.
        const u32 virtual_address = load<u32>(&entry[8]), entry_point = load<u32>(&header[24]);
        if (entry_point - virtual_address < memory_size && entry_point >= virtual_address) kernel.entry = entry_point - virtual_address + load<u32>(&entry[12]);
    }
    if (kernel.sections.empty()) broken(name, "it has nothing to load");
    return kernel;
}

// The information structure and what it points to, growing upwards from an address.
class Information {
public:
    explicit Information(u32 address) : address_{address} {}

    u32 add(std::span<const u8> bytes) {
        bytes_.resize((bytes_.size() + 3) & ~std::size_t{3});
        const u32 at = address_ + static_cast<u32>(bytes_.size());
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
        return at;
    }
    u32 add(const std::string& text) {
        std::vector<u8> bytes(text.begin(), text.end());
        bytes.push_back(0);
        return add(bytes);
    }
    static void put(std::vector<u8>& to, u64 value, unsigned bytes) {
        for (unsigned i = 0; i < bytes; ++i) to.push_back(static_cast<u8>(value >> (8 * i)));
    }
    [[nodiscard]] u64 end() const { return u64{address_} + bytes_.size(); }
    BootPayload::Block block() && { return {{address_}, std::move(bytes_)}; }

private:
    u32 address_;
    std::vector<u8> bytes_;
};

}  // namespace

bool is_multiboot_image(std::span<const u8> image) { return find_header(image).has_value(); }

BootPayload multiboot_payload(std::span<const u8> image, const std::vector<MultibootModule>& modules, const std::string& command_line, u64 memory, const std::string& name) {
    const auto header = find_header(image);
    if (!header) throw HostError(name + " is no Multiboot kernel: its header is missing.");
    if (header->flags & 0xffff & ~known_requirements) throw HostError(name + " asks for Multiboot features that do not exist here.");
    const Kernel kernel = header->flags & has_addresses ? by_addresses(image, *header, name) : by_elf(image, name);

    BootPayload payload;
    payload.how = BootPayload::Entry::ProtectedMode;
    payload.entry = kernel.entry;
    payload.eax = loader_magic;
    u64 end = high_memory, total = 0;
    for (const auto& section : kernel.sections) {
        if ((total += section.size) > memory) throw HostError(name + " does not fit into the machine's memory; give it more with --memory.");
        const u64 section_end = u64{section.address} + section.size;
        const bool low = section.address >= 0x1000 && section_end <= low_memory_end;
        if (!low && (section.address < high_memory || section_end > memory)) throw HostError(name + " does not fit into the machine's memory; give it more with --memory.");
        std::vector<u8> bytes(section.bytes.begin(), section.bytes.end());
        bytes.resize(section.size);
        payload.blocks.push_back({{section.address}, std::move(bytes)});
        end = std::max(end, section_end);
    }

    // The specification promises no stack, but programs use the one they find: 16 KiB of low memory that nothing was loaded into.
    constexpr u64 stack_size = 0x4000, lowest_stack = 0x1000;
    u64 top = low_memory_end;
    const auto in_the_way = [&](const auto& block) { return block.address.value < top && block.address.value + block.bytes.size() + stack_size > top; };
    for (auto block = std::ranges::find_if(payload.blocks, in_the_way); block != payload.blocks.end(); block = std::ranges::find_if(payload.blocks, in_the_way))
        top = block->address.value & ~u64{15};
    payload.stack = static_cast<u32>(std::max(top, lowest_stack));

    const auto next_page = [](u64 address) { return (address + page_mask) & ~u64{page_mask}; };
    std::vector<std::pair<u32, u32>> places;
    for (const auto& module : modules) {
        const u64 address = next_page(end);
        end = address + module.bytes.size();
        if (end > memory) throw HostError("A module of " + name + " does not fit into the machine's memory; give it more with --memory.");
        places.emplace_back(static_cast<u32>(address), static_cast<u32>(end));
        payload.blocks.push_back({{address}, module.bytes});
    }

    Information information{static_cast<u32>(next_page(end))};
    const u32 line = information.add(name + (command_line.empty() ? "" : " " + command_line));
    const u32 loader = information.add(std::string("Retrace"));
    std::vector<u8> list;
    for (std::size_t i = 0; i < modules.size(); ++i) {
        Information::put(list, places[i].first, 4);
        Information::put(list, places[i].second, 4);
        Information::put(list, information.add(modules[i].command_line), 4);
        Information::put(list, 0, 4);
    }
    const u32 module_list = information.add(list);
    std::vector<u8> map;
    const auto region = [&](u64 start, u64 stop, u32 type) {
        Information::put(map, 20, 4);
        Information::put(map, start, 8);
        Information::put(map, stop - start, 8);
        Information::put(map, type, 4);
    };
    region(0, low_memory_end, 1);
    region(low_memory_end, 0xa0000, 2);
    region(0xf0000, high_memory, 2);
    if (memory > high_memory) region(high_memory, memory, 1);
    const u32 memory_map = information.add(map);

    // Section 3.3: flags, memory, boot device, command line, modules, symbols, memory map, drives, configuration, loader name.
    std::vector<u8> table;
    Information::put(table, 1u << 0 | 1u << 2 | 1u << 3 | 1u << 6 | 1u << 9, 4);
    Information::put(table, low_memory_end / 1024, 4);
    Information::put(table, (memory - high_memory) / 1024, 4);
    Information::put(table, 0, 4);
    Information::put(table, line, 4);
    Information::put(table, modules.size(), 4);
    Information::put(table, module_list, 4);
    for (int i = 0; i < 4; ++i) Information::put(table, 0, 4);
    Information::put(table, map.size(), 4);
    Information::put(table, memory_map, 4);
    for (int i = 0; i < 3; ++i) Information::put(table, 0, 4);
    Information::put(table, loader, 4);
    table.resize(120);
    payload.ebx = information.add(table);
    if (information.end() > memory) throw HostError(name + " and its modules do not fit into the machine's memory; give it more with --memory.");
    payload.blocks.push_back(std::move(information).block());
    return payload;
}

}  // namespace retrace
