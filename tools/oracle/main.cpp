// oracle              serve: batches of requests on standard input, replies on standard output, until end of file
// oracle -x HEX ...   run one instruction: oracle -x 01d8 eax=1 ebx=2 eflags=1 st0=1.5 xmm0=HEX32 mem=HEX [16] [run|direct]
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "tools/oracle/host_cpu.hpp"

using namespace retrace;
using namespace retrace::oracle;

namespace {

const char* const register_names[8] = {"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"};

std::vector<u8> from_hex(const std::string& text) {
    std::vector<u8> bytes;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) bytes.push_back(static_cast<u8>(std::strtoul(text.substr(i, 2).c_str(), nullptr, 16)));
    return bytes;
}

// Takes parts of a batch; false when it is used up.
class Reader {
public:
    explicit Reader(const std::vector<u8>& bytes) : bytes_{bytes} {}
    bool take(void* to, std::size_t size) {
        const u8* const from = skip(size);
        if (from) std::memcpy(to, from, size);
        return from != nullptr;
    }
    const u8* skip(std::size_t size) {
        if (size > bytes_.size() - at_) return nullptr;
        at_ += size;
        return bytes_.data() + at_ - size;
    }

private:
    const std::vector<u8>& bytes_;
    std::size_t at_ = 0;
};

// False if it is malformed.
bool serve_one(Reader& reader, std::vector<u8>& replies) {
    Request request;
    if (!reader.take(&request, sizeof request) || request.magic != magic) return false;
    for (u32 i = 0; i < request.patches; ++i) {
        Range patch;
        if (!reader.take(&patch, sizeof patch)) return false;
        const u8* const bytes = reader.skip(patch.bytes);
        if (!bytes || !write_memory(patch.address, bytes, patch.bytes)) return false;
    }
    Reply reply;
    run(request, reply);
    replies.insert(replies.end(), reinterpret_cast<const u8*>(&reply), reinterpret_cast<const u8*>(&reply + 1));
    for (u32 i = 0; i < request.ranges; ++i) {
        Range range;
        if (!reader.take(&range, sizeof range) || range.bytes > data_size) return false;
        replies.resize(replies.size() + range.bytes);
        if (!read_memory(range.address, replies.data() + replies.size() - range.bytes, range.bytes)) return false;
    }
    return true;
}

int serve() {
    Batch batch;
    std::vector<u8> input, replies;
    while (std::fread(&batch, sizeof batch, 1, stdin) == 1) {
        input.resize(batch.bytes);
        if (std::fread(input.data(), 1, input.size(), stdin) != input.size()) return 2;
        replies.clear();
        Reader reader{input};
        for (u32 at = 0; at < batch.requests; ++at)
            if (!serve_one(reader, replies)) return 2;
        std::fwrite(replies.data(), 1, replies.size(), stdout);
        std::fflush(stdout);
    }
    return 0;
}

void print(const Request& request, const Reply& reply) {
    static const char* const names[] = {"done", "fault", "refused", "timeout"};
    std::printf("%s", names[static_cast<unsigned>(reply.outcome)]);
    if (reply.outcome == Outcome::Fault) std::printf(" vector=%u error=%x", reply.vector, reply.error);
    if (reply.outcome == Outcome::Fault && reply.vector == 14) std::printf(" cr2=%08x", reply.cr2);
    const u32 flags = reply.out.eflags;
    std::printf(" eip=%+d eflags=%08x [%c%c%c%c%c%c]", static_cast<int>(reply.out.eip - request.in.eip), flags, flags & 0x800 ? 'O' : '-',
                flags & 0x80 ? 'S' : '-', flags & 0x40 ? 'Z' : '-', flags & 0x10 ? 'A' : '-', flags & 4 ? 'P' : '-', flags & 1 ? 'C' : '-');
    for (unsigned i = 0; i < 8; ++i) std::printf(" %s=%08x", register_names[i], reply.out.gpr[i]);
    u16 before, after;
    std::memcpy(&before, request.in.fx + 2, 2);
    std::memcpy(&after, reply.out.fx + 2, 2);
    if (before != after) std::printf(" fsw=%04x", after);
    for (unsigned i = 0; i < 8; ++i) {
        for (const unsigned at : {32 + 16 * i, 160 + 16 * i}) {
            const unsigned bytes = at < 160 ? 10 : 16;
            if (!std::memcmp(reply.out.fx + at, request.in.fx + at, bytes)) continue;
            std::printf(at < 160 ? " st%u=" : " xmm%u=", i);
            for (unsigned k = bytes; k-- > 0;) std::printf("%02x", reply.out.fx[at + k]);
        }
    }
    u32 mxcsr;
    std::memcpy(&mxcsr, reply.out.fx + 24, 4);
    std::printf(" mxcsr=%04x", mxcsr);
    if (reply.steps) std::printf(" rep_steps=%u", reply.steps);
    std::printf("\n");
}

int run_one(const std::vector<std::string>& arguments) {
    Request request{};
    request.magic = magic;
    default_fx(request.in.fx);
    request.in.eip = code_base + 0x800;
    request.in.gpr[4] = data_base + 0xf000;
    for (const std::string& argument : arguments) {
        if (argument == "16") {
            request.in.eip = 0x800;
            request.in.gpr[4] = 0xf000;
            for (const unsigned i : {0u, 1u, 2u, 3u}) request.in.segment[i] = {i == 1 ? code_base : data_base, 0xffff, 1, 0, 0, 0};
        }
        if (argument == "run") request.mode = Mode::Run;
        if (argument == "direct") request.mode = Mode::Direct;
    }
    for (std::size_t at = 0; at < arguments.size(); ++at) {
        const std::string& argument = arguments[at];
        if (argument == "-x" && at + 1 < arguments.size()) {
            const auto code = from_hex(arguments[++at]);
            request.code_bytes = static_cast<u32>(code.size() > 15 ? 15 : code.size());
            std::memcpy(request.code, code.data(), request.code_bytes);
            continue;
        }
        const auto equals = argument.find('=');
        if (equals == std::string::npos) continue;
        const std::string key = argument.substr(0, equals), value = argument.substr(equals + 1);
        const u32 number = static_cast<u32>(std::strtoul(value.c_str(), nullptr, 16));
        for (unsigned i = 0; i < 8; ++i)
            if (key == register_names[i]) request.in.gpr[i] = number;
        if (key == "eflags") request.in.eflags = number;
        if (key == "fcw") std::memcpy(request.in.fx, &number, 2);
        if (key == "mxcsr") std::memcpy(request.in.fx + 24, &number, 4);
        if (key.rfind("st", 0) == 0 && key.size() == 3) {
            const long double real = std::strtold(value.c_str(), nullptr);
            const unsigned index = key[2] & 7u;
            std::memcpy(request.in.fx + 32 + 16 * index, &real, 10);
            request.in.fx[4] = static_cast<u8>(request.in.fx[4] | 1u << index);
        }
        if (key.rfind("xmm", 0) == 0) {
            const auto bytes = from_hex(value);
            for (std::size_t k = 0; k < bytes.size() && k < 16; ++k) request.in.fx[160 + 16 * (key[3] & 7u) + 15 - k] = bytes[k];
        }
        if (key == "mem") {
            const auto bytes = from_hex(value);
            write_memory(data_base, bytes.data(), static_cast<u32>(bytes.size()));
        }
    }
    Reply reply;
    run(request, reply);
    print(request, reply);
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    initialise();
    if (count > 1) return run_one({arguments + 1, arguments + count});
    return serve();
}
