; Which processor runs this, and is there an FPU? By flags as Intel's AP-485 does it: bits 12-15 are always set on an
; 8086 and a 186, always clear on a 286 in real mode; AC can change on a 486, ID where CPUID is.

cpu_8086        equ 0
cpu_186         equ 1
cpu_286         equ 2
cpu_386         equ 3
cpu_486         equ 4
cpu_cpuid       equ 5

find_cpu:
        ds_ebda
        pushf
        pop bx
        mov ax, bx
        and ax, 0x0fff
        push ax
        popf
        pushf
        pop ax
        and ax, 0xf000
        cmp ax, 0xf000
        jne .at_least_286
        mov cl, 33                      ; a 186 takes shift counts modulo 32
        mov ax, 0xffff
        shl ax, cl
        mov al, cpu_8086
        jz .found
        mov al, cpu_186
        jmp .found
.at_least_286:
        mov ax, bx
        or ax, 0xf000
        push ax
        popf
        pushf
        pop ax
        test ax, 0xf000
        mov al, cpu_286
        jz .found
        call find_cpu_386
.found:
        mov [ebda.cpu], al
        push bx
        popf
        ret

; Equipment bit 1: after FNINIT an FPU stores a clear status word and the control word 037Fh (03FFh on an 8087).
find_fpu:
        mov ds, [cs:bda_segment]
        mov ax, 0x5a5a
        push ax
        mov bp, sp
        fninit
        mov cx, 20
        loop $                          ; an 8087 works beside the processor
        fnstsw [bp]
        mov cx, 20
        loop $
        cmp byte [bp], 0
        jne .none
        fnstcw [bp]
        mov cx, 20
        loop $
        mov ax, [bp]
        and ax, 0x103f
        cmp ax, 0x003f
        jne .none
        or byte [bda.equipment], 0x02
.none:
        pop ax
        ret

%include "cpu386.asm"
