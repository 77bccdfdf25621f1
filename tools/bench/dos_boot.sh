#!/usr/bin/env bash
# Times a DOS boot, from power-on until a program in AUTOEXEC.BAT switches the machine off, in Retrace, Bochs and QEMU (TCG), several times in
# turn. Prints CPU seconds (user and system) of each process and their medians.
#   dos_boot.sh [RUNS]        needs mtools, nasm, bochs, qemu-system-x86 and a FreeDOS floppy (RETRACE_SHARED/guests/freedos-1440.img)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
runs=${1:-5}
shared=${RETRACE_SHARED:-$here/../../../shared}
retrace=$here/../../build/release/frontend/retrace
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cp "$shared/guests/freedos-1440.img" "$folder/dos.img"
chmod u+w "$folder/dos.img"
# A program that switches off by every port that one of the three knows.
cat > "$folder/off.asm" <<'ASM'
        org 100h
        mov dx, 8900h
        mov si, word_off
        mov cx, 8
next:   lodsb
        out dx, al
        loop next
        mov dx, 604h
        mov ax, 2000h
        out dx, ax
        mov dx, 501h
        out dx, al
        hlt
word_off: db "Shutdown"
ASM
nasm -f bin -o "$folder/off.com" "$folder/off.asm"
printf 'off\r\n' > "$folder/autoexec.bat"
mcopy -o -i "$folder/dos.img" "$folder/off.com" ::OFF.COM
mcopy -o -i "$folder/dos.img" "$folder/autoexec.bat" ::AUTOEXEC.BAT

cat > "$folder/bochsrc" <<RC
config_interface: textconfig
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
megs: 16
cpu: count=1, ips=100000000
clock: sync=none
floppya: 1_44=$folder/dos.img, status=inserted
boot: floppy
log: $folder/bochs.log
panic: action=fatal
RC
echo c > "$folder/debugger"

time_of() {  # NAME COMMAND...: appends the CPU seconds of the command to a file
    local name=$1; shift
    ( TIMEFORMAT='%U %S'; { time timeout 120 "$@" >/dev/null 2>&1 </dev/null || true; } 2>&1 ) | awk '{print $1 + $2}' >> "$folder/$name"
}
for ((run = 0; run < runs; ++run)); do
    time_of retrace "$retrace" --fda "$folder/dos.img" --memory 16 --display none
    time_of bochs script -qec "TERM=vt100 bochs -q -f $folder/bochsrc -rc $folder/debugger" /dev/null
    time_of qemu qemu-system-i386 -accel tcg,thread=single -m 16 -net none -display none -fda "$folder/dos.img" -boot a \
        -device isa-debug-exit,iobase=0x501,iosize=2 -no-reboot
done
for name in retrace bochs qemu; do
    printf '%-8s %s  median %s\n' "$name" "$(tr '\n' ' ' < "$folder/$name")" "$(sort -n "$folder/$name" | sed -n "$(( (runs + 1) / 2 ))p")"
done
