// Where the serial ports' bytes go: files, standard output, or nowhere; and the transcript of the first for --expect-serial.
#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "devices/board/machine.hpp"
#include "frontend/options.hpp"

namespace retrace {

// A byte sink: standard output, a file, or nothing. Bytes are written out at flush() and when many have gathered.
class ByteSink final : public SerialPort {
public:
    explicit ByteSink(const SerialOption& option);  // throws HostError if the file cannot be made
    ~ByteSink() override;
    ByteSink(const ByteSink&) = delete;
    ByteSink& operator=(const ByteSink&) = delete;

    void transmit(u8 byte) override;
    void flush();

private:
    std::FILE* file_ = nullptr;
    bool owned_ = false;
    std::string gathered_;
};

// The first serial port: also keeps what came out lately.
class SerialTap final : public SerialPort {
public:
    explicit SerialTap(SerialPort& next) : next_{next} {}
    void transmit(u8 byte) override;
    [[nodiscard]] bool has_said(const std::string& text) const { return said_.find(text) != std::string::npos; }

private:
    SerialPort& next_;
    std::string said_;
};

// Standard input as the far end of the first serial port: bytes go to the machine as they come. A terminal is put into character mode and back.
class SerialInput {
public:
    SerialInput();
    ~SerialInput();
    SerialInput(const SerialInput&) = delete;
    SerialInput& operator=(const SerialInput&) = delete;

    void poll(Machine& machine);

private:
    struct Saved;
    std::unique_ptr<Saved> saved_;
    bool ended_ = false;
};

}  // namespace retrace
