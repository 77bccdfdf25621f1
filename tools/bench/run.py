#!/usr/bin/env python3
"""Run the Retrace benchmark guest side by side on several engines.

Every engine boots the same raw disk image; the guest prints BEGIN/END markers on
COM1 and this program time-stamps them as they arrive. See README.md.
"""
import argparse, json, math, os, pty, select, shlex, shutil, signal, statistics, struct
import subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
GUEST = os.path.join(HERE, "guest")
RETRACE = os.path.join(HERE, "..", "..", "build", "release", "frontend", "retrace")
CHILDREN = set()


# ------------------------------------------------------------------ image and manifest
class Kernel:
    def __init__(self, index, line):
        self.index = index
        self.name, self.group, reps, self.flags, extra, self.desc = line.split(None, 5)
        self.reps, self.extra, self.native = int(reps), extra == "1", "N" in self.flags


def load_manifest(image):
    data = open(image, "rb").read()
    if data[512:516] != b"RTB1":
        sys.exit(f"{image}: not a bench image")
    text = data[1024:1024 + 8192].split(b"\0")[0].decode()
    return data, [Kernel(i, l) for i, l in enumerate(text.splitlines())]


def poke(data, kernels, want, scale, paging):
    b = bytearray(data)
    struct.pack_into("<I", b, 512 + 12, 1 if paging else 0)
    for k in kernels:
        struct.pack_into("<I", b, 512 + 64 + 4 * k.index, eff(k, scale) if k.name in want else 0)
    return bytes(b)


def eff(k, scale, native=False):
    """Repeat count in use. 't' kernels are tiny natively: there they run 20 times as long
    (and times are normalised)."""
    return max(1, round(k.reps * scale * (20 if native and "t" in k.flags else 1)))


# ------------------------------------------------------------------ engines
class Engine:
    """start(image, jobs, tmp) -> (Popen, fd to read serial from, drain fds)"""
    boots = True

    def __init__(self, name, opts):
        self.name, self.o = name, opts
        self.scale = opts.scales.get(name, opts.scale)

    def popen(self, cmd, **kw):
        p = subprocess.Popen(cmd, start_new_session=True, **kw)
        CHILDREN.add(p)
        return p


class Native(Engine):
    boots = False

    def start(self, image, jobs, tmp):
        p = self.popen([self.o.native] + [f"{n}:{r}" for n, r in jobs],
                       stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        return p, p.stdout.fileno(), []


class Stdout(Engine):
    """An engine whose serial port is its stdout."""
    def __init__(self, name, opts, template):
        super().__init__(name, opts)
        self.template = template

    def start(self, image, jobs, tmp):
        cmd = [a.format(image=image, tmp=tmp) for a in shlex.split(self.template)]
        err = open(os.path.join(tmp, "stderr"), "ab")
        p = self.popen(cmd, stdout=subprocess.PIPE, stdin=subprocess.PIPE, stderr=err)
        return p, p.stdout.fileno(), []


BOCHSRC = """\
config_interface: textconfig
display_library: {display}
romimage: file={bios}
vgaromimage: file={vgabios}
megs: 128
cpu: count=1, ips={ips}, reset_on_triple_fault=0
clock: sync=none
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=disk, path="{image}", mode=flat, cylinders=4, heads=16, spt=63
boot: disk
com1: enabled=1, mode=file, dev={fifo}
log: {tmp}/bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
debug: action=ignore
"""


class Bochs(Engine):
    """"bochs" is --bochs; "bochs-new" is --bochs-new, e.g. one built from source without the debugger."""
    def start(self, image, jobs, tmp):
        new = self.name == "bochs-new"
        exe, display = (self.o.bochs_new, "nogui") if new else (self.o.bochs, self.o.bochs_display)
        fifo = os.path.join(tmp, "com1")
        os.mkfifo(fifo)
        rfd = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        rc = os.path.join(tmp, "bochsrc")
        open(rc, "w").write(BOCHSRC.format(image=image, fifo=fifo, tmp=tmp, ips=self.o.bochs_ips, display=display,
                                           bios=self.o.bochs_bios, vgabios=self.o.bochs_vgabios))
        dbg = os.path.join(tmp, "dbg")
        open(dbg, "w").write("c\n")
        master, slave = pty.openpty()
        env = dict(os.environ, TERM="vt100", BXSHARE="/usr/share/bochs")
        text = subprocess.run([exe, "--help"], capture_output=True, stdin=subprocess.DEVNULL)
        has_dbg = b"-rc" in text.stdout + text.stderr    # built with its debugger: starts stopped
        cmd = [exe, "-q", "-f", rc] + (["-rc", dbg] if has_dbg else [])
        p = self.popen(cmd, stdin=slave, stdout=slave, stderr=slave, env=env)
        os.close(slave)
        return p, rfd, [master]


class V86(Engine):
    def start(self, image, jobs, tmp):
        err = open(os.path.join(tmp, "stderr"), "ab")
        p = self.popen([self.o.node, os.path.join(HERE, "v86run.mjs"), image, self.o.v86_dir, self.o.v86_bios,
                        self.o.v86_vgabios], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, stderr=err)
        return p, p.stdout.fileno(), []


QEMU = ("{qemu} {accel} -m 128 -drive file={{image}},format=raw,if=ide -display none -vga std "
        "-monitor none -serial stdio -no-reboot -net none -device isa-debug-exit,iobase=0xf4,iosize=4")


def make_engine(name, o):
    if name == "native":
        return Native(name, o)
    if name == "qemu-tcg":
        return Stdout(name, o, QEMU.format(qemu=o.qemu, accel="-accel tcg,thread=single"))
    if name == "qemu-icount":
        return Stdout(name, o, QEMU.format(qemu=o.qemu, accel="-accel tcg,thread=single -icount shift=auto,sleep=off"))
    if name == "qemu-tcg-mt":
        return Stdout(name, o, QEMU.format(qemu=o.qemu, accel="-accel tcg"))
    if name == "qemu-kvm":
        return Stdout(name, o, QEMU.format(qemu=o.qemu, accel="-accel kvm"))
    if name in ("bochs", "bochs-new"):
        return Bochs(name, o)
    if name == "v86":
        return V86(name, o)
    if name == "retrace":
        return Stdout(name, o, o.retrace)
    if name in o.custom:
        return Stdout(name, o, o.custom[name])
    sys.exit(f"unknown engine {name}")


# ------------------------------------------------------------------ one run
def cpu_clock(pid):
    """CPU seconds of a process and its reaped children, or None."""
    try:
        t = time.clock_gettime(((~pid) << 3) | 2)
        w = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
        return t + (int(w[13]) + int(w[14])) / os.sysconf("SC_CLK_TCK")
    except OSError:
        return None


def on_term(*_):
    raise KeyboardInterrupt


signal.signal(signal.SIGTERM, on_term)      # so that engines are stopped with us


def stop(p):
    if p.poll() is None:
        try:
            os.killpg(p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    p.wait()
    CHILDREN.discard(p)
    for f in (p.stdout, p.stdin):
        if f:
            f.close()


def watch(eng, p, fd, drain, o, reps):
    """Read serial markers until the end, a hang or exit. Returns ({name: sample}, hung, boot seconds)."""
    got, cur, hung, boot_s = {}, None, None, None
    t_start = getattr(p, "t_start", None) or time.monotonic()
    os.set_blocking(fd, False)
    buf, t_last, done = b"", t_start, False
    while not done:
        limit = o.boot_timeout if cur is None else o.timeout
        left = t_last + limit - time.monotonic()
        if left <= 0:
            hung = cur or "(boot)"
            break
        r, _, _ = select.select([fd] + drain, [], [], min(left, 0.5))
        now = time.monotonic()
        for d in drain:
            if d in r:
                try:
                    os.read(d, 65536)
                except OSError:
                    drain = []
        if fd not in r:
            if p.poll() is not None and fd not in select.select([fd], [], [], 0)[0]:
                hung = cur or "(exit)"
                break
            continue
        cpu = cpu_clock(p.pid)
        try:
            chunk = os.read(fd, 65536)
        except BlockingIOError:
            continue
        if not chunk:
            hung = cur or "(exit)"
            break
        buf += chunk
        while b"\n" in buf:
            line, buf = buf.split(b"\n", 1)
            w = line.decode("latin1").strip().split()
            if o.verbose:
                print(f"    [{now - t_start:8.3f}] {' '.join(w)}", file=sys.stderr)
            if not w:
                continue
            if w[0] == "BEGIN" and len(w) == 2:
                if boot_s is None:
                    boot_s = now - t_start
                    eng.boot_cpu = cpu
                cur, t0, c0, t_last = w[1], now, cpu, now
            elif w[0] == "END" and len(w) == 3 and w[1] == cur:
                got[cur] = dict(wall=now - t0, cpu=None if None in (cpu, c0) else cpu - c0, sum=w[2],
                                reps=reps.get(cur, 1))
                cur, t_last = None, now
            elif w[0] == "SKIP" and len(w) >= 2:
                got[w[1]] = dict(skip=" ".join(w[2:]))
            elif w[0] == "PANIC":
                hung, done = cur or "(panic)", True
                print(f"  {eng.name}: {' '.join(w)}", file=sys.stderr)
            elif line.startswith(b"ALL DONE"):
                done = True
    return got, hung, boot_s


def run_once(eng, data, kernels, names, o):
    """Boot once with the named kernels. Returns ({name: sample}, name it hung in or None, boot seconds)."""
    want = set(names)
    jobs = [(k.name, eff(k, eng.scale, not eng.boots)) for k in kernels if k.name in want]
    tmp = tempfile.mkdtemp(prefix="bench-", dir=o.tmp)
    try:
        image = os.path.join(tmp, "disk.img")
        open(image, "wb").write(poke(data, kernels, want, eng.scale, o.paging))
        t = time.monotonic()
        p, fd, drain = eng.start(image, jobs, tmp)
        p.t_start = t
        try:
            got, hung, boot_s = watch(eng, p, fd, drain, o, dict(jobs))
        finally:
            stop(p)
            if isinstance(eng, Bochs):
                os.close(fd)
            for d in drain:
                os.close(d)
        if hung and o.keep_logs:
            shutil.copytree(tmp, os.path.join(o.keep_logs, f"{eng.name}-{hung.strip('()')}"), dirs_exist_ok=True,
                            ignore=shutil.ignore_patterns("com1", "disk.img"))
    finally:
        shutil.rmtree(tmp, ignore_errors=True)
    return got, hung, boot_s


def run_set(eng, data, kernels, names, o, banned):
    """Run a set of kernels, going on after hangs."""
    out, boots = {}, []
    remaining = [n for n in names if n not in banned]
    while remaining:
        got, hung, b = run_once(eng, data, kernels, remaining, o)
        out.update(got)
        if b is not None:
            boots.append(b)
        remaining = [n for n in remaining if n not in got]
        if not hung:
            break
        print(f"  {eng.name}: stopped in {hung}", file=sys.stderr)
        if hung.startswith("("):
            if not got:
                for n in remaining:
                    banned.add(n)
                break
        else:
            banned.add(hung)
            out[hung] = dict(hang=True)
            remaining = [n for n in remaining if n != hung]
    return out, boots


# ------------------------------------------------------------------ report
def geo(v):
    v = [x for x in v if x and x > 0]
    return math.exp(sum(map(math.log, v)) / len(v)) if v else None


def fmt(x, w=9):
    return f"{'-':>{w}}" if x is None else f"{x:>{w}.3f}" if x < 100 else f"{x:>{w}.1f}"


def report(res, kernels, engines, o, metric):
    def med(e, n):
        s = [x[metric] * (k_by[n].reps / x["reps"]) for x in res[e].get(n, []) if x.get(metric) is not None]
        return statistics.median(s) if s else None
    k_by = {k.name: k for k in kernels}
    sel = [k for k in kernels if any(k.name in res[e] for e in engines)]
    T = {e: {k.name: med(e, k.name) for k in sel} for e in engines}
    lines = []
    def table(title, f, base=None):
        lines.append(f"\n{title}")
        lines.append(f"{'kernel':<12}{'group':<9}" + "".join(f"{e[:11]:>12}" for e in engines))
        for g in ("integer", "fp", "system"):
            for k in sel:
                if k.group == g:
                    lines.append(f"{k.name + ('*' if k.extra else ''):<12}{k.group:<9}" +
                                 "".join(fmt(f(e, k.name), 12) for e in engines))
        if base:
            for g in ("integer", "fp", "system", "all"):
                lines.append(f"{'GEOMEAN':<12}{g:<9}" + "".join(
                    fmt(geo([f(e, k.name) for k in sel if g in (k.group, "all")]), 12) for e in engines))
    table(f"median {metric} seconds ({o.repeats} repeats)", lambda e, n: T[e][n])
    for base in ("native", o.base):
        if base in engines:
            table(f"{metric} time / {base} (lower is faster)",
                  lambda e, n: T[e][n] / T[base][n] if T[e][n] is not None and T[base][n] else None, base)
    return "\n".join(lines), T


def check_sums(res, kernels, engines, native_sums):
    bad = []
    for k in kernels:
        by = {}
        for e in engines:
            for x in res[e].get(k.name, []):
                if "sum" in x:
                    by.setdefault(x["reps"], {}).setdefault(x["sum"], set()).add(e)
        for reps, sums in by.items():
            want = native_sums.get((k.name, reps))
            if want is None:
                want = max(sums, key=lambda s: len(sums[s]))
                how = "majority"
            else:
                how = "native"
            for s, es in sums.items():
                if s != want:
                    bad.append(f"{k.name}: {','.join(sorted(es))} gives {s}, {how} says {want}")
    return bad


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("engines", nargs="*", default=None, help="native qemu-tcg qemu-icount qemu-tcg-mt qemu-kvm bochs bochs-new v86 retrace, "
                    "or a name given by --engine (default: native qemu-tcg)")
    ap.add_argument("-n", "--repeats", type=int, default=3)
    ap.add_argument("-k", "--kernels", help="comma list of kernel names or groups")
    ap.add_argument("--image", default=None)
    ap.add_argument("--native", default=None, help="native binary")
    ap.add_argument("--native-repeats", type=int, default=3, help="native runs for each repeat")
    ap.add_argument("--retrace", default=RETRACE + " --hda {image} --boot c --memory 128 --serial stdio --display none",
                    help="command template; {image} is the disk, COM1 must be its stdout")
    ap.add_argument("--engine", action="append", default=[], metavar="NAME=TEMPLATE", help="one more engine")
    ap.add_argument("--base", default="qemu-tcg", help="second engine for ratios")
    ap.add_argument("--scale", type=float, default=1.0, help="factor on all repeat counts")
    ap.add_argument("--scale-engine", action="append", default=[], metavar="NAME=F",
                    help="factor for one engine; its times are normalised to full counts")
    ap.add_argument("--chunk", type=int, default=8, help="kernels in a boot; engines alternate between chunks (0: all)")
    ap.add_argument("--paging", action="store_true", help="run every kernel with 4 KB paging on")
    ap.add_argument("--timeout", type=float, default=120, help="seconds for one kernel")
    ap.add_argument("--boot-timeout", type=float, default=60)
    ap.add_argument("--metric", choices=("wall", "cpu", "both"), default="wall")
    ap.add_argument("--json", help="write all samples here")
    ap.add_argument("--merge", help="take samples of an earlier --json file too")
    ap.add_argument("--tmp", default=None)
    ap.add_argument("--keep-logs", default=None, help="folder for the files of runs that hang")
    ap.add_argument("--list", action="store_true")
    ap.add_argument("-v", "--verbose", action="store_true")
    ap.add_argument("--qemu", default="qemu-system-i386")
    ap.add_argument("--bochs", default="bochs")
    ap.add_argument("--bochs-new", default=os.environ.get("BOCHS_NEW", "bochs"), help="a second Bochs, with the nogui display")
    ap.add_argument("--bochs-ips", type=int, default=100000000)
    ap.add_argument("--bochs-bios", default="/usr/share/bochs/BIOS-bochs-latest")
    ap.add_argument("--bochs-vgabios", default="/usr/share/bochs/VGABIOS-lgpl-latest")
    ap.add_argument("--bochs-display", default="term", help="display library (nogui, term, ...)")
    ap.add_argument("--node", default="node")
    ap.add_argument("--v86-dir", default=os.environ.get("V86_DIR", "node_modules/v86"), help="folder of the v86 npm package")
    ap.add_argument("--v86-bios", default="/usr/share/seabios/bios.bin")
    ap.add_argument("--v86-vgabios", default="/usr/share/seabios/vgabios-stdvga.bin")
    o = ap.parse_args()
    build = os.path.join(GUEST, "build")
    if not o.image:
        o.image = os.path.join(build, "bench.img")
        if not os.path.exists(o.image):
            subprocess.run(["make", "-s"], cwd=GUEST, check=True)
    o.native = o.native or os.path.join(build, "native")
    o.custom = dict(e.split("=", 1) for e in o.engine)
    o.scales = {k: float(v) for k, v in (s.split("=", 1) for s in o.scale_engine)}
    o.scales["native"] = o.scales.get("native", o.scale)
    data, kernels = load_manifest(o.image)
    if o.list:
        for k in kernels:
            print(f"{k.name:<12}{k.group:<9}{k.reps:>7} {'native' if k.native else '      '} "
                  f"{'extra' if k.extra else '        '} {k.desc}")
        return
    names = [k.name for k in kernels]
    if o.kernels:
        sel = set(o.kernels.split(","))
        names = [k.name for k in kernels if k.name in sel or k.group in sel]
    engines = [make_engine(n, o) for n in (o.engines or ["native", "qemu-tcg"])]
    enames = [e.name for e in engines]
    res = {n: {} for n in enames}
    boots = {n: [] for n in enames}
    banned = {n: set() for n in enames}
    by = {k.name: k for k in kernels}
    step = o.chunk or len(names)
    chunks = [names[i:i + step] for i in range(0, len(names), step)]
    try:
        for rep in range(o.repeats):
            for ci, ch in enumerate(chunks):
                order = engines if (rep + ci) % 2 == 0 else engines[::-1]
                for e in order:
                    want = [n for n in ch if e.boots or by[n].native]
                    if not want:
                        continue
                    for _ in range(o.native_repeats if e.name == "native" else 1):
                        got, b = run_set(e, data, kernels, want, o, banned[e.name])
                        boots[e.name] += b
                        for n, x in got.items():
                            res[e.name].setdefault(n, []).append(x)
                    print(f"  repeat {rep + 1} chunk {ci + 1}/{len(chunks)} {e.name}: "
                          f"{sum(x.get('wall', 0) for x in got.values()):.1f} s", file=sys.stderr)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
    finally:
        for p in list(CHILDREN):
            stop(p)
    if o.merge:
        old = json.load(open(o.merge))["samples"]
        for e in old:
            if e not in enames:
                enames.append(e)
                res[e], boots[e] = {}, []
            for n, xs in old[e].items():
                res[e].setdefault(n, [])[:0] = xs
    # expected checksums at every repeat count in use
    sums = {}
    if os.path.exists(o.native):
        need = {}
        for e in enames:
            for n, xs in res[e].items():
                for x in xs:
                    if "reps" in x and by.get(n) and by[n].native:
                        need[(n, x["reps"])] = 1
        if need:
            outp = subprocess.run([o.native] + [f"{n}:{r}" for n, r in need], capture_output=True, text=True).stdout
            ends = [l.split() for l in outp.splitlines() if l.startswith("END ")]
            for (n, r), w in zip(need, ends):
                assert w[1] == n
                sums[(n, r)] = w[2]
    bad = check_sums(res, kernels, enames, sums)
    tables = {}
    for m in (["wall", "cpu"] if o.metric == "both" else [o.metric]):
        text, T = report(res, kernels, enames, o, m)
        tables[m] = T
        print(text)
    print("\nstart to first marker, median s: " +
          ", ".join(f"{e} {statistics.median(boots[e]):.2f}" for e in enames if boots.get(e) and e != "native"))
    for e in enames:
        for n, xs in res[e].items():
            for key in ("skip", "hang"):
                if xs and key in xs[0]:
                    print(f"{e}: {n} {key} {xs[0][key] if key == 'skip' else ''}")
    print("\nchecksums: " + ("all equal" if not bad else "MISMATCH\n  " + "\n  ".join(bad)))
    if o.json:
        json.dump(dict(when=time.strftime("%Y-%m-%d %H:%M:%S"), engines=enames, repeats=o.repeats,
                       kernels=[vars(k) for k in kernels], samples=res, medians=tables, boots=boots, mismatches=bad,
                       load=os.getloadavg()), open(o.json, "w"), indent=1)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
