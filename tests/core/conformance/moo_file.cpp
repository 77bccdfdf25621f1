#include "tests/core/conformance/moo_file.hpp"

#include <cctype>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace::test {
namespace {

// By the program: no library is needed then where tests are built for another processor.
std::vector<u8> gunzip(const std::filesystem::path& file) {
    FILE* const input = popen(("gzip -dc '" + file.string() + "'").c_str(), "r");
    if (!input) throw HostError("gzip cannot be started");
    std::vector<u8> all;
    std::array<u8, 1 << 16> block;
    while (const std::size_t count = std::fread(block.data(), 1, block.size(), input)) all.insert(all.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(count));
    if (pclose(input) != 0) throw HostError(file.string() + " cannot be read");
    return all;
}

// Takes words from a chunk; running out is an error.
class Reader {
public:
    explicit Reader(std::span<const u8> bytes) : bytes_{bytes} {}

    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    template <class T>
    T take() {
        return load<T>(take(sizeof(T)).data());
    }
    std::span<const u8> take(std::size_t size) {
        if (size > bytes_.size()) throw HostError("a MOO chunk is too short");
        const auto taken = bytes_.first(size);
        bytes_ = bytes_.subspan(size);
        return taken;
    }
    struct Chunk {
        std::string tag;
        std::span<const u8> payload;
    };
    Chunk chunk() {
        const auto tag = take(4);
        const u32 size = take<u32>();
        return {{tag.begin(), tag.end()}, take(size)};
    }

private:
    std::span<const u8> bytes_;
};

MooState read_state(std::span<const u8> payload) {
    MooState state;
    for (Reader reader{payload}; !reader.empty();) {
        const auto [tag, content] = reader.chunk();
        Reader inner{content};
        if (tag == "REGS") {
            const u16 mask = inner.take<u16>();
            for (unsigned at = 0; at < moo_registers; ++at)
                if (bit(mask, at)) state.registers[at] = inner.take<u16>();
        } else if (tag == "RAM ") {
            for (u32 count = inner.take<u32>(); count > 0; --count) {
                const u32 address = inner.take<u32>();
                state.memory.push_back({address, inner.take<u8>()});
            }
        }
    }
    return state;
}

// The data of a transfer is on the bus one record after its status.
std::vector<MooTransfer> read_transfers(Reader reader) {
    std::vector<MooTransfer> transfers;
    bool wants_data = false;
    for (u32 count = reader.take<u32>(); count > 0; --count) {
        const u8 pins = reader.take<u8>();
        const u32 address = reader.take<u32>();
        reader.take(4);
        const u16 data = reader.take<u16>();
        const u8 status = reader.take<u8>() & 15;
        reader.take(3);
        if (wants_data) {
            MooTransfer& last = transfers.back();
            last.data = last.width == 2 ? data : (last.port & 1) ? high_byte(data) : low_byte(data);
        }
        wants_data = status == 9 || status == 10;
        if (!wants_data) continue;
        const bool whole_word = (address & 1) == 0 && (pins & 2) == 0;
        transfers.push_back({status == 10, static_cast<u16>(address), whole_word ? 2u : 1u, 0});
    }
    return transfers;
}

MooTest read_test(std::span<const u8> payload) {
    MooTest test;
    Reader reader{payload};
    test.index = reader.take<u32>();
    while (!reader.empty()) {
        const auto [tag, content] = reader.chunk();
        Reader inner{content};
        if (tag == "NAME") {
            const auto text = inner.take(inner.take<u32>());
            test.name.assign(text.begin(), text.end());
        } else if (tag == "BYTS") {
            const auto bytes = inner.take(inner.take<u32>());
            test.bytes.assign(bytes.begin(), bytes.end());
        } else if (tag == "INIT") {
            test.initial = read_state(content);
        } else if (tag == "FINA") {
            test.final = read_state(content);
        } else if (tag == "CYCL") {
            test.transfers = read_transfers(inner);
        } else if (tag == "EXCP") {
            test.exception = inner.take<u8>();
        } else if (tag == "HASH") {
            for (const u8 byte : content) {
                test.hash += "0123456789abcdef"[byte >> 4];
                test.hash += "0123456789abcdef"[byte & 15];
            }
        }
    }
    return test;
}

}  // namespace

MooFile MooFile::read(const std::filesystem::path& path) {
    const std::vector<u8> bytes = gunzip(path);
    MooFile file;
    for (Reader reader{bytes}; !reader.empty();) {
        const auto [tag, content] = reader.chunk();
        if (tag == "TEST") file.tests.push_back(read_test(content));
    }
    return file;
}

std::map<std::string, u16> read_flag_masks(const std::filesystem::path& metadata) {
    std::ifstream input{metadata};
    const std::string text{std::istreambuf_iterator<char>{input}, {}};
    // Of the file only objects, their keys and this one number matter; keys on the way are opcodes["F7"]["reg"]["6"].
    std::map<std::string, u16> masks;
    std::vector<std::string> path;
    std::string last;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] == '"') {
            const std::size_t end = text.find('"', at + 1);
            last = text.substr(at + 1, end - at - 1);
            at = end;
        } else if (text[at] == '{') {
            path.push_back(last);
        } else if (text[at] == '}') {
            path.pop_back();
        } else if (std::isdigit(static_cast<unsigned char>(text[at]))) {
            std::size_t end = at;
            while (std::isdigit(static_cast<unsigned char>(text[end]))) ++end;
            if (last == "flags-mask" && path.size() >= 3)
                masks[path.size() >= 5 ? path[2] + "." + path[4] : path[2]] = static_cast<u16>(std::stoul(text.substr(at, end - at)));
            at = end - 1;
        }
    }
    return masks;
}

}  // namespace retrace::test
