; Each exception with its error code and the address that it leaves: SDM volume 3, 6.15.
%include "kernel/kernel.inc"

main:
; ---- #DE
        attempt
        xor edx, edx
        mov eax, 1
        xor ecx, ecx
  here  div ecx
        faulted "#DE of DIV by zero", E_DE, NONE
        equal "#DE leaves EAX", eax, 1
        attempt
        mov eax, 1000h
        mov bl, 1
  here  div bl
        faulted "#DE of a quotient too large", E_DE, NONE
        attempt
        mov edx, -2
        xor eax, eax
        mov ecx, 2
  here  idiv ecx
        faulted "#DE of IDIV", E_DE, NONE
        attempt
        mov al, 5
  here  aam 0
        faulted "#DE of AAM 0", E_DE, NONE
        test dword [seen_eflags], F_RF
        holds "a fault's image has RF", nz

; ---- #BP #OF and INT n
        attempt
  here  int3
        trapped "#BP of INT3", E_BP, NONE
        test dword [seen_eflags], F_RF
        holds "a trap's image has no RF", z
        attempt
  here  int 3
        trapped "INT 3 of two bytes", E_BP, NONE
        attempt
        mov al, 7fh
        add al, 1
  here  into
        trapped "#OF of INTO", E_OF, NONE
        attempt
        xor eax, eax
        into
        int 30h
        returned "INTO without overflow goes on"
        attempt
  here  int 31h
        trapped "INT n", 31h, NONE
        attempt
  here  db 0f1h
        trapped "ICEBP", E_DB, NONE

; ---- #BR
        attempt
        mov eax, 5
  here  bound eax, [bounds]
        raised "BOUND inside", NOTHING, NONE
        attempt
        mov eax, 11
  here  bound eax, [bounds]
        faulted "#BR above", E_BR, NONE
        attempt
        mov ax, -12
  here  bound ax, [bounds16]
        faulted "#BR below", E_BR, NONE

; ---- #UD
        attempt
  here  ud2
        faulted "#UD of UD2", E_UD, NONE
        attempt
  here  db 0fh, 0ffh, 0c0h
        faulted "#UD of UD0", E_UD, NONE
        attempt
  here  db 0f0h, 89h, 0c0h
        faulted "#UD of LOCK MOV", E_UD, NONE
        attempt
  here  db 0f0h, 01h, 0c0h
        faulted "#UD of LOCK ADD on a register", E_UD, NONE
        attempt
  here  db 8eh, 0c8h
        faulted "#UD of MOV to CS", E_UD, NONE
        attempt
  here  db 8dh, 0c0h
        faulted "#UD of LEA of a register", E_UD, NONE
        attempt
  here  db 0c4h, 0c0h
        faulted "#UD of LES of a register", E_UD, NONE
        attempt
  here  db 0feh, 0f8h
        faulted "#UD of FE /7", E_UD, NONE
        attempt
  here  db 0fh, 20h, 0c8h
        faulted "#UD of MOV from CR1", E_UD, NONE
        attempt
  here  db 8ch, 0f0h
        faulted "#UD of MOV from a sixth segment", E_UD, NONE
        attempt
  here  db 0ffh, 0e8h
        faulted "#UD of far JMP through a register", E_UD, NONE
        attempt
  here  db 8fh, 0c8h
        faulted "#UD of 8F /1", E_UD, NONE
        attempt
  here  db 0c6h, 0c8h, 0
        faulted "#UD of C6 /1", E_UD, NONE
        attempt
  here  db 0fh, 0bah, 0d8h, 1
        faulted "#UD of 0FBA /3", E_UD, NONE

; ---- #GP
        attempt
  here  db 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 90h
        faulted "#GP of 16 bytes", E_GP, 0
        attempt
        db 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 66h, 90h
        int 30h
        returned "15 bytes run"
        descriptor SPARE, 0, 0fffh, PRESENT | DATA_R, BIG
        descriptor SPARE + 8, 0, 0fffh, PRESENT | DATA_DOWN, BIG
        descriptor SPARE + 16, 0, 0, PRESENT | CODE_X, BIG | GRANULAR
        descriptor SPARE + 24, 0, 0ffffh, PRESENT | DATA_DOWN, 0
        descriptor SPARE + 32, 0, 0fffffh, DATA_RW, GRANULAR
        mov ax, SPARE
        mov fs, ax
        attempt
  here  mov byte [fs:0], 1
        faulted "#GP of a store into a read-only segment", E_GP, 0
        attempt
        mov ax, SPARE
        mov fs, ax
  here  mov eax, [fs:0ffdh]
        faulted "#GP beyond the limit", E_GP, 0
        attempt
        mov ax, SPARE
        mov fs, ax
        mov eax, [fs:0ffch]
        int 30h
        returned "the last doubleword of a segment"
        attempt
        mov ax, SPARE + 8
        mov fs, ax
  here  mov al, [fs:0fffh]
        faulted "#GP at the limit of an expand-down segment", E_GP, 0
        attempt
        mov ax, SPARE + 8
        mov fs, ax
        mov al, [fs:1000h]
        mov al, [fs:100000h]
        int 30h
        returned "above the limit of an expand-down segment"
        attempt
        mov ax, SPARE + 8
        mov fs, ax
  here  mov eax, [fs:0fffffffeh]
        faulted "#GP of a doubleword across 4 GiB", E_GP, 0
        attempt
        mov ax, SPARE + 24
        mov fs, ax
  here  mov al, [fs:10000h]
        faulted "#GP of all offsets: expand-down, 16 bits, limit FFFF", E_GP, 0
        attempt
        mov ax, SPARE + 16
        mov fs, ax
  here  mov al, [fs:0]
        raised "#GP of loading an execute-only segment", E_GP, SPARE + 16
        attempt
  here  mov byte [cs:bounds], 0
        faulted "#GP of a store through CS", E_GP, 0
        attempt
        mov ax, 1
        mov fs, ax
  here  mov al, [fs:0]
        faulted "#GP of the null segment", E_GP, 0
        attempt
        mov ax, SPARE + 32
  here  mov gs, ax
        faulted "#NP of a data segment", E_NP, SPARE + 32
        attempt
        mov ax, SPARE + 32
  here  mov ss, ax
        faulted "#SS of a stack segment that is not present", E_SS, SPARE + 32
        attempt
        mov ax, 0fff8h
  here  mov es, ax
        faulted "#GP of a selector beyond the GDT", E_GP, 0fff8h
        attempt
        mov ax, 0ch
  here  mov ds, ax
        faulted "#GP of the LDT where there is none", E_GP, 0ch
        attempt
        mov ax, TSS0
  here  mov es, ax
        faulted "#GP of a TSS in ES", E_GP, TSS0
        attempt
        xor ax, ax
  here  mov ss, ax
        faulted "#GP of the null SS", E_GP, 0
        attempt
        mov ax, DATA3
  here  mov ss, ax
        faulted "#GP of an SS of another ring", E_GP, DATA3 & ~3
        attempt
        mov ax, SPARE
  here  mov ss, ax
        faulted "#GP of a read-only SS", E_GP, SPARE
        attempt
        mov ax, CODE0
  here  mov ss, ax
        faulted "#GP of code in SS", E_GP, CODE0
        attempt
        mov eax, cr0
        or eax, 80000000h
        and eax, ~1
  here  mov cr0, eax
        faulted "#GP of paging without protection", E_GP, 0

; ---- in ring 3
        attempt
        in_ring3
  here  hlt
        faulted "#GP of HLT in ring 3", E_GP, 0
        equal "ring 3's CS", [seen_cs], CODE3
        equal "ring 3's SS", [seen_ss], DATA3
        equal "ring 3's ESP", [seen_esp], user_stack_top
        attempt
        in_ring3
  here  cli
        faulted "#GP of CLI in ring 3", E_GP, 0
        attempt
        in_ring3
  here  sti
        faulted "#GP of STI in ring 3", E_GP, 0
        attempt
        in_ring3
  here  in al, 80h
        faulted "#GP of IN in ring 3", E_GP, 0
        attempt
        in_ring3 F_IOPL3
        in al, 61h
        cli
        int 30h
        returned "IN and CLI with IOPL 3"
        attempt
        in_ring3
  here  mov eax, cr0
        faulted "#GP of MOV from CR0 in ring 3", E_GP, 0
        attempt
        in_ring3
  here  mov dr0, eax
        faulted "#GP of MOV to DR0 in ring 3", E_GP, 0
        attempt
        in_ring3
  here  lgdt [gdt_pointer]
        faulted "#GP of LGDT in ring 3", E_GP, 0
        attempt
        in_ring3
  here  ltr ax
        faulted "#GP of LTR in ring 3", E_GP, 0
        attempt
        in_ring3
  here  lldt ax
        faulted "#GP of LLDT in ring 3", E_GP, 0
        attempt
        in_ring3
  here  lmsw ax
        faulted "#GP of LMSW in ring 3", E_GP, 0
        attempt
        in_ring3
  here  clts
        faulted "#GP of CLTS in ring 3", E_GP, 0
        attempt
        in_ring3
  here  int 31h
        faulted "#GP of INT through a gate of ring 0", E_GP, 31h * 8 + 2
        attempt
        in_ring3
  here  int3
        faulted "#GP of INT3 through a gate of ring 0", E_GP, E_BP * 8 + 2
        attempt
        in_ring3
  here  db 0f1h
        trapped "ICEBP needs no right", E_DB, NONE
        attempt
        in_ring3
        mov ax, DATA0
  here  mov ds, ax
        faulted "#GP of ring 0's data in ring 3", E_GP, DATA0
        attempt
        in_ring3
        mov ax, DATA3 & ~3
  here  mov ss, ax
        faulted "#GP of SS with another RPL", E_GP, DATA3 & ~3
        attempt
        in_ring3
        pushfd
        or dword [esp], F_IOPL3 | F_IF
        popfd
        int 30h
        returned "POPFD in ring 3"
        mov eax, [seen_eflags]
        and eax, F_IOPL3 | F_IF
        equal "POPFD in ring 3 keeps IOPL and IF", eax, 0

; ---- #SS
        descriptor SPARE, 0, 1ffh, PRESENT | DATA_RW, BIG | GRANULAR
        attempt
        mov ax, SPARE
        mov ss, ax
        mov ebp, 1fffffh
  here  mov ax, [ebp]
        faulted "#SS beyond the limit", E_SS, 0
        attempt
        mov ax, SPARE
        mov ss, ax
        mov ebp, 200000h
        mov al, [ds:ebp]
  here  mov al, [ebp]
        faulted "#SS by the base register EBP", E_SS, 0
        attempt
        mov ax, DATA0
        mov fs, ax
        in_ring3
  here  mov al, [fs:0]
        faulted "a segment of ring 0 becomes null on the way out", E_GP, 0
        attempt
        mov ax, SPARE | 3
  here  mov es, ax
        faulted "#GP of an RPL beyond the DPL", E_GP, SPARE

; ---- #NP of gates
        idt_gate 32h, CODE0, usual_handler(32h), T_INT32
        attempt
  here  int 32h
        faulted "#NP of a gate", E_NP, 32h * 8 + 2
        idt_gate 32h, CODE0, usual_handler(32h), PRESENT | 12
        attempt
  here  int 32h
        faulted "#GP of a call gate in the IDT", E_GP, 32h * 8 + 2
        attempt
  here  int 0f0h
        faulted "#GP of a vector beyond the IDT", E_GP, 0f0h * 8 + 2
        idt_gate E_UD, CODE0, usual_handler(E_UD), T_INT32
        attempt
  here  ud2
        faulted "#NP of an exception's gate has EXT", E_NP, E_UD * 8 + 3
        usual_gate E_UD
        idt_gate 32h, DATA0, usual_handler(32h), PRESENT | T_INT32
        attempt
  here  int 32h
        faulted "#GP of a gate to data", E_GP, DATA0
        idt_gate 32h, 0, usual_handler(32h), PRESENT | T_INT32
        attempt
  here  int 32h
        faulted "#GP of a gate to nowhere", E_GP, 0
        idt_gate 32h, 0fff8h, usual_handler(32h), PRESENT | T_INT32
        attempt
  here  int 32h
        faulted "#GP of a gate beyond the GDT", E_GP, 0fff8h
        descriptor SPARE, 0, 0fffffh, CODE_XR, BIG | GRANULAR
        idt_gate 32h, SPARE, usual_handler(32h), PRESENT | T_INT32
        attempt
  here  int 32h
        faulted "#NP of a gate's code", E_NP, SPARE
        descriptor SPARE, 0, 0fffh, PRESENT | CODE_XR, BIG
        attempt
  here  int 32h
        faulted "#GP of a gate beyond its code's limit", E_GP, 0

; ---- #NM and #MF are x87.asm's, #AC:
        skip_unless is_486, .no_ac
        mov eax, cr0
        or eax, 1 << 18
        mov cr0, eax
        attempt
        in_ring3 F_AC
  here  mov eax, [bounds + 1]
        faulted "#AC of a misaligned doubleword", E_AC, 0
        attempt
        in_ring3 F_AC
  here  push dword [bounds + 2]
        faulted "#AC of a misaligned source", E_AC, 0
        attempt
        in_ring3 F_AC
        mov al, [bounds + 1]
        mov ax, [bounds + 2]
        mov eax, [bounds + 4]
        int 30h
        returned "aligned accesses"
        attempt
        in_ring3 F_AC
        inc esp
  here  push eax
        faulted "#AC of a misaligned stack", E_AC, 0
        attempt
        in_ring3
        mov eax, [bounds + 1]
        int 30h
        returned "no #AC without AC"
        push dword F_AC | 2
        popfd
        attempt
        mov eax, [bounds + 1]
        int 30h
        returned "no #AC in ring 0"
        push dword 2
        popfd
        mov eax, cr0
        and eax, ~(1 << 18)
        mov cr0, eax
.no_ac:

; ---- no fault where none is due
        attempt
        mov eax, esp
        sub esp, 4
        mov [esp], eax
        pop eax
        equal "POP EAX", eax, [recover_esp]
        int 30h
        returned "the end"
        ret

        section .data
        align 8
bounds: dd 1, 10, 0
bounds16: dw -10, 10
%include "kernel/end.inc"
