#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <string>

#include "bios/images.hpp"
#include "core/base/bits.hpp"
#include "devices/board/aml.hpp"
#include "devices/board/firmware_tables.hpp"

using namespace retrace;

namespace {

// Memory from E0000h to 1 MiB as an operating system finds it.
struct Memory {
    explicit Memory(CpuModel model, u32 mib = 64) {
        const FirmwareTables tables{model, mib};
        std::ranges::copy(tables.upper(), bytes.begin());
        std::ranges::copy(bios::system(), bytes.begin() + 0x10000);
        tables.put_pointers(std::span{bytes}.subspan(0x10000));
    }
    [[nodiscard]] const u8* at(u32 address) const {
        REQUIRE((address >= 0xe0000 && address < 0x100000));
        return &bytes[address - 0xe0000];
    }
    template <class T> [[nodiscard]] T get(u32 address) const { return load<T>(at(address)); }
    [[nodiscard]] std::string text(u32 address, std::size_t count) const { return {reinterpret_cast<const char*>(at(address)), count}; }
    [[nodiscard]] u8 sum(u32 address, u32 count) const { return static_cast<u8>(std::accumulate(at(address), at(address) + count, 0)); }
    // On a paragraph, as the specifications say; 0 if it is not there.
    [[nodiscard]] u32 find(const std::string& signature, u32 from = 0xe0000) const {
        for (u32 address = from; address < 0x100000; address += 16)
            if (text(address, signature.size()) == signature) return address;
        return 0;
    }
    // An ACPI table by its signature, 0 if the RSDT does not list it.
    [[nodiscard]] u32 acpi(const std::string& signature) const {
        const u32 rsdt = get<u32>(find("RSD PTR ") + 16);
        for (u32 i = 36; i < get<u32>(rsdt + 4); i += 4) {
            const u32 table = get<u32>(rsdt + i);
            CHECK(sum(table, get<u32>(table + 4)) == 0);
            if (text(table, 4) == signature) return table;
        }
        return 0;
    }

    std::vector<u8> bytes = std::vector<u8>(0x20000, 0xff);
};

std::vector<u8> encoded(const aml::Bytes& bytes) { return bytes.data(); }

}  // namespace

TEST_CASE("the system BIOS with pointers in it adds up to zero") {
    const Memory memory{CpuModel::Max};
    CHECK(memory.sum(0xf0000, 0x10000) == 0);
}

TEST_CASE("the ACPI tables are found and lead to one another") {
    for (const CpuModel model : {CpuModel::I486, CpuModel::Pentium, CpuModel::Max}) {
        const Memory memory{model};
        const u32 pointer = memory.find("RSD PTR ");
        REQUIRE(pointer != 0);
        CHECK(memory.sum(pointer, 20) == 0);
        const u32 rsdt = memory.get<u32>(pointer + 16);
        CHECK(memory.text(rsdt, 4) == "RSDT");
        CHECK(memory.sum(rsdt, memory.get<u32>(rsdt + 4)) == 0);
        const u32 fadt = memory.acpi("FACP");
        REQUIRE(fadt != 0);
        CHECK(memory.get<u32>(fadt + 4) == 116);
        CHECK(memory.get<u32>(fadt + 36) == 0x9ffc0);
        CHECK(memory.get<u16>(fadt + 46) == 9);
        CHECK(memory.get<u32>(fadt + 48) == 0xb2);
        CHECK(memory.get<u32>(fadt + 56) == FirmwareTables::power_ports);
        CHECK(memory.get<u32>(fadt + 64) == FirmwareTables::power_ports + 4);
        CHECK(memory.get<u32>(fadt + 76) == FirmwareTables::power_ports + 8);
        CHECK(memory.get<u8>(fadt + 88) == 4);
        CHECK(memory.get<u8>(fadt + 91) == 4);
        CHECK(memory.get<u8>(fadt + 108) == 0x32);
        const u32 dsdt = memory.get<u32>(fadt + 40);
        CHECK(memory.text(dsdt, 4) == "DSDT");
        CHECK(memory.sum(dsdt, memory.get<u32>(dsdt + 4)) == 0);
        CHECK((memory.acpi("APIC") != 0) == (model != CpuModel::I486));
    }
}

TEST_CASE("the MADT and the MP table tell the same interrupts") {
    const Memory memory{CpuModel::Pentium3};
    const u32 madt = memory.acpi("APIC");
    CHECK(memory.get<u32>(madt + 36) == 0xfee00000);
    std::multiset<u8> types;
    std::set<std::pair<u8, u32>> overrides;
    u32 at = madt + 44;
    for (const u32 end = madt + memory.get<u32>(madt + 4); at < end; at += memory.get<u8>(at + 1)) {
        types.insert(memory.get<u8>(at));
        if (memory.get<u8>(at) == 2) overrides.insert({memory.get<u8>(at + 3), memory.get<u32>(at + 4)});
    }
    CHECK(types == std::multiset<u8>{0, 1, 2, 2, 4});
    CHECK(overrides == std::set<std::pair<u8, u32>>{{0, 2}, {9, 9}});

    const u32 pointer = memory.find("_MP_", 0xf0000);
    REQUIRE(pointer != 0);
    CHECK(memory.sum(pointer, 16) == 0);
    const u32 table = memory.get<u32>(pointer + 4);
    CHECK(memory.text(table, 4) == "PCMP");
    CHECK(memory.sum(table, memory.get<u16>(table + 4)) == 0);
    std::map<u8, u8> isa_to_input;
    at = table + 44;
    for (u16 i = 0; i < memory.get<u16>(table + 34); ++i) {
        const u8 type = memory.get<u8>(at);
        if (type == 3) isa_to_input[memory.get<u8>(at + 5)] = memory.get<u8>(at + 7);
        at += type == 0 ? 20 : 8;
    }
    CHECK(at == table + memory.get<u16>(table + 4));
    CHECK(isa_to_input.size() == 15);
    for (const auto& [irq, input] : isa_to_input) CHECK(input == (irq == 0 ? 2 : irq));

    CHECK(Memory{CpuModel::I486}.find("_MP_") == 0);
}

TEST_CASE("SMBIOS tells memory and ends where it says") {
    const Memory memory{CpuModel::Max, 3072};
    const u32 pointer = memory.find("_SM_", 0xf0000);
    REQUIRE(pointer != 0);
    CHECK(memory.sum(pointer, memory.get<u8>(pointer + 5)) == 0);
    CHECK(memory.text(pointer + 16, 5) == "_DMI_");
    CHECK(memory.sum(pointer + 16, 15) == 0);
    const u32 first = memory.get<u32>(pointer + 24);
    u32 at = first;
    std::vector<u8> types;
    for (u16 i = 0; i < memory.get<u16>(pointer + 28); ++i) {
        types.push_back(memory.get<u8>(at));
        if (types.back() == 17) CHECK(memory.get<u16>(at + 12) == 3072);
        if (types.back() == 16) CHECK(memory.get<u32>(at + 7) == 3072 * 1024);
        const u32 begin = at;
        at += memory.get<u8>(at + 1);
        while (memory.get<u16>(at) != 0) ++at;
        at += 2;
        CHECK(at - begin <= memory.get<u16>(pointer + 8));
    }
    CHECK(at - first == memory.get<u16>(pointer + 22));
    CHECK(types == std::vector<u8>{0, 1, 3, 4, 16, 17, 19, 127});
}

TEST_CASE("the PCI interrupt routing table adds up") {
    const Memory memory{CpuModel::I486};
    const u32 table = memory.find("$PIR", 0xf0000);
    REQUIRE(table != 0);
    CHECK(memory.sum(table, memory.get<u16>(table + 6)) == 0);
    CHECK(memory.get<u8>(table + 33) == 0x08);
    CHECK(memory.get<u8>(table + 34) == 0x60);
}

TEST_CASE("AML is encoded as its specification says") {
    using namespace aml;
    CHECK(encoded(integer(0)) == std::vector<u8>{0x00});
    CHECK(encoded(integer(9)) == std::vector<u8>{0x0a, 9});
    CHECK(encoded(integer(0x1234)) == std::vector<u8>{0x0b, 0x34, 0x12});
    CHECK(encoded(integer(0x1ffff)) == std::vector<u8>{0x0c, 0xff, 0xff, 0x01, 0x00});
    CHECK(encoded(eisa_id("PNP0303")) == std::vector<u8>{0x0c, 0x41, 0xd0, 0x03, 0x03});
    CHECK(encoded(eisa_id("PNP0A03")) == std::vector<u8>{0x0c, 0x41, 0xd0, 0x0a, 0x03});
    CHECK(encoded(package({integer(1), integer(2)})) == std::vector<u8>{0x12, 5, 2, 0x01, 0x0a, 2});
    const Bytes long_one = sized(text(std::string(0x100, 'x')));
    CHECK(long_one.size() == 0x102);
    CHECK((long_one.data()[0] == 0x42 && long_one.data()[1] == 0x10));
    CHECK(sized(text(std::string(62, 'x'))).data()[0] == 63);
    CHECK(sized(text(std::string(63, 'x'))).data()[0] == 0x41);
    CHECK(encoded(irq(4)) == std::vector<u8>{0x22, 0x10, 0x00});
}
