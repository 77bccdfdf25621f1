; The system BIOS: 64 KiB at F000:0000, and the same bytes at FFFF0000h where a 386 or later starts.
;
; Services run on an 8086. Instructions of newer processors stand only in the files named *186.asm, *286.asm and
; *386.asm, each behind a look at ebda.cpu. Code fills the image from 0000; from E05B on stand the entry points and
; tables that programs call and read at their fixed addresses (IBM PC AT Technical Reference, BIOS listing).

        cpu 8086
        bits 16
        org 0

%include "defs.inc"
%define font_rules_only
%define font_limit 128
%include "font_data.asm"

; ---- code that may stand anywhere ----
%include "post.asm"
%include "cpu.asm"
%include "chips.asm"
%include "apic386.asm"
%include "mtrr686.asm"
%include "pci386.asm"
%include "memory.asm"
%include "roms.asm"
%include "console.asm"
%include "interrupts.asm"
%include "timer.asm"
%include "rtc.asm"
%include "controller.asm"
%include "keyboard.asm"
%include "keyboard_services.asm"
%include "keyboard_tables.asm"
%include "mouse.asm"
%include "int13.asm"
%include "floppy.asm"
%include "floppy_drives.asm"
%include "floppy_transfer.asm"
%include "floppy_format.asm"
%include "floppy_kinds.asm"
%include "fdc.asm"
%include "disk.asm"
%include "edd.asm"
%include "ata.asm"
%include "ata186.asm"
%include "geometry.asm"
%include "serial.asm"
%include "parallel.asm"
%include "int15.asm"
%include "memory386.asm"
%include "move.asm"
%include "move286.asm"
%include "apm.asm"
%include "boot.asm"
%include "cd386.asm"

; ---- entry points and tables at their fixed addresses ----
        place 0xdf00                    ; room for pointers to the tables that a board brings (images.hpp)
        times 0x100 db 0
        place 0xe000
        db "Retrace BIOS", 0
        place 0xe05b
        jmp post
        place 0xe2c3
        jmp nmi
        place 0xe3fe
        jmp int13
        place 0xe401
%include "disk_types.asm"
        place 0xe6f2
        jmp int19
        place 0xe6f5
%include "configuration.asm"
        place 0xe729
%include "baud_rates.asm"
        place 0xe739
        jmp int14
        place 0xe82e
        jmp int16
        place 0xe987
        jmp irq1
        place 0xec59
        jmp int13_floppy
        place 0xef57
        jmp irq6
        place 0xefc7
floppy_parameters:
        db 0xaf                         ; step rate 6 ms, head unload 240 ms
        db 0x02                         ; head load 4 ms, DMA
        db 0x25                         ; ticks until the motor stops
        db 0x02                         ; 512-byte sectors
        db 18                           ; last sector of a track
        db 0x1b                         ; gap for reading and writing
        db 0xff                         ; data length, unused
        db 0x6c                         ; gap for formatting
        db 0xf6                         ; fill byte for formatting
        db 15                           ; head settling, ms
        db 8                            ; motor start, 1/8 s
        place 0xefd2
        jmp int17
        place 0xf045                       ; the subfunctions of the first PC's INT 10h all lead to the one that is installed
        times 16 dw video_service
        place 0xf065
        jmp video_service
        place 0xf0a4
%include "video_parameters.asm"
        place 0xf841
        jmp int12
        place 0xf84d
        jmp int11
        place 0xf859
        jmp int15
        place 0xfa6e
        font 8                          ; characters 0-127
        place 0xfe6e
        jmp int1a
        place 0xfea5
        jmp irq0
        place 0xfef3
vectors_08_to_1f:
        dw irq0, irq1, unexpected, unexpected, unexpected, unexpected, irq6, irq7                  ; 08h-0Fh
        dw video_service, int11, int12, int13, int14, int15, int16, int17                          ; 10h-17h
        dw int18, int19, int1a, just_return, just_return, video_parameters, floppy_parameters, 0   ; 18h-1Fh
vectors_70_to_77:
        dw irq8, irq9, unexpected, unexpected, irq12, irq13, irq14, irq15
        place 0xff53
just_return:
        iret
        place 0xff54
        jmp int05
        place 0xfff0
        jmp 0xf000:0xe05b
        place 0xfff5
        db "11/21/26"
        db 0
        db 0xfc                         ; FFFE: an AT
        db 0                            ; FFFF: the build makes the sum zero
