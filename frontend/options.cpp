#include "frontend/options.hpp"

#include <algorithm>
#include <boost/program_options.hpp>
#include <cmath>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "frontend/option_table.hpp"

namespace retrace {

namespace po = boost::program_options;

namespace {

using Strings = std::vector<std::string>;

// ---- values

[[noreturn]] void bad(const std::string& option, const std::string& value, const std::string& takes) {
    throw UsageError("--" + option + " takes " + takes + ", not '" + value + "'.");
}

u64 number(const std::string& option, const std::string& value, u64 least, u64 most, const std::string& takes) {
    std::size_t used = 0;
    u64 result = 0;
    try {
        if (value.empty() || value[0] == '-' || value[0] == '+' || std::isspace(static_cast<unsigned char>(value[0]))) bad(option, value, takes);
        result = std::stoull(value, &used, 0);
    } catch (const std::logic_error&) {
        bad(option, value, takes);
    }
    if (used != value.size() || result < least || result > most) bad(option, value, takes);
    return result;
}

double seconds(const std::string& option, const std::string& value) {
    const std::string takes = "a number of seconds above 0";
    std::size_t used = 0;
    double result = 0;
    try {
        result = std::stod(value, &used);
    } catch (const std::logic_error&) {
        bad(option, value, takes);
    }
    if (used != value.size() || !std::isfinite(result) || result <= 0 || result > 1e9) bad(option, value, takes);
    return result;
}

u64 speed(const std::string& value) {
    // Instructions per second that the part executed on ordinary code of its day, rounded.
    static const std::map<std::string, u64> names{
        {"8086-4.77", 330'000},      {"8086-8", 600'000},           {"8086-10", 750'000},        {"286-6", 900'000},
        {"286-12", 2'600'000},       {"286-16", 3'500'000},         {"386sx-16", 2'500'000},     {"386dx-25", 6'000'000},
        {"386dx-33", 8'000'000},     {"386dx-40", 10'000'000},      {"486sx-25", 15'000'000},    {"486dx-33", 20'000'000},
        {"486dx2-66", 40'000'000},   {"486dx4-100", 60'000'000},    {"pentium-60", 60'000'000},  {"pentium-100", 100'000'000},
        {"pentium-133", 133'000'000}, {"pentium-200", 200'000'000}, {"pentium2-300", 300'000'000}, {"pentium3-500", 500'000'000},
    };
    if (const auto found = names.find(value); found != names.end()) return found->second;
    Strings known;
    for (const auto& [name, rate] : names) known.push_back(name);
    const auto near = nearest(value, known);
    return number("speed", value, 10'000, 100'000'000'000,
                  "a number of instructions per second from 10000 or a name such as 386dx-33" + (near.empty() ? "" : " (did you mean " + near + "?)"));
}

template <class T>
T choice(const std::string& option, const std::string& value, const std::map<std::string, T>& choices) {
    if (const auto found = choices.find(value); found != choices.end()) return found->second;
    std::string list;
    Strings names;
    for (const auto& [name, item] : choices) list += (list.empty() ? "" : ", ") + name, names.push_back(name);
    const auto near = nearest(value, names);
    throw UsageError("--" + option + " takes one of " + list + ", not '" + value + "'" + (near.empty() ? "." : "; did you mean " + near + "?"));
}

SerialOption serial(const std::string& option, const std::string& value) {
    if (value == "null") return {};
    if (value == "stdio") return {SerialOption::Kind::Stdio, ""};
    if (value.starts_with("file:") && value.size() > 5) return {SerialOption::Kind::File, value.substr(5)};
    bad(option, value, "stdio, file:PATH or null");
}

std::string boot_order(const std::string& value) {
    std::string order;
    for (const char c : value) {
        if (c == ',' || c == ' ') continue;
        if ((c != 'a' && c != 'c' && c != 'd') || order.find(c) != std::string::npos) bad("boot", value, "an order of a, c and d, such as c,a");
        order += c;
    }
    if (order.empty()) bad("boot", value, "an order of a, c and d, such as c,a");
    return order;
}

std::pair<u16, std::string> port_and_path(const std::string& value) {
    const auto colon = value.find(':');
    const auto port = number("debugcon", value.substr(0, colon), 0, 0xffff, "PORT or PORT:PATH");
    return {static_cast<u16>(port), colon == std::string::npos ? "" : value.substr(colon + 1)};
}

// \n and the other usual escapes in --type and --expect.
std::string unescape(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        switch (text[++i]) {
            case 'n': out += '\n'; break;
            case 't': out += '\t'; break;
            case 'b': out += '\b'; break;
            case 'e': out += '\x1b'; break;
            case '\\': out += '\\'; break;
            default: out += '\\'; out += text[i];
        }
    }
    return out;
}

// ---- from parsed options to Options

using Setter = void (*)(Options&, const std::string& name, const std::string& value);

void add_action(Options& options, Action::Kind kind, std::string text, double amount = 0) {
    options.actions.push_back({kind, std::move(text), amount});
}

const std::map<std::string, Setter>& setters() {
    static const std::map<std::string, Setter> table{
        {"fda", [](Options& o, auto&, auto& v) { o.fda = v; }},
        {"fdb", [](Options& o, auto&, auto& v) { o.fdb = v; }},
        {"hda", [](Options& o, auto&, auto& v) { o.hda = v; }},
        {"hdb", [](Options& o, auto&, auto& v) { o.hdb = v; }},
        {"hdc", [](Options& o, auto&, auto& v) { o.hdc = v; }},
        {"hdd", [](Options& o, auto&, auto& v) { o.hdd = v; }},
        {"cdrom", [](Options& o, auto&, auto& v) { o.cdrom = v; }},
        {"writable", [](Options& o, auto&, auto&) { o.writable = true; }},
        {"boot", [](Options& o, auto&, auto& v) { o.boot = boot_order(v); }},
        {"kernel", [](Options& o, auto&, auto& v) { o.kernel = v; }},
        {"initrd", [](Options& o, auto&, auto& v) { o.initrd = v; }},
        {"append", [](Options& o, auto&, auto& v) { o.append = v; }},
        {"bios", [](Options& o, auto&, auto& v) { o.bios = v; }},
        {"vgabios", [](Options& o, auto&, auto& v) { o.vgabios = v; }},
        {"rom", [](Options& o, auto&, auto& v) { o.rom = v; }},
        {"memory", [](Options& o, auto& n, auto& v) { o.memory_mib = static_cast<u32>(number(n, v, 1, 3072, "1 to 3072 (MiB)")); }},
        {"cpu", [](Options& o, auto& n, auto& v) {
             if (v == "help") { o.cpu_help = true; return; }
             std::map<std::string, CpuModel> models;
             for (const auto& each : cpu_models) models[std::string(each.name)] = each.model;
             o.cpu = choice(n, v, models);
         }},
        {"speed", [](Options& o, auto&, auto& v) { o.steps_per_second = speed(v); }},
        {"start-of-time", [](Options& o, auto&, auto& v) { o.start_of_time = v; }},
        {"pace", [](Options& o, auto& n, auto& v) { o.pace = choice<Pace>(n, v, {{"real", Pace::Real}, {"max", Pace::Max}}); }},
        {"engine", [](Options& o, auto& n, auto& v) {
             o.engine = choice<std::string>(n, v, {{"interpreter", "interpreter"}, {"jit", "jit"}, {"verify", "verify"}});
         }},
        {"jit-threshold", [](Options& o, auto& n, auto& v) { o.jit_threshold = static_cast<u32>(number(n, v, 0, 60'000, "a number of executions")); }},
        {"jit-perf", [](Options& o, auto& n, auto& v) { o.jit_perf = choice<std::string>(n, v, {{"map", "map"}, {"dump", "dump"}}); }},
        {"display", [](Options& o, auto& n, auto& v) {
             o.display = choice<DisplayKind>(n, v, {{"sdl", DisplayKind::Sdl}, {"term", DisplayKind::Term}, {"none", DisplayKind::None}});
         }},
        {"serial", [](Options& o, auto& n, auto& v) { o.serial[0] = serial(n, v); }},
        {"serial2", [](Options& o, auto& n, auto& v) { o.serial[1] = serial(n, v); }},
        {"serial3", [](Options& o, auto& n, auto& v) { o.serial[2] = serial(n, v); }},
        {"serial4", [](Options& o, auto& n, auto& v) { o.serial[3] = serial(n, v); }},
        {"debugcon", [](Options& o, auto&, auto& v) { o.debugcon = port_and_path(v); }},
        {"debug-exit", [](Options& o, auto& n, auto& v) { o.debug_exit = static_cast<u16>(number(n, v, 0, 0xffff, "a port number such as 0xf4")); }},
        {"no-reboot", [](Options& o, auto&, auto&) { o.no_reboot = true; }},
        {"timeout", [](Options& o, auto& n, auto& v) { o.timeout = seconds(n, v); }},
        {"max-steps", [](Options& o, auto& n, auto& v) { o.max_steps = number(n, v, 0, ~u64{0} >> 1, "a number of steps"); }},
        {"stats", [](Options& o, auto&, auto& v) { o.stats = v; }},
        {"log", [](Options& o, auto&, auto& v) { o.log = v; }},
        {"expect", [](Options& o, auto&, auto& v) { add_action(o, Action::Kind::Expect, unescape(v)); }},
        {"expect-serial", [](Options& o, auto&, auto& v) { add_action(o, Action::Kind::ExpectSerial, unescape(v)); }},
        {"within", [](Options& o, auto& n, auto& v) { add_action(o, Action::Kind::Within, "", seconds(n, v)); }},
        {"type", [](Options& o, auto&, auto& v) { add_action(o, Action::Kind::Type, unescape(v)); }},
        {"key", [](Options& o, auto&, auto& v) { add_action(o, Action::Kind::Key, v); }},
        {"wait", [](Options& o, auto& n, auto& v) { add_action(o, Action::Kind::Wait, "", seconds(n, v)); }},
        {"screenshot", [](Options& o, auto&, auto& v) { add_action(o, Action::Kind::Screenshot, v); }},
        {"text", [](Options& o, auto&, auto& v) { add_action(o, Action::Kind::Text, v); }},
        {"then-continue", [](Options& o, auto&, auto&) { o.then_continue = true; }},
        {"config", [](Options&, auto&, auto&) {}},
        {"print-config", [](Options& o, auto&, auto&) { o.print_config = true; }},
        {"host-key", [](Options& o, auto& n, auto& v) {
             o.host_key = choice<std::string>(n, v, {{"rctrl", v}, {"rshift", v}, {"ralt", v}, {"f12", v}, {"scrolllock", v}});
         }},
        {"version", [](Options& o, auto&, auto&) { o.verb = Options::Verb::Version; }},
        {"help", [](Options& o, auto&, auto&) { o.verb = Options::Verb::Help; }},
    };
    return table;
}

const OptionRow* find_row(const std::string& name) {
    for (const auto& row : option_rows)
        if (row.name == name) return &row;
    return nullptr;
}

[[noreturn]] void unknown(const std::string& word) {
    Strings names;
    for (const auto& row : option_rows) names.emplace_back(row.name);
    std::string bare = word;
    bare.erase(0, bare.find_first_not_of('-'));
    const auto near = nearest(bare, names);
    throw UsageError("There is no option " + word + (near.empty() ? "; `retrace help` lists them." : "; did you mean --" + near + "?"));
}

void apply(Options& options, const std::string& name, const Strings& values) {
    const auto* row = find_row(name);
    if (!row) unknown("--" + name);
    if (!row->there) throw UsageError("--" + name + " is not in this version yet; `retrace help` lists what is.");
    const std::string value = values.empty() ? "" : values.back();
    if (row->argument.empty() && !value.empty()) {
        // A flag in a configuration file is given as key = true or false.
        if (value == "false" || value == "no" || value == "0") return;
        if (value != "true" && value != "yes" && value != "1") bad(name, value, "no value (or true or false in a configuration file)");
    } else if (!row->argument.empty() && value.empty() && name != "stats" && name != "type" && name != "append") {
        throw UsageError("--" + name + " needs a value: " + std::string(row->argument) + ".");
    }
    setters().at(name)(options, name, value);
}

po::options_description description() {
    po::options_description all;
    for (const auto& row : option_rows) {
        const std::string name{row.name};
        if (row.argument.empty()) all.add_options()(name.c_str(), "");
        else if (row.argument[0] == '[') all.add_options()(name.c_str(), po::value<std::string>()->implicit_value(""), "");
        else all.add_options()(name.c_str(), po::value<std::string>(), "");
    }
    all.add_options()("thing", po::value<Strings>(), "");
    return all;
}

void read_config_file(Options& options, const std::string& path) {
    std::ifstream file(path);
    if (!file) throw UsageError("The configuration file " + path + " cannot be read.");
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
        line.erase(std::min(line.find('#'), line.size()));
        const auto trim = [](std::string text) {
            const char* blanks = " \t\r";
            text.erase(0, std::min(text.find_first_not_of(blanks), text.size()));
            text.erase(text.find_last_not_of(blanks) + 1);
            return text;
        };
        if (trim(line).empty()) continue;
        const auto equals = line.find('=');
        if (equals == std::string::npos) throw UsageError(path + ", line " + std::to_string(number) + ": expected key = value.");
        const auto key = trim(line.substr(0, equals)), value = trim(line.substr(equals + 1));
        if (key == "thing") options.thing = value;
        else if (key == "config") throw UsageError(path + ", line " + std::to_string(number) + ": one configuration file cannot name another.");
        else apply(options, key, {value});
    }
}

}  // namespace

std::string nearest(const std::string& word, const Strings& names) {
    const auto distance = [](const std::string& a, const std::string& b) {
        std::vector<std::size_t> row(b.size() + 1);
        for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
        for (std::size_t i = 1; i <= a.size(); ++i) {
            std::size_t corner = row[0];
            row[0] = i;
            for (std::size_t j = 1; j <= b.size(); ++j) {
                const std::size_t old = row[j];
                row[j] = std::min({row[j] + 1, row[j - 1] + 1, corner + (a[i - 1] == b[j - 1] ? 0 : 1)});
                corner = old;
            }
        }
        return row[b.size()];
    };
    std::string best;
    std::size_t least = std::max<std::size_t>(2, word.size() / 3) + 1;
    for (const auto& name : names)
        if (const auto d = distance(word, name); d < least) least = d, best = name;
    return best;
}

Options parse_options(int argc, const char* const* argv) {
    // QEMU's single-dash spellings of the commonest options.
    static const std::set<std::string> single_dash{"-fda", "-fdb", "-hda", "-hdb", "-hdc", "-hdd", "-cdrom", "-boot", "-kernel", "-initrd", "-append", "-serial"};
    Strings args;
    for (int i = 1; i < argc; ++i) {
        std::string arg = argv[i];
        if (single_dash.contains(arg)) arg = "-" + arg;
        else if (arg == "-m") arg = "--memory";
        else if (arg == "-s") arg = "--gdb";
        else if (arg == "-h") arg = "--help";
        args.push_back(arg);
    }

    const auto all = description();
    po::positional_options_description positional;
    positional.add("thing", -1);
    po::parsed_options parsed{&all};
    try {
        namespace style = po::command_line_style;
        parsed = po::command_line_parser(args).options(all).positional(positional)
                     .style(style::allow_long | style::long_allow_adjacent | style::long_allow_next)
                     .run();
    } catch (const po::unknown_option& error) {
        unknown(error.get_option_name());
    } catch (const po::error& error) {
        throw UsageError(std::string("The command line cannot be understood: ") + error.what() + ".");
    }

    Options options;
    for (const auto& each : parsed.options)
        if (each.string_key == "config" && !each.value.empty()) read_config_file(options, each.value.back());

    Strings words;
    for (const auto& each : parsed.options) {
        if (each.string_key == "thing") words.insert(words.end(), each.value.begin(), each.value.end());
        else apply(options, each.string_key, each.value);
    }
    for (const auto& word : words)
        if (word.size() > 1 && word[0] == '-') unknown(word);
    if (!words.empty()) {
        static const std::set<std::string> later{"play", "verify", "debug", "image", "bench"};
        const auto& verb = words.front();
        if (verb == "run") words.erase(words.begin());
        else if (verb == "version") { options.verb = Options::Verb::Version; words.erase(words.begin()); }
        else if (verb == "help") {
            options.verb = Options::Verb::Help;
            if (words.size() > 1) options.topic = words[1], words.erase(words.begin());
            words.erase(words.begin());
        } else if (later.contains(verb)) throw UsageError("`retrace " + verb + "` is not in this version yet; `retrace help` lists what is.");
    }
    if ((options.initrd || !options.append.empty()) && !options.kernel && words.empty()) throw UsageError("--initrd and --append belong to a --kernel, and there is none.");
    if (words.size() > 1) throw UsageError("Only one thing can be run at a time, and '" + words[1] + "' is a second one; name further drives with --fdb, --hdb and so on.");
    if (!words.empty()) options.thing = words[0];
    return options;
}

std::string print_config(const Options& o) {
    std::ostringstream out;
    const auto line = [&](const char* key, const std::string& value) { if (!value.empty()) out << key << " = " << value << '\n'; };
    line("thing", o.thing);
    const std::pair<const char*, const std::optional<std::string>*> files[] = {
        {"fda", &o.fda}, {"fdb", &o.fdb}, {"hda", &o.hda}, {"hdb", &o.hdb}, {"hdc", &o.hdc}, {"hdd", &o.hdd}, {"cdrom", &o.cdrom}, {"kernel", &o.kernel}, {"initrd", &o.initrd}, {"bios", &o.bios}, {"vgabios", &o.vgabios}, {"rom", &o.rom}};
    for (const auto& [key, value] : files) line(key, value->value_or(""));
    line("append", o.append);
    line("writable", o.writable ? "true" : "false");
    line("boot", o.boot);
    line("memory", std::to_string(o.memory_mib));
    line("cpu", std::string(name_of(o.cpu).name));
    line("speed", std::to_string(o.steps_per_second.value_or(name_of(o.cpu).steps_per_second)));
    line("start-of-time", o.start_of_time);
    if (o.pace) line("pace", *o.pace == Pace::Real ? "real" : "max");
    line("engine", o.engine);
    if (o.jit_threshold) line("jit-threshold", std::to_string(*o.jit_threshold));
    line("jit-perf", o.jit_perf);
    if (o.display) line("display", *o.display == DisplayKind::Sdl ? "sdl" : *o.display == DisplayKind::Term ? "term" : "none");
    for (int i = 0; i < 4; ++i) {
        const auto& port = o.serial[i];
        const std::string key = i == 0 ? "serial" : "serial" + std::to_string(i + 1);
        line(key.c_str(), port.kind == SerialOption::Kind::Null ? "null" : port.kind == SerialOption::Kind::Stdio ? "stdio" : "file:" + port.path);
    }
    if (o.debugcon) line("debugcon", std::to_string(o.debugcon->first) + (o.debugcon->second.empty() ? "" : ":" + o.debugcon->second));
    if (o.debug_exit) line("debug-exit", std::to_string(*o.debug_exit));
    line("no-reboot", o.no_reboot ? "true" : "false");
    if (o.timeout) line("timeout", std::to_string(*o.timeout));
    if (o.max_steps) line("max-steps", std::to_string(*o.max_steps));
    line("log", o.log);
    line("host-key", o.host_key);
    return out.str();
}

std::string help_text(const std::string& topic) {
    std::ostringstream out;
    const auto describe = [&](const OptionRow& row) {
        std::string left = "  --" + std::string(row.name);
        if (!row.argument.empty()) left += (row.argument[0] == '[' ? "" : " ") + std::string(row.argument);
        if (left.size() < 34) left.resize(34, ' ');
        else left += "  ";
        out << left << row.text << (row.there ? "" : " (not in this version yet)") << '\n';
    };
    if (!topic.empty()) {
        if (topic == "cpu") return cpu_help_text();
        const auto* row = find_row(topic.substr(std::min(topic.find_first_not_of('-'), topic.size())));
        if (!row) {
            Strings names;
            for (const auto& each : option_rows) names.emplace_back(each.name);
            const auto near = nearest(topic, names);
            throw UsageError("There is no help on '" + topic + "'" + (near.empty() ? "; `retrace help` lists the options." : "; did you mean " + near + "?"));
        }
        describe(*row);
        return out.str();
    }
    out << "Retrace: a PC that runs DOS and old operating systems, and can be rewound.\n\n"
           "  retrace [run] [THING] [options]   boot THING: a floppy or hard-disk image; without it, the built-in guest\n"
           "  retrace version\n"
           "  retrace help [OPTION]\n";
    static constexpr const char* titles[] = {"Media", "Machine", "Running", "Acting and looking, in this order, for scripts and tests", "Settings"};
    for (int group = 0; group < 5; ++group) {
        out << '\n' << titles[group] << ":\n";
        for (const auto& row : option_rows)
            if (static_cast<int>(row.group) == group) describe(row);
    }
    out << "\nIn the window, the host key (right Ctrl) begins every command: +F full screen, +G release the mouse, +S screenshot,\n"
           "+P pause, +R reset, +V paste as typing, +1 +2 swap the floppy in A and B, +Q quit.\n\n"
           "Exit codes: 0 power-off or actions done, 1 trouble on the host, 2 usage, 3 an expectation was not met,\n"
           "4 reset or triple fault under --no-reboot, 124 --timeout; --debug-exit gives the guest's own.\n\n"
           "Example: retrace --fda freedos.img --display none --expect 'A:\\>' --type 'ver\\n' --wait 1 --text -\n";
    return out.str();
}

std::string cpu_help_text() {
    static const std::map<CpuModel, const char*> features{
        {CpuModel::I8086, "16-bit real mode; offsets wrap, no invalid-opcode exception"},
        {CpuModel::I286, "adds PUSHA, ENTER, BOUND, shift counts, #UD, 16-bit protected mode"},
        {CpuModel::I386, "adds 32-bit operands and addresses, FS, GS, bit and double-shift instructions"},
        {CpuModel::I486, "adds BSWAP, CMPXCHG, XADD, INVLPG, CPUID, alignment check"},
        {CpuModel::Pentium, "adds RDTSC, CMPXCHG8B, RDMSR, CR4"},
        {CpuModel::Pentium2, "adds CMOV, MMX, SYSENTER, FXSAVE"},
        {CpuModel::Pentium3, "adds SSE"},
        {CpuModel::Pentium4, "adds SSE2, SSE3, CLFLUSH"},
        {CpuModel::Max, "everything this version has"},
    };
    std::ostringstream out;
    for (const auto& model : cpu_models) {
        std::string name{model.name};
        name.resize(10, ' ');
        out << name << features.at(model.model) << "; --speed " << model.steps_per_second << " by default\n";
    }
    return out.str();
}

}  // namespace retrace
