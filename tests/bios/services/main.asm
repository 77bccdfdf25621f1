; A floppy that boots and tries the services of the system BIOS. Each claim is one line on the debug port (E9h):
; "ok what" or "FAILED what", the values with it; last the line "end of tests". The exit port (501h) gets 0 if all hold, else 1.
;
; It needs: this disk in drive A (1.44 MB, writable), a hard disk of at least 8 MB that may be written, a printer port or
; none, nothing typed. It presses its own keys through the keyboard controller (command D2h).

        cpu 8086
        bits 16
        org 0x7c00

boot:
        jmp short .start
        nop
        db "RETRACE "
        dw 512
        db 1
        dw 1
        db 2
        dw 224
        dw 2880
        db 0xf0
        dw 9, 18, 2
        times 62 - ($ - $$) db 0
.start:
        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7c00
        sti
        cld
        mov [boot_drive], dl
        mov si, 1                       ; the rest lies on the next sectors: read singly, with retries
        mov bx, 0x7e00
.sector:
        mov di, 4
.retry:
        mov ax, si
        mov cl, 18
        div cl
        mov cl, ah
        inc cl                          ; sector
        mov ch, al
        shr ch, 1                       ; cylinder
        mov dh, al
        and dh, 1
        mov dl, [boot_drive]
        mov ax, 0x0201
        int 0x13
        jnc .good
        mov ah, 0
        int 0x13
        dec di
        jnz .retry
        mov al, 'X'
        out 0xe9, al
.stop:
        hlt
        jmp .stop
.good:
        add bx, 512
        inc si
        cmp si, sectors
        jb .sector
        jmp run

boot_drive:
        db 0
        times 510 - ($ - $$) db 0
        dw 0xaa55

%include "claims.inc"

run:
        say "tests of the system BIOS"
        call detect_cpu
        call system_tests
        call memory_tests
        call time_tests
        call keyboard_tests
        call floppy_tests
        call disk_tests
        call port_tests
        call pci_tests
        say "end of tests"
        mov al, [failures]
        test al, al
        jz .exit
        mov al, 1
.exit:
        mov dx, 0x501
        out dx, al
.stop:
        hlt
        jmp .stop

%include "system.asm"
%include "memory.asm"
%include "time.asm"
%include "keyboard.asm"
%include "floppy.asm"
%include "disk.asm"
%include "ports.asm"
%include "pci.asm"

        align 512, db 0
sectors equ ($ - $$) / 512
buffer  equ 0x1000                      ; a segment: 0x10000, for transfers
        times 1474560 - ($ - $$) db 0xe5
