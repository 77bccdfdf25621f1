; Virtual-8086 mode, its extensions (VME), virtual interrupts of ring 3 (PVI), and the I/O permission map: SDM volume 3, chapter 20 (22), and
; volume 1, 19.5 (18.5).
%include "kernel/kernel.inc"

MAP equ 104                             ; offset of the I/O permission map in the TSS
CONFORMING equ SPARE
OUTER equ SPARE + 8

%macro v86_faults 5+                    ; name, vector, code, flags, instruction
        attempt
        in_v86 %4
  here  %5
        end_v86
        faulted %1, %2, %3
%endmacro
; The instruction runs; afterwards the flags masked with the third are the fourth.
%macro v86_runs 5+                      ; name, flags, mask, expected, instructions
        attempt
        in_v86 %2
        %5
        db 0f1h                         ; ICEBP needs no right
        end_v86
        raised %1, E_DB, NONE
        mov eax, [seen_eflags]
        and eax, %3
        equal %1, eax, %4
%endmacro

main:
; ---- in and out
        idt_gate 32h, CODE0, look, PRESENT | RING3 | T_INT32
        attempt
        in_v86 F_IOPL3 | F_IF
        mov ax, 5678h
        mov fs, ax
        mov ax, 1234h
        mov gs, ax
  here  int 32h
        end_v86
        trapped "INT n from virtual-8086 mode", 32h, NONE
        equal "nine doublewords", [look_esp], stack0_top - 36
        equal "CS", [seen_cs], LOW_SEGMENT
        equal "SS", [seen_ss], LOW_SEGMENT
        equal "ESP", [seen_esp], LOW_STACK
        equal "ES", [seen_es], LOW_SEGMENT
        equal "FS", [seen_fs], 5678h
        equal "GS", [seen_gs], 1234h
        mov eax, [seen_eflags]
        and eax, F_VM | F_IOPL3 | F_IF
        equal "the image of the flags", eax, F_VM | F_IOPL3 | F_IF
        equal "DS and ES are null in the handler", [look_data], 0
        equal "FS and GS are null in the handler", [look_more], 0
        mov eax, [look_flags]
        and eax, F_VM | F_IF | F_IOPL3
        equal "the handler's flags", eax, F_IOPL3
        descriptor CONFORMING, 0, 0fffffh, PRESENT | CODE_CONFORMING, BIG | GRANULAR
        descriptor OUTER, 0, 0fffffh, PRESENT | RING1 | CODE_XR, BIG | GRANULAR
        idt_gate 32h, CONFORMING, look, PRESENT | RING3 | T_INT32
        v86_faults "#GP of INT to conforming code", E_GP, CONFORMING, F_IOPL3, int 32h
        idt_gate 32h, OUTER, look, PRESENT | RING3 | T_INT32
        v86_faults "#GP of INT to ring 1", E_GP, OUTER, F_IOPL3, int 32h
        v86_faults "#GP of INT through a gate of ring 0", E_GP, 31h * 8 + 2, F_IOPL3, int 31h

; ---- what IOPL guards
        v86_faults "#GP of INT n with IOPL 0", E_GP, 0, 0, int 30h
        v86_faults "#GP of CLI with IOPL 0", E_GP, 0, 0, cli
        v86_faults "#GP of STI with IOPL 0", E_GP, 0, 0, sti
        v86_faults "#GP of PUSHF with IOPL 0", E_GP, 0, 0, pushf
        v86_faults "#GP of PUSHFD with IOPL 0", E_GP, 0, 0, pushfd
        v86_faults "#GP of POPF with IOPL 0", E_GP, 0, 0, popf
        v86_faults "#GP of POPFD with IOPL 0", E_GP, 0, 0, popfd
        v86_faults "#GP of IRET with IOPL 0", E_GP, 0, 0, iret
        v86_faults "#GP of IRETD with IOPL 0", E_GP, 0, 0, iretd
        or byte [idt + E_BP * 8 + 5], RING3
        attempt
        in_v86
  here  int3
        end_v86
        trapped "INT3 with IOPL 0", E_BP, NONE
        v86_runs "CLI with IOPL 3", F_IOPL3 | F_IF, F_IF, 0, cli
        v86_runs "STI with IOPL 3", F_IOPL3, F_IF, F_IF, sti
        attempt
        in_v86 F_IOPL3 | F_IF
        push word 2                     ; would clear IOPL
        popf
        pushf
        pop ax
        db 0f1h
        end_v86
        raised "POPF with IOPL 3", E_DB, NONE
        and eax, F_IOPL3 | F_IF
        equal "keeps IOPL and takes IF", eax, F_IOPL3
        attempt
        in_v86 F_IOPL3
        push word 0
        push cs
        push word .iret_target
        iret
.iret_target:
        db 0f1h
        end_v86
        raised "IRET within virtual-8086 mode", E_DB, NONE
        equal "IRET took 6 bytes", [seen_esp], LOW_STACK

; ---- what no ring but 0 may do, and what needs protected mode
        v86_faults "#GP of HLT", E_GP, 0, F_IOPL3, hlt
        v86_faults "#GP of LGDT", E_GP, 0, F_IOPL3, lgdt [0]
        v86_faults "#GP of MOV to CR0", E_GP, 0, F_IOPL3, mov cr0, eax
        v86_faults "#GP of LMSW", E_GP, 0, F_IOPL3, lmsw ax
        v86_faults "#GP of CLTS", E_GP, 0, F_IOPL3, clts
        v86_faults "#UD of ARPL", E_UD, NONE, F_IOPL3, arpl ax, bx
        v86_faults "#UD of LAR", E_UD, NONE, F_IOPL3, lar ax, bx
        v86_faults "#UD of VERR", E_UD, NONE, F_IOPL3, verr ax
        v86_faults "#UD of SLDT", E_UD, NONE, F_IOPL3, sldt ax
        v86_faults "#UD of LLDT", E_UD, NONE, F_IOPL3, lldt ax
        v86_faults "#UD of STR", E_UD, NONE, F_IOPL3, str ax
        v86_runs "SMSW runs", 0, 0, 0, smsw ax
        v86_faults "#GP beyond FFFF", E_GP, 0, F_IOPL3, mov eax, [0fffdh]
        v86_faults "#GP of a 32-bit offset", E_GP, 0, F_IOPL3, mov al, [dword 10000h]
        attempt
        in_v86
        mov bp, 0ffffh
  here  mov ax, [bp]
        end_v86
        faulted "#SS beyond FFFF", E_SS, 0
        attempt
        in_v86
        mov esp, 1
  here  push ax
        end_v86
        faulted "#SS of PUSH at SP 1", E_SS, 0
        attempt
        in_v86
  here  jmp dword LOW_SEGMENT:10000h
        end_v86
        faulted "#GP of a far JMP beyond FFFF", E_GP, 0
        attempt
        in_v86
        mov eax, 12345h
  here  jmp eax
        end_v86
        faulted "#GP of a near JMP beyond FFFF", E_GP, 0

; ---- the I/O permission map
        v86_faults "#GP of IN without a map, whatever IOPL", E_GP, 0, F_IOPL3, in al, 61h
        mov word [tss + 102], MAP
        mov edi, tss + MAP
        mov ecx, 8193
        mov al, 0ffh
        rep stosb
        descriptor TSS0, tss, MAP + 8192, PRESENT | T_TSS32, 0
        mov ax, TSS0
        ltr ax
        v86_faults "#GP of IN where the bit is set", E_GP, 0, F_IOPL3, in al, 61h
        mov byte [tss + MAP + 61h / 8], ~2
        v86_runs "IN where it is clear", 0, 0, 0, {in al, 61h}
        v86_faults "#GP of a word of which one bit is set", E_GP, 0, 0, in ax, 61h
        mov byte [tss + MAP + 61h / 8], ~(2 | 4)
        v86_runs "a word with both bits clear", 0, 0, 0, {in ax, 61h}
        v86_faults "#GP of a doubleword with two of four", E_GP, 0, 0, in eax, 61h
        mov byte [tss + MAP + 61h / 8], ~2
        attempt
        in_ring3
        in al, 61h
        int 30h
        returned "the map in ring 3"
        attempt
        in_ring3
  here  out 62h, al
        faulted "#GP of OUT in ring 3 where the bit is set", E_GP, 0
        attempt
        in_ring3
        mov dx, 62h
  here  outsb
        faulted "#GP of OUTS in ring 3 where the bit is set", E_GP, 0
        attempt
        in_ring3 F_IOPL3
        in al, 64h
        int 30h
        returned "IOPL 3 in ring 3 needs no map"
        mov byte [tss + MAP + 67h / 8], 0
        mov byte [tss + MAP + 68h / 8], 0
        attempt
        in_ring3
        in ax, 67h
        int 30h
        returned "a word across two bytes of the map"
        descriptor TSS0, tss, MAP + 67h / 8 + 1, PRESENT | T_TSS32, 0
        mov ax, TSS0
        ltr ax
        attempt
        in_ring3
        in ax, 67h
        int 30h
        returned "the last two bytes of a TSS as a map"
        descriptor TSS0, tss, MAP + 67h / 8, PRESENT | T_TSS32, 0
        mov ax, TSS0
        ltr ax
        attempt
        in_ring3
  here  in ax, 67h
        faulted "#GP of a map that ends with the port's first byte", E_GP, 0
        descriptor TSS0, tss, 103, PRESENT | T_TSS32, 0
        mov ax, TSS0
        ltr ax

; ---- VME
        skip_unless has_vme, .end
        mov eax, cr4
        or eax, 1
        mov cr4, eax
        mov word [tss + 102], MAP + 32   ; 32 bytes of redirection bits below the map
        mov edi, tss + MAP
        mov ecx, 32
        xor eax, eax
        rep stosb
        mov dword [tss + MAP + 32], -1
        descriptor TSS0, tss, MAP + 35, PRESENT | T_TSS32, 0
        mov ax, TSS0
        ltr ax
        mov word [34h * 4], .vector_34
        mov word [34h * 4 + 2], LOW_SEGMENT
        v86_runs "CLI clears VIF", F_VIF | F_IF, F_VIF | F_IF, F_IF, cli
        v86_runs "STI sets VIF", 0, F_VIF | F_IF, F_VIF, sti
        v86_faults "#GP of STI with VIP", E_GP, 0, F_VIP, sti
        v86_runs "CLI with VIP", F_VIP, F_VIF | F_VIP, F_VIP, cli
        attempt
        in_v86 F_VIF
        pushf
        pop ax
        db 0f1h
        end_v86
        raised "PUSHF", E_DB, NONE
        and eax, F_IOPL3 | F_IF
        equal "shows VIF as IF, and IOPL 3", eax, F_IOPL3 | F_IF
        attempt
        in_v86
        push word F_IF
        popf
        db 0f1h
        end_v86
        raised "POPF", E_DB, NONE
        mov eax, [seen_eflags]
        and eax, F_VIF | F_IF | F_IOPL3
        equal "sets VIF alone", eax, F_VIF
        attempt
        in_v86 F_VIP
        push word F_IF
  here  popf
        end_v86
        faulted "#GP of POPF that sets VIF with VIP", E_GP, 0
        attempt
        in_v86
        push word F_TF
  here  popf
        end_v86
        faulted "#GP of POPF that sets TF", E_GP, 0
        v86_faults "#GP of PUSHFD also with VME", E_GP, 0, 0, pushfd
        v86_faults "#GP of POPFD also with VME", E_GP, 0, 0, popfd
        v86_faults "#GP of IRETD also with VME", E_GP, 0, 0, iretd
        attempt
        in_v86 F_VIF | F_IF
        int 34h
        int3
.vector_34:
        pop ax
        pop bx
        pop cx
        db 0f1h
        end_v86
        raised "INT n is redirected", E_DB, NONE
        movzx ebx, bx
        equal "its frame has CS", ebx, LOW_SEGMENT
        and ecx, F_IF | F_IOPL3
        equal "and the flags with VIF as IF", ecx, F_IF | F_IOPL3
        mov eax, [seen_eflags]
        and eax, F_VIF | F_IF
        equal "VIF is clear in the handler, IF is not", eax, F_IF
        attempt
        in_v86 F_IOPL3 | F_IF
        int 34h
        int3
        end_v86
        raised "INT n is redirected with IOPL 3, too", E_DB, NONE
        mov byte [tss + MAP + 34h / 8], 1 << (34h & 7)
        v86_faults "#GP of INT n with its bit set", E_GP, 0, 0, int 34h
        idt_gate 34h, CODE0, look, PRESENT | RING3 | T_INT32
        attempt
        in_v86 F_IOPL3
  here  int 34h
        end_v86
        trapped "with IOPL 3 it goes through the IDT", 32h, NONE
        attempt
        in_v86
        push word F_IF
        push cs
        push word .vme_iret
        iret
.vme_iret:
        db 0f1h
        end_v86
        raised "IRET", E_DB, NONE
        mov eax, [seen_eflags]
        and eax, F_VIF | F_IF | F_IOPL3
        equal "sets VIF", eax, F_VIF

; ---- PVI
        mov eax, cr4
        and eax, ~1
        or eax, 2
        mov cr4, eax
        attempt
        in_ring3 F_VIF | F_IF
        cli
        int 30h
        returned "CLI in ring 3 with PVI"
        mov eax, [seen_eflags]
        and eax, F_VIF | F_IF
        equal "clears VIF", eax, F_IF
        attempt
        in_ring3
        sti
        int 30h
        returned "STI in ring 3 with PVI"
        mov eax, [seen_eflags]
        and eax, F_VIF | F_IF
        equal "sets VIF alone", eax, F_VIF
        attempt
        in_ring3 F_VIP
  here  sti
        faulted "#GP of STI with VIP in ring 3", E_GP, 0
        v86_faults "PVI is nothing to virtual-8086 mode", E_GP, 0, 0, cli
        mov eax, cr4
        and eax, ~3
        mov cr4, eax
.end:
        ret

; A handler that notes what it begins with and goes on as INT 32h's.
look:
        pushfd
        pop dword [ss:look_flags]
        mov [ss:look_esp], esp
        mov [ss:look_data], ds
        mov [ss:look_data + 2], es
        mov [ss:look_more], fs
        mov [ss:look_more + 2], gs
        jmp usual_handler(32h)

        section .bss
look_flags: resd 1
look_esp: resd 1
look_data: resd 1
look_more: resd 1
        section .text
%include "kernel/end.inc"
