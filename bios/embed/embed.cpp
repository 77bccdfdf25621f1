// Turns an assembled firmware image into what the build needs of it:
//
//   embed IN OUT.bin OUT.cpp NAME
//
// OUT.bin  the image, with its last byte chosen so that all bytes add up to 0 where it is an option ROM (it begins with
//          55 AA and its length in 512-byte blocks) or a system BIOS (64 KiB); other images are taken as they are
// OUT.cpp  the definition of retrace::bios::NAME(), as images.hpp declares it

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>
#include <string>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t system_size = 0x10000;

Bytes read_file(const char* path) {
    std::ifstream in{path, std::ios::binary};
    return Bytes(std::istreambuf_iterator<char>{in}, {});
}

bool is_option_rom(const Bytes& image) {
    return image.size() > 3 && image[0] == 0x55 && image[1] == 0xaa;
}

void make_sum_zero(Bytes& image) {
    image.back() = 0;
    const auto sum = std::accumulate(image.begin(), image.end(), 0u);
    image.back() = static_cast<std::uint8_t>(0u - sum);
}

void write_source(std::ostream& out, const Bytes& image, const std::string& name) {
    out << "#include \"bios/images.hpp\"\n\nnamespace {\n\nconstexpr std::uint8_t bytes[] = {";
    for (std::size_t i = 0; i < image.size(); ++i)
        out << (i % 32 ? "" : "\n") << static_cast<unsigned>(image[i]) << ',';
    out << "\n};\n\n}\n\nstd::span<const std::uint8_t> retrace::bios::" << name << "() { return bytes; }\n";
}

}

int main(int argc, char** argv) {
    if (argc != 5) {
        std::cerr << "usage: embed IN OUT.bin OUT.cpp NAME\n";
        return 2;
    }
    Bytes image = read_file(argv[1]);
    if (image.empty()) {
        std::cerr << "embed: " << argv[1] << " is empty or cannot be read\n";
        return 1;
    }
    if (is_option_rom(image) && image.size() != image[2] * std::size_t{512}) {
        std::cerr << "embed: " << argv[1] << " says it has " << unsigned{image[2]} << " blocks of 512 bytes, but is " << image.size() << " bytes long\n";
        return 1;
    }
    if (is_option_rom(image) || image.size() == system_size)
        make_sum_zero(image);
    std::ofstream{argv[2], std::ios::binary}.write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
    std::ofstream source{argv[3]};
    write_source(source, image, argv[4]);
    return source ? 0 : 1;
}
