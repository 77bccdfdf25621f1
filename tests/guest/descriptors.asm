; LAR, LSL, VERR, VERW and ARPL over every type, LLDT, LTR, SGDT and their kin, SMSW and LMSW, far transfers to plain segments, segment loads
; from the LDT, stacks of 16 bits, SYSENTER and SYSEXIT. SDM volume 2, their pages; volume 3, 5.
%include "kernel/kernel.inc"

PROBE equ SPARE                         ; its type changes
LDT1 equ SPARE + 8
OTHER equ SPARE + 16
ABSENT equ SPARE + 24
CONFORMING equ SPARE + 32
BRIEF equ SPARE + 40
ENTRY equ SPARE + 48                    ; four in a row, for SYSENTER

; Which types (bit n: type n) of system descriptors LAR and LSL take, and of segments VERR and VERW.
%macro sweep 3                          ; name, instruction, bits of the types that must set ZF: S 0 below, S 1 above
        xor ebx, ebx                    ; what was found
        xor ecx, ecx
%%next:
        mov al, cl
        or al, PRESENT
        mov [gdt + PROBE + 5], al
        mov ax, PROBE
        %2
        setz dl
        movzx edx, dl
        shl edx, cl
        or ebx, edx
        inc ecx
        cmp ecx, 32
        jb %%next
        equal %1, ebx, %3
%endmacro

main:
        descriptor PROBE, 12345678h, 0abcdeh, PRESENT, BIG | GRANULAR
        sweep "LAR in ring 0", {lar edi, eax}, 0ffff1a3eh
        sweep "LSL in ring 0", {lsl edi, eax}, 0ffff0a0eh
        sweep "VERR in ring 0", {verr ax}, 0ccff0000h
        sweep "VERW in ring 0", {verw ax}, 000cc0000h

        descriptor PROBE, 12345678h, 0abcdeh, PRESENT | RING1 | DATA_RW, BIG | GRANULAR
        mov ax, PROBE
        mov ebx, -1
        lar ebx, eax
        and ebx, 0fff0ffffh             ; bits 16 to 19 are left open
        equal "LAR's value", ebx, 00c0b200h
        mov ebx, -1
        lar bx, ax
        equal "LAR of 16 bits", ebx, 0ffffb200h
        lsl ebx, eax
        equal "LSL scales", ebx, 0abcdefffh
        mov ebx, 11111111h
        lsl bx, ax
        equal "LSL of 16 bits", ebx, 1111efffh
        descriptor PROBE, 0, 0abcdeh, PRESENT | RING1 | DATA_RW, BIG
        lsl ebx, eax
        equal "LSL in bytes", ebx, 0abcdeh
        and byte [gdt + PROBE + 5], ~PRESENT
        lsl ebx, eax
        holds "LSL of a segment that is not present", z
        mov ebx, 77h
        xor ax, ax
        lar ebx, eax
        holds "LAR of null", nz
        equal "leaves the register", ebx, 77h
        mov ax, 0fff8h
        lsl ebx, eax
        holds "LSL beyond the GDT", nz
        equal "leaves it, too", ebx, 77h
        mov ax, 0ch
        verr ax
        holds "VERR without an LDT", nz
        or byte [gdt + PROBE + 5], PRESENT
        mov ax, PROBE | 2
        lsl ebx, eax
        holds "LSL with an RPL beyond the DPL", nz
        mov ax, PROBE | 1
        verw ax
        holds "VERW with the RPL of the DPL", z
        descriptor CONFORMING, 0, 0fffffh, PRESENT | CODE_CONFORMING, BIG | GRANULAR
        mov ax, CONFORMING | 3
        verr ax
        holds "VERR of conforming code whatever the RPL", z
        attempt
        in_ring3
        mov ecx, 1
        mov eax, DATA0
        lar ebx, eax
        jz .ring3_done
        inc ecx
        mov eax, DATA3
        lar ebx, eax
        jnz .ring3_done
        inc ecx
        mov eax, CONFORMING
        verr ax
        jnz .ring3_done
        inc ecx
        mov eax, CODE0
        verr ax
        jz .ring3_done
        inc ecx
        mov eax, TSS0
        lsl ebx, eax
        jz .ring3_done
        inc ecx
.ring3_done:
        int 30h
        returned "LAR, VERR and LSL in ring 3"
        equal "all five as they must be", ecx, 6

; ---- ARPL
        mov eax, 12345671h
        mov ebx, 3
        arpl ax, bx
        holds "ARPL raises", z
        equal "the RPL", eax, 12345673h
        mov ebx, 1
        arpl ax, bx
        holds "ARPL does not lower", nz
        equal "the RPL stays", eax, 12345673h

; ---- LLDT, LTR
        descriptor LDT1, ldt, 23, PRESENT | T_LDT, 0
        descriptor ABSENT, ldt, 23, T_LDT, 0
        attempt
        mov ax, DATA0
  here  lldt ax
        faulted "#GP of LLDT of data", E_GP, DATA0
        attempt
        mov ax, LDT1 | 4
  here  lldt ax
        faulted "#GP of LLDT into the LDT", E_GP, LDT1 | 4
        attempt
        mov ax, ABSENT
  here  lldt ax
        faulted "#NP of LLDT", E_NP, ABSENT
        attempt
        xor ax, ax
  here  ltr ax
        faulted "#GP of LTR of null", E_GP, 0
        attempt
        mov ax, TSS0
  here  ltr ax
        faulted "#GP of LTR of a busy TSS", E_GP, TSS0
        mov byte [gdt + ABSENT + 5], T_TSS32
        attempt
        mov ax, ABSENT
  here  ltr ax
        faulted "#NP of LTR", E_NP, ABSENT
        attempt
        mov ax, DATA0
  here  ltr ax
        faulted "#GP of LTR of data", E_GP, DATA0
        mov ax, LDT1
        lldt ax
        mov dword [ldt + 8], 0000ffffh
        mov dword [ldt + 12], 00cf9200h
        mov dword [ldt + 16], 0000ffffh
        mov dword [ldt + 20], 00cf9a00h
        attempt
        mov ax, 0ch
        mov fs, ax
        mov eax, [fs:ldt + 12]
        int 30h
        returned "a segment of the LDT"
        and eax, 0ff00h
        equal "is marked accessed", eax, 9300h
        attempt
        mov ax, 1ch
  here  mov fs, ax
        faulted "#GP beyond the LDT", E_GP, 1ch
        attempt
        jmp 14h:.in_ldt
.in_ldt:
        mov ax, cs
        movzx eax, ax
        int 30h
        returned "code of the LDT"
        equal "its CS", eax, 14h
        xor ax, ax
        lldt ax
        mov ebx, -1
        sldt ebx
        movzx ebx, bx
        equal "SLDT", ebx, 0
        mov dword [words], -1
        str [words]
        equal "STR into memory writes two bytes", [words], 0ffff0000h | TSS0

; ---- SGDT, SIDT, LGDT of 16 bits
        sgdt [words]
        mov eax, [words + 2]
        equal "SGDT", eax, gdt
        sidt [words]
        movzx eax, word [words]
        equal "SIDT's limit", eax, vectors * 8 - 1
        mov word [words], 0ffffh
        mov dword [words + 2], 0ff000000h + gdt
        o16 lgdt [words]
        sgdt [words]
        equal "LGDT of 16 bits takes 24 bits", [words + 2], gdt
        lgdt [gdt_pointer]
        attempt
  here  db 0fh, 01h, 0d0h | 10h | 7
        raised "LGDT of a register is no instruction", E_UD, NONE

; ---- SMSW, LMSW
        smsw eax
        and eax, 0fh
        mov ebx, eax
        or eax, 0eh
        lmsw ax
        mov ecx, cr0
        and ecx, 0fh
        equal "LMSW sets MP, EM and TS", ecx, 0fh
        xor eax, eax
        lmsw ax
        mov ecx, cr0
        and ecx, 0fh
        equal "LMSW clears all but PE", ecx, 1
        mov eax, ebx
        lmsw ax

; ---- far transfers
        descriptor OTHER, 0, 0fffffh, PRESENT | CODE_XR, BIG | GRANULAR
        descriptor BRIEF, 0, 0fffh, PRESENT | CODE_XR, BIG
        descriptor ABSENT, 0, 0fffffh, CODE_XR, BIG | GRANULAR
        attempt
  here  jmp 0:1234h
        faulted "#GP of JMP to null", E_GP, 0
        attempt
  here  jmp 3:1234h
        faulted "#GP of JMP to null with an RPL", E_GP, 0
        attempt
  here  call DATA0:main
        faulted "#GP of CALL to data", E_GP, DATA0
        attempt
  here  jmp 0fff8h:main
        faulted "#GP of JMP beyond the GDT", E_GP, 0fff8h
        attempt
  here  jmp CODE3:main
        faulted "#GP of JMP to an outer ring", E_GP, CODE3 & ~3
        attempt
  here  call OTHER | 1:main
        faulted "#GP of CALL with an RPL beyond CPL", E_GP, OTHER
        attempt
  here  jmp ABSENT:main
        faulted "#NP of JMP", E_NP, ABSENT
        attempt
  here  jmp BRIEF:main
        faulted "#GP of JMP beyond the limit", E_GP, 0
        attempt
  here  call LDT1:main
        faulted "#GP of CALL to an LDT", E_GP, LDT1
        attempt
        jmp OTHER:.other
.other: mov ax, cs
        int 30h
        returned "JMP to other code"
        movzx eax, ax
        equal "CS of JMP", eax, OTHER
        attempt
        call OTHER:.called
.called:
        int 30h
        raised "CALL to other code", 30h, NONE
        mov eax, [recover_esp]
        sub eax, 8
        equal "CALL pushed 8 bytes", [seen_esp], eax
        attempt
        in_ring3
        jmp CONFORMING:.conforming
.conforming:
        mov ax, cs
        int 30h
        returned "JMP to conforming code"
        movzx eax, ax
        equal "has the ring of the caller in CS", eax, CONFORMING | 3
        attempt
        in_ring3
  here  jmp CODE0:main
        faulted "#GP of JMP to an inner ring", E_GP, CODE0
        attempt
        in_ring3
        push dword CODE0
        push dword main
  here  retf
        faulted "#GP of RETF to an inner ring", E_GP, CODE0
        attempt
        push dword 0
        push dword main
  here  retf
        faulted "#GP of RETF to null", E_GP, 0
        attempt
        push dword DATA0
        push dword main
  here  retf
        faulted "#GP of RETF to data", E_GP, DATA0
        attempt
        push dword ABSENT
        push dword main
  here  retf
        faulted "#NP of RETF", E_NP, ABSENT
        attempt
        push dword DATA0
        push dword user_stack_top
        push dword CODE3
        push dword main
  here  retf
        faulted "#GP of RETF to ring 3 with ring 0's stack", E_GP, DATA0
        attempt
        push dword 0
        push dword user_stack_top
        push dword CODE3
        push dword main
  here  retf
        faulted "#GP of RETF to ring 3 with a null stack", E_GP, 0
        attempt
        push dword 2
        push dword CODE3 & ~3
        push dword main
  here  iretd
        faulted "#GP of IRET to code of another ring", E_GP, CODE3 & ~3
        attempt
        mov ax, DATA0
        mov fs, ax
        mov ax, CONFORMING
        mov gs, ax
        push dword DATA3
        push dword user_stack_top
        push dword CODE3
        push dword .outer
        retf
.outer: mov ax, fs
        shl eax, 16
        mov ax, gs
        int 30h
        returned "RETF to ring 3"
        equal "ring 0's data becomes null, conforming code stays", eax, CONFORMING

; ---- a stack of 16 bits
        attempt
        mov ax, DATA16
        mov ss, ax
        mov esp, 12340004h
        push eax
        push eax
        mov ebx, esp
        mov ax, DATA0
        mov ss, ax
        mov esp, [recover_esp]
        int 30h
        returned "PUSH wraps at SP 0"
        equal "and leaves the upper half of ESP", ebx, 1234fffch

; ---- SYSENTER, SYSEXIT
        skip_unless has_sep, .no_sep
        mov ecx, 174h
        xor edx, edx
        xor eax, eax
        wrmsr
        attempt
  here  sysenter
        faulted "#GP of SYSENTER without a CS", E_GP, 0
        attempt
  here  sysexit
        faulted "#GP of SYSEXIT without a CS", E_GP, 0
        descriptor ENTRY, 0, 0fffffh, PRESENT | CODE_XR, BIG | GRANULAR
        descriptor ENTRY + 8, 0, 0fffffh, PRESENT | DATA_RW, BIG | GRANULAR
        descriptor ENTRY + 16, 0, 0fffffh, PRESENT | RING3 | CODE_XR, BIG | GRANULAR
        descriptor ENTRY + 24, 0, 0fffffh, PRESENT | RING3 | DATA_RW, BIG | GRANULAR
        mov eax, ENTRY
        wrmsr
        inc ecx
        mov eax, stack0_top
        wrmsr
        inc ecx
        mov eax, .entered
        wrmsr
        attempt
        in_ring3 F_IF
  here  sysexit
        faulted "#GP of SYSEXIT in ring 3", E_GP, 0
        attempt
        in_ring3 F_IF
        sysenter
.entered:
        pushfd
        int 30h
        raised "SYSENTER", 30h, NONE
        equal "its CS", [seen_cs], ENTRY
        equal "its SS", [seen_ss], ENTRY + 8
        equal "its ESP", [seen_esp], stack0_top - 4
        mov eax, [stack0_top - 4]
        and eax, F_IF
        equal "IF is clear", eax, 0
        attempt
        mov ecx, user_stack_top
        mov edx, .left
        sysexit
.left:  int 30h
        raised "SYSEXIT", 30h, NONE
        equal "to CS", [seen_cs], ENTRY + 16 | 3
        equal "to SS", [seen_ss], ENTRY + 24 | 3
        equal "to ESP", [seen_esp], user_stack_top
.no_sep:
        ret

        section .bss
        align_memory 8
ldt:    resb 24
words:  resb 8
        section .text
%include "kernel/end.inc"
